// Which page is shown, what is heard, and the keyboard.
import { by } from "./dom.js";
import { ask, listen } from "./server.js";
import { age } from "./text.js";
import * as today from "./today.js";
import { show as showCustomer } from "./customer.js";
import { effect, system } from "./other.js";

const STALE = 20000;
const main = by("main");
let turn = 0;
let connection = "connecting";
let heard = 0; // when the server last said something, or answered

async function route() {
	const mine = ++turn;
	const valid = () => mine === turn;
	const path = location.hash.replace(/^#\/?/, "");
	const [page, id] = path.split("/");
	for (const link of document.querySelectorAll("[data-page]")) {
		if (link.dataset.page === (page === "customer" || !page ? "today" : page)) link.setAttribute("aria-current", "page");
		else link.removeAttribute("aria-current");
	}
	try {
		if (page === "customer") await showCustomer(main, decodeURIComponent(id), valid);
		else if (page === "effect") await effect(main, valid);
		else if (page === "system") await system(main, valid);
		else await today.show(main);
		heard = Date.now();
	} catch {
		tellState();
	}
}

function tellState() {
	const lost = connection === "lost";
	const old = heard ? Date.now() - heard : 0;
	by("state").textContent = lost ? "Not connected" : connection === "live" ? "Live" : "Connecting";
	by("state").className = `state ${lost ? "lost" : connection}`;
	const stale = lost || old > STALE;
	document.body.classList.toggle("is-stale", stale);
	by("stale").hidden = !stale;
	if (stale) by("stale").textContent = heard ? `These figures are ${age(old)} old: the server cannot be reached. Trying again by itself.` : "The server cannot be reached. Trying again by itself.";
}

let due = null;
function soon() {
	due ||= setTimeout(async () => {
		due = null;
		try {
			await today.refresh();
		} catch { /* the socket tells that the server has gone */ }
	}, 250);
}

function hear(frame) {
	heard = Date.now();
	if (frame.type === "hello" || frame.type === "stats") today.tellStats(frame);
	if (frame.type === "alert") today.alert(frame);
	if (["alert", "prediction", "intervention", "stats"].includes(frame.type)) soon();
}

function changed(state) {
	const back = state === "live" && connection === "lost";
	connection = state;
	if (state === "live") heard = Date.now();
	tellState();
	if (back) route();
}

// The server may have nothing to say for long: a short question shows that it is there.
async function alive() {
	if (connection === "live" && Date.now() - heard > 5000) {
		try {
			await ask("/health");
			heard = Date.now();
		} catch { /* told by its age */ }
	}
	tellState();
}

function move(step) {
	const rows = [...document.querySelectorAll(".customer")];
	const at = rows.indexOf(document.activeElement);
	rows[Math.min(rows.length - 1, Math.max(0, at + step))]?.focus();
}

document.addEventListener("keydown", (event) => {
	if (event.ctrlKey || event.metaKey || event.altKey || by("token").open) return;
	const typing = event.target.matches("input, textarea, select");
	if (event.key === "Escape") {
		if (typing) event.target.blur();
		else if (location.hash.startsWith("#/customer/")) location.hash = "#/";
	} else if (!typing && event.key === "/") {
		event.preventDefault();
		by("search")?.focus();
	} else if ((!typing || event.target.id === "search") && (event.key === "ArrowDown" || event.key === "ArrowUp") && by("watch")) {
		event.preventDefault();
		move(event.key === "ArrowDown" ? 1 : -1);
	} else if (!typing && (event.key === "j" || event.key === "k")) move(event.key === "j" ? 1 : -1);
});

function theme(dark) {
	document.documentElement.dataset.theme = dark ? "dark" : "light";
	by("theme").textContent = dark ? "Light" : "Dark";
}
const kept = localStorage.getItem("dq-theme");
const system_dark = matchMedia("(prefers-color-scheme: dark)");
theme(kept ? kept === "dark" : system_dark.matches);
system_dark.addEventListener("change", (event) => localStorage.getItem("dq-theme") || theme(event.matches));
by("theme").addEventListener("click", () => {
	const dark = document.documentElement.dataset.theme !== "dark";
	localStorage.setItem("dq-theme", dark ? "dark" : "light");
	theme(dark);
});

document.querySelector(".skip").addEventListener("click", (event) => {
	event.preventDefault();
	main.focus();
});
addEventListener("hashchange", () => {
	route().then(() => main.focus({ preventScroll: true }));
	scrollTo(0, 0);
});
route();
listen(hear, changed);
setInterval(alive, 1000);
