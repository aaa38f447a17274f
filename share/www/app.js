// Which page is shown, what is heard, and how old what is shown may be.
import { by, onWidth } from "./dom.js";
import { ask, listen } from "./server.js";
import { age, when } from "./text.js";
import * as today from "./today.js";
import * as customer from "./customer.js";
import * as effect from "./effect.js";
import * as system from "./system.js";
import "./keys.js";
import "./theme.js";

const STALE = 20000; // ms without a word
const EVERY = 5000; // ms after which all is asked again, whatever was heard
const SOON = 700; // ms in which frames are gathered
const PAGES = { "": today, customer, effect, system };
const main = by("main");
let connection = "connecting";
let heard = 0; // when the server last said something, or answered
let fault = null; // why what is shown could not be asked again
let health = null;
let page = null;
let id = null;
let turn = 0;
let busy = false;
let missed = false; // something came while a refresh was under way

// Shows what has changed; a page that was left meanwhile is let be.
async function refresh() {
	if (busy) {
		missed = true;
		return;
	}
	busy = true;
	missed = false;
	const mine = turn;
	try {
		await page.refresh(main, id, () => mine === turn);
		heard = Date.now();
		fault = null;
	} catch (why) {
		fault = why.status ? why.message : "The server cannot be reached.";
	}
	busy = false;
	tellState();
	if (missed || mine !== turn) await refresh();
}

async function route() {
	turn++;
	const path = location.hash.replace(/^#\/?/, "").split("/");
	page = PAGES[path[0]] || today;
	try {
		id = decodeURIComponent(path[1] || "");
	} catch {
		id = path[1];
	}
	for (const link of document.querySelectorAll("[data-page]")) {
		if (link.dataset.page === (page === customer || page === today ? "today" : path[0])) link.setAttribute("aria-current", "page");
		else link.removeAttribute("aria-current");
	}
	page.show(main, id);
	await refresh();
}

// Sources that cannot be read, or brokers that are away, make all figures old, however well the server is.
function unread() {
	const failed = (health?.sources || []).filter((source) => source.state === "failed");
	const away = failed.length ? `${failed.map((source) => source.name).join(", ")} cannot be read` : health?.kafka && health.kafka.state !== "reachable" ? "Kafka is away" : null;
	return away && `${away}: these figures are of ${when(health.event_time)}.`;
}

function tellState() {
	const lost = connection === "lost";
	const old = heard ? Date.now() - heard : 0;
	by("state").textContent = lost ? "Offline" : connection === "live" ? "Live" : "Opening";
	by("state").className = `state ${lost ? "lost" : connection}`;
	const why = lost ? "The server cannot be reached." : old > STALE ? "The server does not answer." : fault;
	const words = why ? `${heard ? `These figures are ${age(old)} old. ` : ""}${why} Trying again by itself.` : unread();
	document.body.classList.toggle("is-stale", words !== null);
	by("stale").hidden = words === null;
	if (words !== null && by("stale").textContent !== words) by("stale").textContent = words;
}

let due = null;
function soon() {
	due ||= setTimeout(() => {
		due = null;
		if (connection === "live") refresh();
	}, SOON);
}

function hear(frame) {
	heard = Date.now();
	if (frame.type === "hello" || frame.type === "stats") today.tellStats(frame);
	if (frame.type === "alert") today.alert(frame);
	if (frame.type === "hello" || !page.concerns || page.concerns(frame, id)) soon();
}

function changed(state) {
	connection = state;
	if (state === "live") soon();
	tellState();
}

async function again() {
	if (connection !== "live" || document.hidden) return;
	try {
		health = await ask("/health");
	} catch { /* refresh tells */ }
	await refresh();
}

addEventListener("hashchange", () => {
	scrollTo(0, 0);
	route().then(() => document.activeElement === document.body && main.focus({ preventScroll: true }));
});
document.addEventListener("visibilitychange", again);
onWidth(refresh);
document.querySelector(".skip").addEventListener("click", (event) => {
	event.preventDefault();
	main.focus();
});
route();
listen(hear, changed);
setInterval(tellState, 1000);
setInterval(again, EVERY);
