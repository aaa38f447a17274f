// Who needs a call today, and why.
import { by, card, h, put } from "./dom.js";
import { ask } from "./server.js";
import { histogram, levels } from "./charts.js";
import { count, LEVELS, LEVEL_SIGNS, LEVEL_WORDS, points, reasonWords, share, verdict, when } from "./text.js";

const SHOWN = 100;
const filter = { levels: new Set(["CRITICAL", "HIGH", "MEDIUM"]), search: "", decision: "" };
let listed = { count: 0, customers: [] };
let shown = SHOWN;
const alerts = [];
let stats = null;

export const badge = (level) => h("span", { class: `level ${level}` }, h("span", { "aria-hidden": "true" }, LEVEL_SIGNS[level]), ` ${LEVEL_WORDS[level]}`);
export function verdictOf(decision) {
	const v = verdict(decision);
	return h("span", { class: `verdict ${v.kind}` }, h("b", {}, v.text), v.more && h("span", { class: "note" }, v.more));
}

const more = (c) => c.reasons?.length > 1 && h("span", { class: "note" }, c.reasons.slice(1).map((reason) => reasonWords(reason)).join(" · "));

function row(c) {
	const change = c.change_7d;
	return h("li", {}, h("a", { class: `customer edge-${c.risk_level}`, href: `#/customer/${encodeURIComponent(c.customer_id)}`, "data-id": c.customer_id },
		h("span", { class: "who" }, h("b", {}, c.customer_id), badge(c.risk_level)),
		h("span", { class: "why" }, reasonWords(c.reasons?.[0] || c.top_reason), more(c), c.assigned_to && h("span", { class: "note" }, `with ${c.assigned_to}`)),
		verdictOf(c),
		h("span", { class: "score num" }, h("b", {}, share(c.risk_score)),
			h("span", { class: "note" }, Math.abs(change) < 0.0005 ? "unchanged" : `${change > 0 ? "▲" : "▼"} ${points(change)} in 7 days`))));
}

function headline() {
	const calls = listed.customers.filter((c) => verdict(c).kind === "call").length;
	const reviews = listed.customers.filter((c) => verdict(c).kind === "review").length;
	const later = listed.customers.filter((c) => verdict(c).kind === "defer").length;
	const urgent = (stats?.critical_risk_count || 0) + (stats?.high_risk_count || 0);
	const people = (n, one, more) => `${count(n)} ${n === 1 ? one : more}`;
	const first = calls ? people(calls, "customer needs a call now", "customers need a call now")
		: reviews ? people(reviews, "customer waits for your review", "customers wait for your review")
		: urgent ? `No call is due; ${people(urgent, "customer is", "customers are")} at high risk` : "No call is due now";
	put(by("headline"), h("h1", {}, first), h("p", { class: "sub" },
		[`${people(urgent, "customer", "customers")} at high or critical risk`, reviews && calls && `${count(reviews)} to review`, later && `${count(later)} to contact later`,
			stats && `${people(stats.alerts_today, "alert", "alerts")} today`].filter(Boolean).join(" · ")));
}

function showList() {
	const list = by("watch");
	if (!list) return;
	const focused = document.activeElement?.dataset?.id;
	const found = listed.customers.filter((c) => !filter.decision || verdict(c).kind === filter.decision);
	put(list, found.length ? found.map(row) : h("li", { class: "empty" }, "Nobody matches. Take a filter away to see more."));
	if (focused) list.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
	by("found").textContent = filter.decision || listed.customers.length < listed.count ? `${count(found.length)} shown of ${count(listed.count)}` : `${count(listed.count)} in all`;
	by("more").hidden = listed.customers.length >= listed.count;
	headline();
}

export async function refresh() {
	if (!by("watch")) return;
	const query = new URLSearchParams({ limit: shown, level: [...filter.levels].join(",") });
	if (filter.search) query.set("search", filter.search);
	listed = await ask(`/high_risk_customers?${query}`);
	showList();
}

export function tellStats(fresh) {
	stats = fresh;
	if (!by("levels")) return;
	put(by("levels"), levels(stats));
	put(by("histogram"), histogram(stats.histogram));
	by("scored").textContent = `${count(stats.total_customers)} customers`;
	headline();
}

function showAlerts() {
	if (by("alerts")) put(by("alerts"), alerts.length ? alerts.map((a) => h("li", {}, h("a", { href: `#/customer/${encodeURIComponent(a.customer_id)}` },
		badge(a.risk_level), h("b", {}, a.customer_id), h("span", { class: "num" }, share(a.risk_score)), h("span", { class: "note" }, when(a.event_time))))) :
		h("li", { class: "empty" }, "None since this page was opened."));
}
export function alert(frame) {
	alerts.unshift(frame);
	alerts.length = Math.min(alerts.length, 12);
	by("said").textContent = `${frame.customer_id} is now at ${LEVEL_WORDS[frame.risk_level].toLowerCase()} risk.`;
	showAlerts();
}

let typing;
function filters() {
	const level = (name) => h("button", { type: "button", class: `chip ${name}`, "aria-pressed": filter.levels.has(name), onclick(event) {
		if (!filter.levels.delete(name)) filter.levels.add(name);
		if (!filter.levels.size) filter.levels.add(name);
		event.currentTarget.setAttribute("aria-pressed", filter.levels.has(name));
		refresh();
	} }, h("span", { "aria-hidden": "true" }, LEVEL_SIGNS[name]), ` ${LEVEL_WORDS[name]}`);
	const search = h("input", { id: "search", type: "search", placeholder: "Find a customer  /", "aria-label": "Find a customer", autocomplete: "off", oninput() {
		filter.search = search.value.trim();
		clearTimeout(typing);
		typing = setTimeout(refresh, 150);
	} });
	search.value = filter.search;
	const decision = h("select", { "aria-label": "What was decided", onchange() { filter.decision = decision.value; showList(); } },
		[["", "Any decision"], ["call", "Call now"], ["review", "Needs a review"], ["defer", "Contact later"], ["act", "Message"], ["hold", "Held out"], ["stop", "No contact"]].map(([value, words]) => h("option", { value }, words)));
	decision.value = filter.decision;
	return h("div", { class: "filters" }, search, h("div", { class: "chips", role: "group", "aria-label": "Levels" }, LEVELS.map(level)), decision);
}

export function show(place) {
	document.title = "Who needs a call today · dq";
	place.replaceChildren(h("div", { id: "headline", class: "headline" }, h("h1", {}, "Who needs a call today")),
		h("div", { class: "columns" },
			h("section", { class: "card list" }, h("div", { class: "head" }, h("h2", {}, "Watch list"), h("span", { id: "found", class: "note num" })), filters(),
				h("ol", { id: "watch", "aria-label": "Customers, highest risk first" }), h("button", { id: "more", type: "button", hidden: true, onclick() { shown += SHOWN; refresh(); } }, "Show more")),
			h("aside", { "aria-label": "The whole book" },
				card("Risk levels", h("span", { id: "scored" }), h("div", { id: "levels" })),
				card("New alerts", "as they come", h("ul", { id: "alerts", class: "alerts" })),
				card("Scores", "all customers", h("div", { id: "histogram" })))));
	if (stats) tellStats(stats);
	showAlerts();
	return refresh();
}
