// One customer: why the score is what it is, and what was done.
import { by, card, h, parts, put } from "./dom.js";
import { ask, mayDecide, me } from "./server.js";
import { overTime, waterfall } from "./charts.js";
import { channelName, money, moneyShort, share, when } from "./text.js";
import { badge, bounds, now, tellStats, verdictOf } from "./today.js";

const DAYS = 90;
const yes = (x) => (x === true ? "yes" : x === false ? "no" : "not asked");
let open = null; // the decision that waits for a person, as it is shown

export const concerns = (frame, id) => frame.customer_id === id;

function facts(profile) {
	const p = profile || {};
	const rows = [["Income per month", money(Number(p.monthly_income ?? NaN), p.currency)], ["Salary day", p.salary_day ?? "not known"], ["Account", p.account_type || "–"],
		["Customer since", p.account_opened ? when(p.account_opened, "year") : "–"], ["Vulnerable", yes(p.vulnerable)],
		["May be called", yes(p.consent?.phone_call)], ["May be texted", yes(p.consent?.sms)], ["May be emailed", yes(p.consent?.email)], ["Language", p.language || "–"], ["Time zone", p.time_zone || "–"]];
	return h("dl", { class: "facts" }, rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

function form(decision, who, again) {
	const name = who.name ? null : h("input", { required: true, name: "by", autocomplete: "name", maxlength: 100, value: sessionStorage.getItem("dq-name") });
	const why = h("textarea", { required: true, name: "reason", rows: 2, maxlength: 1000 });
	const said = h("p", { class: "fault", role: "alert" });
	return h("form", { class: "review", onsubmit: async (event) => {
		event.preventDefault();
		if (name) sessionStorage.setItem("dq-name", name.value);
		const buttons = event.target.querySelectorAll("button");
		for (const button of buttons) button.disabled = true;
		try {
			await ask(`/interventions/${encodeURIComponent(decision.intervention_id)}/review`, { decision: event.submitter.value, by: who.name || name.value, reason: why.value });
			by("said").textContent = "Your answer is recorded.";
			await again();
		} catch (fault) {
			said.textContent = fault.message;
		}
		for (const button of buttons) button.disabled = false;
	} }, h("p", {}, `The policy leaves this ${channelName(decision.channel)} to a person. Approve: it goes ahead. Override: it does not.`),
	name ? h("label", {}, "Your name ", name) : h("p", { class: "note" }, "You answer as ", h("b", {}, who.name), "."), h("label", {}, "Why ", why),
	h("div", { class: "row" }, h("button", { class: "primary", value: "approve" }, "Approve"), h("button", { value: "override" }, "Override")), said);
}

// Is kept as it is while the same decision waits: somebody may be typing.
function showReview(decision, who, again) {
	const key = decision ? `${decision.intervention_id} ${who.name} ${who.role}` : null;
	if (key === open) return;
	open = key;
	by("review").replaceChildren(...(decision ? [card("Waiting for a person", when(decision.event_time, "full"), ruleOf(decision), mayDecide(who) ? form(decision, who, again) :
		h("p", { id: "may-not" }, "Your token may read. Somebody whose token may decide has to approve or override this."))] : []));
}

function ruleOf(d) {
	const policy = d.policy ? `policy ${d.policy.name} ${d.policy.version}` : "";
	const rule = d.rule ? `rule “${d.rule}”` : "";
	const words = d.decision === "suppress" ? [d.channel && `${channelName(d.channel)} stopped`, rule] : [rule && `made by ${rule}`];
	return h("p", { class: "note" }, [...words, policy].filter(Boolean).join(" · "));
}

function decision(d, inForce) {
	return h("li", { class: inForce ? "in-force" : null }, h("div", { class: "line" }, verdictOf({ ...d, review: null }), h("span", { class: "note num" }, inForce && h("b", {}, "in force · "), h("time", { datetime: d.event_time }, when(d.event_time, "full")))),
		ruleOf(d),
		d.by && h("p", { class: "note" }, `${d.by}: ${d.reason || ""}`),
		d.review && h("p", { class: "reviewed" }, `${d.review.decision === "approve" ? "Approved" : "Overridden"} by ${d.review.by}: ${d.review.reason}`));
}

export async function refresh(place, id, valid) {
	const path = `/customer/${encodeURIComponent(id)}`;
	let answers;
	try {
		answers = await Promise.all([ask(path), ask(`${path}/history?days=${DAYS}`), me(), now() ? null : ask("/stats")]);
	} catch (fault) {
		if (fault.status !== 404) throw fault;
		if (valid()) nobody(id);
		return;
	}
	if (!valid()) return;
	const [c, past, who, stats] = answers;
	if (stats) tellStats(stats);
	const currency = c.profile?.currency;
	const short = (x) => moneyShort(x, currency);
	const answered = new Set(c.decisions.map((d) => d.review_of));
	const waiting = c.decisions.find((d) => d.decision === "review" && d.status === "pending_review" && !d.review && !answered.has(d.intervention_id));
	const holds = c.decisions.find((d) => d.intervention_id === c.in_force) || c.decisions[0];
	const marks = ["CRITICAL", "HIGH", "MEDIUM"].map((level) => ({ level, value: bounds()[level] }));
	put(by("person"), h("h1", {}, c.customer_id, " ", c.risk && badge(c.risk.risk_level), c.risk && h("span", { class: "big num" }, share(c.risk.risk_score))),
		c.risk && h("p", { class: "sub" }, `Chance of a missed payment, as of ${when(c.risk.event_time, "full")}${c.risk.model ? ` · model ${c.risk.model.name} ${c.risk.model.version}` : ""}`),
		h("p", { class: "stands" }, holds && verdictOf(holds, now()), c.assignments[0] && h("span", { class: "note" }, `with ${c.assignments[0].assigned_to}`)));
	showReview(waiting, who, () => refresh(place, id, valid));
	put(by("why"), c.risk ? waterfall(c.risk, currency) : h("p", { class: "empty" }, "Not scored yet."));
	put(by("profile"), facts(c.profile));
	put(by("score"), overTime(past.history, { key: "risk_score", name: "Score" }, (v) => share(v, 0), marks, [0, 0.25, 0.5, 0.75, 1]));
	put(by("balance"), overTime(past.history, { key: "balance", name: "Balance" }, short));
	put(by("spend"), overTime(past.history, { key: "spend", name: "Spending", bars: true }, short));
	put(by("decided"), c.decisions.length ? c.decisions.map((d) => decision(d, d === holds)) : h("li", { class: "empty" }, "None yet."));
	put(by("decided-count"), c.decisions.length ? `the latest ${c.decisions.length}, newest first` : "");
}

function nobody(id) {
	put(by("customer"), h("div", { class: "headline" }, h("a", { href: "#/" }, "← Watch list"), h("h1", {}, "Nobody here"), h("p", { class: "sub" }, `No customer is known as ${id}.`)));
}

export function show(place, id) {
	document.title = `${id} · dq`;
	open = null;
	parts(place, h("div", { id: "customer" },
		h("div", { class: "headline" }, h("a", { href: "#/" }, "← Watch list"), h("div", { id: "person", class: "person" }, h("h1", {}, id))),
		h("div", { id: "review" }),
		h("div", { class: "columns even" }, h("div", { class: "stack" },
			card("Why this score", "steps in log-odds: +0.7 doubles the odds", h("div", { id: "why" })),
			card("Profile", null, h("div", { id: "profile" }))), h("div", { class: "stack" },
			card("Score over time", `${DAYS} days`, h("div", { id: "score" })),
			card("Balance", "at the end of each day", h("div", { id: "balance" })),
			card("Spending", "per day", h("div", { id: "spend" })))),
		h("div", { class: "below" }, card("Decisions", h("span", { id: "decided-count" }), h("ul", { id: "decided", class: "decisions" })))));
}
