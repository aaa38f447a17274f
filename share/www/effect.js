// Did it help? Those contacted beside those held out.
import { by, card, h, parts, put } from "./dom.js";
import { ask } from "./server.js";
import { intervals } from "./charts.js";
import { channelName, count, points, share, stopWords, verdict, when } from "./text.js";
import { verdictOf } from "./today.js";

const number = (x) => (x === null || x === undefined ? NaN : Number(x));
const WORDS = { act: "Contact", defer: "Contact later" };

export const concerns = (frame) => frame.type === "intervention" || frame.type === "outcome";

function table(rows) {
	rows.sort((a, b) => b[1] - a[1]);
	return rows.length ? h("table", {}, h("tbody", {}, rows.map(([name, n]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", { class: "num" }, count(n)))))) : h("p", { class: "empty" }, "None yet.");
}

function headline(o, u) {
	const clear = u.low > 0 ? "Contacting customers helps" : u.high < 0 ? "Contacting customers does harm" : Number.isFinite(u.value) ? "No clear effect yet" : "Too early to say";
	const treated = number(o.treated.rate), held = number(o.held_out.rate);
	return [h("h1", {}, clear), h("p", { class: "sub" }, Number.isFinite(u.value) ?
		`Of those contacted ${share(treated)} became stable, of those held out ${share(held)}: a difference of ${points(u.value)} points, likely between ${points(u.low)} and ${points(u.high)}.` :
		o.treated.count ? `${count(o.treated.count)} contacts have been followed up, but nobody who was held out.` : "Nobody has been followed for long enough.")];
}

export async function refresh(place, id, valid) {
	const [o, stats, recent] = await Promise.all([ask("/outcomes"), ask("/stats"), ask("/interventions?limit=12")]);
	if (!valid()) return;
	const group = (g, name, kind) => ({ name, kind, note: `${count(g.stabilized)} of ${count(g.count)} followed up`, value: number(g.rate), low: number(g.low), high: number(g.high) });
	const u = { value: number(o.uplift.value), low: number(o.uplift.low), high: number(o.uplift.high) };
	const far = Math.max(Math.abs(u.low), Math.abs(u.high)) || 0;
	const end = [0.05, 0.1, 0.2, 0.4, 1].find((x) => x >= far) || 1;
	const d = stats.decisions;
	put(by("headline"), headline(o, u));
	put(by("groups"), intervals([group(o.treated, "Contacted", "treated"), group(o.held_out, "Held out", "held")], 0, 1, (v) => share(v, 0), "Became stable"));
	put(by("difference"), intervals([{ name: "Difference", note: Number.isFinite(u.value) ? `${points(u.low)} to ${points(u.high)}` : "not known yet", kind: "treated", ...u }], -end, end, (v) => (Number.isFinite(v) ? points(v) : "–"), "Difference"));
	put(by("by-decision"), table(Object.entries(d.decision).map(([decision, n]) => [WORDS[decision] || verdict({ decision }).text, n])));
	put(by("by-stop"), table(Object.entries(d.suppressed_by).map(([why, n]) => [stopWords(why), n])));
	put(by("by-channel"), table(Object.entries(d.channel).map(([channel, n]) => [channelName(channel), n])));
	put(by("recent"), recent.interventions.length ? recent.interventions.map((one) => h("li", { class: "line" }, h("a", { href: `#/customer/${encodeURIComponent(one.customer_id)}` }, one.customer_id), verdictOf(one), h("time", { class: "note num", datetime: one.event_time }, when(one.event_time)))) : h("li", { class: "empty" }, "None yet."));
}

export function show(place) {
	document.title = "Effect · dq";
	parts(place, h("div", { id: "headline", class: "headline" }, h("h1", {}, "Effect")),
		h("div", { class: "columns even" }, h("div", { class: "stack" },
			card("Became stable", "share, with its 95 % Wilson interval", h("div", { id: "groups" })),
			card("Difference", "contacted less held out, in points, 95 %", h("div", { id: "difference" })),
			card("Latest decisions", null, h("ul", { id: "recent", class: "decisions" }))), h("div", { class: "stack" },
			card("Decisions", null, h("div", { id: "by-decision" })),
			card("What stopped a contact", null, h("div", { id: "by-stop" })),
			card("How customers are contacted", null, h("div", { id: "by-channel" })))));
}
