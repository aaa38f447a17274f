// One customer: why the score is what it is, and what was done.
import { card, h, put } from "./dom.js";
import { ask } from "./server.js";
import { overTime, waterfall } from "./charts.js";
import { channelName, money, share, stopWords, when } from "./text.js";
import { badge, verdictOf } from "./today.js";

const yes = (x) => (x === true ? "yes" : x === false ? "no" : "not asked");

function facts(profile) {
	const p = profile || {};
	const rows = [["Income per month", money(p.monthly_income, p.currency)], ["Salary day", p.salary_day ?? "not known"], ["Account", p.account_type || "–"],
		["Customer since", p.account_opened ? when(p.account_opened, "day") + ` ${new Date(p.account_opened).getUTCFullYear()}` : "–"], ["Vulnerable", yes(p.vulnerable)],
		["May be called", yes(p.consent?.phone_call)], ["May be texted", yes(p.consent?.sms)], ["May be emailed", yes(p.consent?.email)], ["Language", p.language || "–"], ["Time zone", p.time_zone || "–"]];
	return h("dl", { class: "facts" }, rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

function reviewForm(decision, again) {
	const who = h("input", { required: true, name: "by", autocomplete: "name", maxlength: 100, value: sessionStorage.getItem("dq-name") });
	const why = h("textarea", { required: true, name: "reason", rows: 2, maxlength: 1000 });
	const said = h("p", { class: "fault", role: "alert" });
	const form = h("form", { class: "review", onsubmit: async (event) => {
		event.preventDefault();
		sessionStorage.setItem("dq-name", who.value);
		try {
			await ask(`/interventions/${encodeURIComponent(decision.intervention_id)}/review`, { decision: event.submitter.value, by: who.value, reason: why.value });
			again();
		} catch (fault) {
			said.textContent = fault.message;
		}
	} }, h("p", {}, "The policy leaves this to a person. Approve: the contact goes ahead. Override: it does not."),
	h("label", {}, "Your name ", who), h("label", {}, "Why ", why),
	h("div", { class: "row" }, h("button", { class: "primary", value: "approve" }, "Approve"), h("button", { value: "override" }, "Override")), said);
	return form;
}

function decision(d, again, open) {
	const policy = d.policy ? `policy ${d.policy.name} ${d.policy.version}` : "";
	const rule = d.decision === "suppress" ? `Stopped: ${stopWords(d.suppressed_by)}` : d.rule ? `Made by the rule “${d.rule}”` : "";
	return h("li", {}, h("div", { class: "line" }, verdictOf(d), h("time", { class: "note num", datetime: d.event_time }, when(d.event_time, "full"))),
		h("p", { class: "note" }, [rule, d.decision === "suppress" && d.rule && `rule “${d.rule}”`, d.channel && `by ${channelName(d.channel)}`, policy].filter(Boolean).join(" · ")),
		d.by && h("p", { class: "note" }, `${d.by}: ${d.reason || ""}`),
		d.review && h("p", { class: "reviewed" }, `${d.review.decision === "approve" ? "Approved" : "Overridden"} by ${d.review.by}: ${d.review.reason}`),
		d === open && reviewForm(d, again));
}

export async function show(place, id, valid) {
	document.title = `${id} · dq`;
	const path = `/customer/${encodeURIComponent(id)}`;
	let c, past;
	try {
		[c, past] = await Promise.all([ask(path), ask(`${path}/history?days=90`)]);
	} catch (fault) {
		if (fault.status !== 404) throw fault;
		place.replaceChildren(h("div", { class: "headline" }, h("a", { href: "#/" }, "← Watch list"), h("h1", {}, "Nobody here"), h("p", { class: "sub" }, `No customer is known as ${id}.`)));
		return;
	}
	if (!valid()) return;
	const currency = c.profile?.currency;
	const amount = (x) => money(x, currency);
	const again = () => show(place, id, valid);
	const last = c.decisions[0];
	const answered = new Set(c.decisions.map((d) => d.review_of));
	const open = c.decisions.find((d) => d.decision === "review" && d.status === "pending_review" && !d.review && !answered.has(d.intervention_id));
	const other = c.decisions.filter((d) => d !== open).slice(0, 40);
	put(place,
		h("div", { class: "headline person" }, h("a", { href: "#/" }, "← Watch list"),
			h("h1", {}, c.customer_id, " ", c.risk && badge(c.risk.risk_level), c.risk && h("span", { class: "big num" }, share(c.risk.risk_score))),
			c.risk && h("p", { class: "sub" }, `Chance of a missed payment, as of ${when(c.risk.event_time, "full")}`), last && h("p", {}, verdictOf(last))),
		open && card("Waiting for you", null, h("ul", { class: "decisions", "data-live": "yes" }, decision(open, again, open))),
		h("div", { class: "columns even" }, h("div", { class: "stack" },
			card("Why this score", "what raises and lowers it", c.risk ? waterfall(c.risk, currency) : h("p", { class: "empty" }, "Not scored yet.")),
			card("Profile", null, facts(c.profile))), h("div", { class: "stack" },
				card("Score over time", "90 days", overTime(past.history, [{ key: "risk_score", kind: "line" }], "Score", (v) => share(v, 0), [0, 1])),
				card("Balance", "end of day", overTime(past.history, [{ key: "balance", kind: "line" }], "Balance", amount)),
				card("Spending", "per day", overTime(past.history, [{ key: "spend", name: "spent", kind: "bar" }], "Spending", amount)))),
		h("div", { class: "below" }, card("Decisions", `${c.decisions.length}, newest first`, h("ul", { class: "decisions" }, other.length || open ? other.map((d) => decision(d, again)) : h("li", { class: "empty" }, "None yet.")))));
}
