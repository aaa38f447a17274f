// Who needs a call today, and why.
import { by, card, h, parts, put } from "./dom.js";
import { ask } from "./server.js";
import { histogram, levels } from "./charts.js";
import { concreteFirst, count, LEVELS, LEVEL_SIGNS, LEVEL_WORDS, points, reasonWords, share, verdict, when } from "./text.js";

const SHOWN = 100;
const MOST = 1000; // that the server lists at once
const URGENT = 200; // that are looked at for calls and reviews, whatever the filters hide
const GROUPS = [["call", "Call now"], ["soon", "Call later"], ["review", "Your review"]];
const filter = { levels: new Set(["CRITICAL", "HIGH", "MEDIUM"]), search: "", decision: "" };
let listed = { count: 0, customers: [] };
let urgent = [];
let cut = false; // there are more than were looked at
let shown = SHOWN;
const alerts = [];
let stats = null;
let question = 0; // the latest for the list

export const now = () => stats?.last_updated;
export const bounds = () => stats?.levels;

export const badge = (level) => h("span", { class: `level ${level}` }, h("span", { "aria-hidden": "true" }, LEVEL_SIGNS[level]), ` ${LEVEL_WORDS[level]}`);
export function verdictOf(decision, at) {
	const v = verdict(decision, at);
	return h("span", { class: `verdict ${v.kind}` }, h("b", {}, v.text), v.more && h("span", { class: "note" }, v.more));
}

function why(c) {
	const [first, ...more] = concreteFirst(c.reasons?.length ? c.reasons : [c.top_reason]);
	return h("span", { class: "why" }, reasonWords(first), more.length > 0 && h("span", { class: "note" }, more.map((reason) => reasonWords(reason)).join(" · ")), c.assigned_to && h("span", { class: "note" }, `with ${c.assigned_to}`));
}

function row(c) {
	const change = c.change_7d;
	return h("li", {}, h("a", { class: `customer edge-${c.risk_level}`, href: `#/customer/${encodeURIComponent(c.customer_id)}`, "data-id": c.customer_id },
		h("span", { class: "who" }, h("b", {}, c.customer_id), badge(c.risk_level)),
		why(c),
		verdictOf(c, now()),
		h("span", { class: "score num" }, h("b", {}, share(c.risk_score)),
			h("span", { class: "note" }, !Number.isFinite(change) || Math.abs(change) < 0.0005 ? "unchanged" : `${change > 0 ? "▲" : "▼"} ${points(change)} in 7 days`))));
}

function headline() {
	const n = (kind) => urgent.filter((c) => verdict(c, now()).kind === kind).length;
	const calls = n("call"), soon = n("soon"), reviews = n("review");
	const high = (stats?.critical_risk_count || 0) + (stats?.high_risk_count || 0);
	const people = (k, one, many) => `${count(k)} ${k === 1 ? one : many}`;
	const first = calls ? people(calls, "customer needs a call now", "customers need a call now")
		: soon ? people(soon, "customer needs a call today", "customers need a call today")
		: reviews ? people(reviews, "customer waits for your review", "customers wait for your review")
		: "Nobody needs a call now";
	put(by("headline"), h("h1", {}, cut && (calls || soon || reviews) ? `At least ${first}` : first), h("p", { class: "sub" },
		[calls && soon && `${people(soon, "more call", "more calls")} later`, reviews && (calls || soon) && `${count(reviews)} to review`,
			`${people(high, "customer", "customers")} at high or critical risk`, stats && `${people(stats.alerts_today, "new alert", "new alerts")} today`,
			now() && `as of ${when(now())}`].filter(Boolean).join(" · ")));
}

function groups(customers) {
	const all = GROUPS.map(([kind, title]) => [title, customers.filter((c) => verdict(c, now()).kind === kind)]);
	all.push(["Watch, highest score first", customers.filter((c) => !GROUPS.some(([kind]) => kind === verdict(c, now()).kind))]);
	return all.filter(([, some]) => some.length).map(([title, some]) => [h("h3", {}, title, h("span", { class: "note num" }, count(some.length))), h("ol", { "aria-label": title }, some.map(row))]);
}

function showList() {
	const found = listed.customers.filter((c) => !filter.decision || verdict(c, now()).kind === filter.decision);
	put(by("watch"), found.length ? groups(found) : h("p", { class: "empty" }, "Nobody matches. Take a filter away to see more."));
	by("found").textContent = filter.decision || listed.customers.length < listed.count ? `${count(found.length)} shown of ${count(listed.count)}` : `${count(listed.count)} in all`;
	by("more").hidden = listed.customers.length >= Math.min(listed.count, MOST);
	headline();
}

