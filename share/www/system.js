// Is the machinery well, and by what does it decide?
import { by, card, h, parts, put } from "./dom.js";
import { ask, forget, me } from "./server.js";
import { bytes, count, LEVELS, LEVEL_WORDS, share, when } from "./text.js";

const STATES = { reading: "reading", ended: "read to its end", opening: "being opened", failed: "cannot be read" };
const KAFKA = { reachable: "reachable", away: "away: records wait", full: "away, and the spool is full" };
const MAY = { read: "read", decide: "read and decide", admin: "read, decide and retrain" };

export const concerns = () => false; // asked again every few seconds

const facts = (rows) => h("dl", { class: "facts" }, rows.map(([name, value, bad]) => h("div", {}, h("dt", {}, name), h("dd", { class: bad ? "num fault" : "num" }, value))));
const print = (sha256) => h("code", { title: sha256 }, sha256.slice(0, 16));

function sources(list) {
	const name = (x) => (x.name === "-" ? "standard input" : x.name);
	return h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Source"), h("th", { scope: "col" }, "State"), h("th", { scope: "col", class: "num" }, "Records behind"))),
		h("tbody", {}, list.map((x) => h("tr", {}, h("th", { scope: "row" }, name(x)), h("td", { class: x.state === "failed" ? "fault" : null }, STATES[x.state] || x.state), h("td", { class: "num" }, x.lag === null ? "not known" : count(x.lag))))));
}

const kind = (name) => `${name[0].toUpperCase()}${name.slice(1).replace("_", " ")} records`;

export async function refresh(place, id, valid) {
	const [health, p, stats, who] = await Promise.all([ask("/health"), ask("/pipeline"), ask("/stats"), me()]);
	if (!valid()) return;
	const spool = health.kafka;
	put(by("headline"), h("h1", {}, health.status === "healthy" ? "All is well" : "Something needs attention"),
		h("p", { class: "sub" }, `Data up to ${when(health.event_time, "full")} · ${count(health.customers)} customers known`));
	put(by("sources"), sources(p.sources));
	put(by("spool"), facts(spool ? [["Kafka", KAFKA[spool.state] || spool.state, spool.state !== "reachable"], ["Records that wait", count(spool.spooled)], ["Their size", bytes(spool.spool_bytes)]] : [["Kafka", "nothing is published"]]));
	put(by("read"), facts([["Rejected lines", count(p.rejected), p.rejected > 0], ...Object.entries(p.records || {}).filter(([, n]) => n).map(([name, n]) => [kind(name), count(n)])]));
	put(by("model"), facts([["Name", p.model.name], ["Version", p.model.version], ["Fingerprint", print(p.model.sha256)], ["Scores here", p.scores ? "yes" : "no: predictions name their own"],
		...LEVELS.slice(0, 3).map((level) => [`${LEVEL_WORDS[level]} from`, share(stats.levels[level], 0)])]));
	put(by("policy"), facts([["Name", p.policy.name], ["Version", p.policy.version], ["Approved by", p.policy.approver || "nobody", !p.policy.approver], ["Fingerprint", print(p.policy.sha256)], ["Decides here", p.decides ? "yes" : "no: decisions name their own"]]));
	put(by("you"), facts([["Name", who.name || "no tokens are asked for"], ["May", MAY[who.role]]]));
	by("forget").hidden = !who.name;
}

export function show(place) {
	document.title = "System · dq";
	parts(place, h("div", { id: "headline", class: "headline" }, h("h1", {}, "System")),
		h("div", { class: "columns even" }, h("div", { class: "stack" },
			card("Sources", "what is read", h("div", { id: "sources" })),
			card("Model in force", null, h("div", { id: "model" })),
			card("Policy in force", null, h("div", { id: "policy" }))), h("div", { class: "stack" },
			card("Publishing", "what waits in the spool", h("div", { id: "spool" })),
			card("Read so far", null, h("div", { id: "read" })),
			card("You", null, h("div", { id: "you" }), h("button", { id: "forget", type: "button", hidden: true, onclick: forget }, "Forget my token")))));
}
