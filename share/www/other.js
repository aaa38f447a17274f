// Did it help, and is the machinery well?
import { card, h } from "./dom.js";
import { ask } from "./server.js";
import { intervals } from "./charts.js";
import { channelName, count, points, share, stopWords, verdict, when } from "./text.js";
import { verdictOf } from "./today.js";

const number = (x) => (x === null || x === undefined ? NaN : Number(x));

function table(title, rows) {
	rows.sort((a, b) => b[1] - a[1]);
	return card(title, null, rows.length ? h("table", {}, h("tbody", {}, rows.map(([name, n]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", { class: "num" }, count(n)))))) : h("p", { class: "empty" }, "None yet."));
}

export async function effect(place, valid) {
	document.title = "Effect · dq";
	const [o, stats, recent] = await Promise.all([ask("/outcomes"), ask("/stats"), ask("/interventions?limit=12")]);
	if (!valid()) return;
	const group = (g, name, kind) => ({ name, kind, note: `${count(g.stabilized)} of ${count(g.count)} customers`, value: number(g.rate), low: number(g.low), high: number(g.high) });
	const u = { value: number(o.uplift.value), low: number(o.uplift.low), high: number(o.uplift.high) };
	const clear = u.low > 0 ? "Contacting customers helps" : u.high < 0 ? "Contacting customers does harm" : Number.isFinite(u.value) ? "No clear effect yet" : "Too early to say";
	place.replaceChildren(
		h("div", { class: "headline" }, h("h1", {}, clear), h("p", { class: "sub" }, Number.isFinite(u.value) ?
			`Of those contacted ${share(number(o.treated.rate))} became stable, of those held out ${share(number(o.held_out.rate))}: a difference of ${points(u.value)} points, likely between ${points(u.low)} and ${points(u.high)}.` :
			"Nobody has been followed for long enough.")),
		h("div", { class: "columns even" },
			card("Became stable", "share and 95 % interval", intervals([group(o.treated, "Contacted", "treated"), group(o.held_out, "Held out", "held")], 0, 1, (v) => share(v, 0), "Became stable")),
			card("Difference", "contacted less held out, in points", intervals([{ name: "Effect", kind: "treated", ...u }], -0.5, 0.5, (v) => (Number.isFinite(v) ? points(v) : "–"), "Difference")),
			h("div", { class: "stack" }, table("Decisions", Object.entries(stats.decisions.decision).map(([decision, n]) => [decision === "act" ? "Contact" : decision === "defer" ? "Contact later" : verdict({ decision }).text, n])),
				table("What stopped a contact", Object.entries(stats.decisions.suppressed_by).map(([by, n]) => [stopWords(by), n])),
				table("How customers were contacted", Object.entries(stats.decisions.channel).map(([channel, n]) => [channelName(channel), n]))),
			card("Latest decisions", null, h("ul", { class: "decisions" }, recent.interventions.map((d) => h("li", { class: "line" }, h("a", { href: `#/customer/${encodeURIComponent(d.customer_id)}` }, d.customer_id), verdictOf(d), h("span", { class: "note num" }, when(d.event_time))))))));
}

const STATES = { reading: "reading", ended: "read to its end", opening: "being opened", failed: "failed" };

export async function system(place, valid) {
	document.title = "System · dq";
	const [health, p] = await Promise.all([ask("/health"), ask("/pipeline")]);
	if (!valid()) return;
	const facts = (rows) => h("dl", { class: "facts" }, rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", { class: "num" }, value))));
	const spooled = health.kafka?.spooled ?? p.spool?.records ?? null;
	const good = health.status === "healthy";
	place.replaceChildren(
		h("div", { class: "headline" }, h("h1", {}, good ? "All is well" : "Something needs attention"), h("p", { class: "sub" }, `Data up to ${when(health.event_time, "full")} · ${count(health.customers)} customers known`)),
		h("div", { class: "columns even" },
			card("Sources", "what is read", h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Source"), h("th", { scope: "col" }, "State"), h("th", { scope: "col", class: "num" }, "Behind by"))),
				h("tbody", {}, p.sources.map((x) => h("tr", {}, h("th", { scope: "row" }, x.name === "-" ? "standard input" : x.name), h("td", {}, STATES[x.state] || x.state), h("td", { class: "num" }, x.lag === null ? "not known" : count(x.lag))))))),
			card("Flow", null, facts([["Rejected lines", count(p.rejected)], ["Waiting to be published", spooled === null ? "not used" : count(spooled)], ...Object.entries(p.records || {}).filter(([, n]) => n).map(([kind, n]) => [`${kind[0].toUpperCase()}${kind.slice(1).replace("_", " ")} records`, count(n)])])),
			card("Model in force", null, facts([["Name", p.model.name], ["Version", p.model.version], ["Fingerprint", h("code", {}, p.model.sha256.slice(0, 16))]])),
			card("Policy in force", null, facts([["Name", p.policy.name], ["Version", p.policy.version], ["Approved by", p.policy.approver || "nobody"], ["Fingerprint", h("code", {}, p.policy.sha256.slice(0, 16))]]))));
}