function list() {
	const query = new URLSearchParams({ limit: Math.min(shown, MOST), level: [...filter.levels].join(",") });
	if (filter.search) query.set("search", filter.search);
	return ask(`/high_risk_customers?${query}`);
}

export async function refresh(place, id, valid) {
	const mine = ++question;
	const [fresh, found, high] = await Promise.all([ask("/stats"), list(), ask(`/high_risk_customers?limit=${URGENT}&level=CRITICAL,HIGH,MEDIUM`)]);
	if (!valid()) return;
	if (mine === question) listed = found;
	urgent = high.customers;
	cut = high.count > high.customers.length;
	tellStats(fresh);
	showList();
}

export function tellStats(fresh) {
	stats = fresh;
	if (!by("levels")) return;
	put(by("levels"), levels(stats));
	put(by("histogram"), histogram(stats.histogram, stats.levels));
	put(by("scored"), `${count(stats.total_customers)} customers`);
	headline();
}

function showAlerts() {
	put(by("alerts"), alerts.length ? alerts.map((a) => h("li", {}, h("a", { href: `#/customer/${encodeURIComponent(a.customer_id)}` },
		badge(a.risk_level), h("b", {}, a.customer_id), h("span", { class: "num" }, share(a.risk_score)), h("time", { class: "note", datetime: a.event_time }, when(a.event_time))))) :
		h("li", { class: "empty" }, "None since this page was opened."));
}
export function alert(frame) {
	alerts.unshift(frame);
	alerts.length = Math.min(alerts.length, 8);
	by("said").textContent = `${frame.customer_id} is now at ${LEVEL_WORDS[frame.risk_level].toLowerCase()} risk.`;
	showAlerts();
}

// The list alone, as somebody types or chooses; a later question's answer is not undone by an earlier one's.
async function choose() {
	const mine = ++question;
	try {
		const answer = await list();
		if (mine !== question || !by("watch")) return;
		listed = answer;
		showList();
	} catch { /* the next refresh tells */ }
}

let typing;
function filters() {
	const level = (name) => h("button", { type: "button", class: `chip ${name}`, "aria-pressed": filter.levels.has(name), onclick(event) {
		if (!filter.levels.delete(name)) filter.levels.add(name);
		if (!filter.levels.size) filter.levels.add(name);
		event.currentTarget.setAttribute("aria-pressed", filter.levels.has(name));
		choose();
	} }, h("span", { "aria-hidden": "true" }, LEVEL_SIGNS[name]), ` ${LEVEL_WORDS[name]}`);
	const search = h("input", { id: "search", type: "search", placeholder: "Find a customer  /", "aria-label": "Find a customer", autocomplete: "off", oninput() {
		filter.search = search.value.trim();
		clearTimeout(typing);
		typing = setTimeout(choose, 150);
	} });
	search.value = filter.search;
	const decision = h("select", { "aria-label": "What was decided", onchange() { filter.decision = decision.value; showList(); } },
		[["", "Any decision"], ["call", "Call now"], ["soon", "Call today"], ["review", "Needs a review"], ["defer", "Contact later"], ["act", "Message"], ["hold", "Held out"], ["stop", "No contact"]].map(([value, words]) => h("option", { value }, words)));
	decision.value = filter.decision;
	return h("div", { class: "filters" }, search, h("div", { class: "chips", role: "group", "aria-label": "Levels" }, LEVELS.map(level)), decision);
}

export function show(place) {
	document.title = "Who needs a call today · dq";
	parts(place, h("div", { id: "headline", class: "headline" }, h("h1", {}, "Who needs a call today")),
		h("div", { class: "columns" },
			h("section", { class: "card list" }, h("div", { class: "head" }, h("h2", {}, "Watch list"), h("span", { id: "found", class: "note num" })), filters(),
				h("div", { id: "watch" }), h("button", { id: "more", type: "button", hidden: true, onclick() { shown += SHOWN; choose(); } }, "Show more")),
			h("aside", { "aria-label": "The whole book" },
				card("New alerts", "as they come", h("ul", { id: "alerts", class: "alerts" })),
				card("Risk levels", h("span", { id: "scored" }), h("div", { id: "levels" })),
				card("Scores", "all customers", h("div", { id: "histogram" })))));
	if (stats) {
		tellStats(stats);
		if (listed.customers.length) showList();
	}
	showAlerts();
}
