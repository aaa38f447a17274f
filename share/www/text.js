// Numbers and words as people read them.

export const LEVELS = ["CRITICAL", "HIGH", "MEDIUM", "LOW"];
export const LEVEL_WORDS = { CRITICAL: "Critical", HIGH: "High", MEDIUM: "Medium", LOW: "Low" };
export const LEVEL_SIGNS = { CRITICAL: "◆", HIGH: "▲", MEDIUM: "●", LOW: "○" };

const whole = new Intl.NumberFormat();
export const count = (n) => (Number.isFinite(n) ? whole.format(n) : "–");
const formats = new Map();
function format(key, options) {
	if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(undefined, options));
	return formats.get(key);
}
export const share = (x, digits = 1) => (Number.isFinite(x) ? format(`%${digits}`, { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(x) : "–");
export const points = (x) => format("points", { signDisplay: "exceptZero", minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(100 * x);
export const signed = (x) => format("signed", { signDisplay: "exceptZero", minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(x);
export function money(x, currency) {
	if (!Number.isFinite(x)) return "–";
	const code = /^[A-Z]{3}$/.test(currency || "") ? currency : null;
	return code ? format(`m${code}`, { style: "currency", currency: code }).format(x) : format("m", { minimumFractionDigits: 2 }).format(x);
}

// Whole units, for the scale of a drawing.
export function moneyShort(x, currency) {
	const code = /^[A-Z]{3}$/.test(currency || "") ? { style: "currency", currency } : {};
	return format(`s${currency}`, { ...code, notation: "compact", minimumFractionDigits: 0, maximumFractionDigits: 1 }).format(x);
}
export function bytes(n) {
	if (!Number.isFinite(n)) return "–";
	const unit = n < 1e3 ? ["byte", 1] : n < 1e6 ? ["kilobyte", 1e3] : n < 1e9 ? ["megabyte", 1e6] : ["gigabyte", 1e9];
	return format(unit[0], { style: "unit", unit: unit[0], maximumFractionDigits: 1 }).format(n / unit[1]);
}

const dates = { time: { hour: "2-digit", minute: "2-digit" }, date: { weekday: "short", day: "numeric", month: "short" }, day: { day: "numeric", month: "short" }, year: { day: "numeric", month: "short", year: "numeric" }, moment: { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }, full: { dateStyle: "medium", timeStyle: "short" } };
export function when(text, kind = "moment") {
	if (!text) return "–";
	return new Intl.DateTimeFormat(undefined, kind === "day" || kind === "year" ? { ...dates[kind], timeZone: "UTC" } : dates[kind]).format(new Date(text));
}
export function age(ms) {
	const seconds = Math.max(0, Math.round(ms / 1000));
	if (seconds < 60) return `${seconds} s`;
	if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
	if (seconds < 172800) return `${Math.floor(seconds / 3600)} h`;
	return `${Math.floor(seconds / 86400)} days`;
}

// feature: what it is, in an officer's words; and its unit: d days, % of a hundred, r a share, n a number, p of 100, m money.
const FEATURES = {
	salary_delay_days: ["Salary later than usual", "d"], salary_amount_deviation_pct: ["Last salary against the usual", "%"],
	months_since_salary_miss: ["Months since a salary was missing", "n"], savings_drawdown_7d_pct: ["Balance fell in 7 days", "%"],
	savings_drawdown_14d_pct: ["Balance fell in 14 days", "%"], savings_drawdown_30d_pct: ["Balance fell in 30 days", "%"],
	balance_volatility_30d: ["Balance swings, 30 days", "%"], days_below_minimum_balance_30d: ["Days below the minimum balance", "d"],
	discretionary_spend_drop_7d_pct: ["Leisure spending cut, 7 days", "%"], discretionary_spend_drop_30d_pct: ["Leisure spending cut, 30 days", "%"],
	essential_spend_increase_pct: ["Essentials cost more", "%"], total_spend_change_30d_pct: ["Spending changed", "%"],
	merchant_diversity_drop_pct: ["Fewer shops used", "%"], avg_transaction_size_change_pct: ["Usual payment changed in size", "%"],
	weekend_spending_drop_pct: ["Weekend spending cut", "%"], utility_payment_lateness_score: ["Utility bills paid late", "d"],
	bill_payment_count_drop: ["Fewer bills paid", "n"], failed_autodebit_count_30d: ["Failed payments in 30 days", "n"],
	partial_payment_frequency: ["Bills paid only in part", "r"], payment_timing_shift_days: ["Pays later than before", "d"],
	payment_amount_undershoot_pct: ["Unpaid part of what was due", "%"], cash_withdrawal_frequency_change: ["More cash withdrawals", "n"],
	atm_withdrawal_size_increase_pct: ["Larger cash withdrawals", "%"], cash_reliance_ratio: ["Share of cash, 30 days", "r"],
	cash_reliance_ratio_90d: ["Share of cash, 90 days", "r"], cash_reliance_ratio_365d: ["Share of cash, a year", "r"],
	transaction_frequency_drop_30d_pct: ["Account used less", "%"], inactive_days_last_30d: ["Days without activity", "d"],
	behavior_consistency_score: ["Keeps to the usual spending", "p"], financial_stress_composite_score: ["Several signs of strain together", "p"],
	risk_velocity_7d: ["Signs of strain rose in 7 days", "n"], behavioral_anomaly_count_30d: ["Unusual signs in 30 days", "n"],
	balance_to_outflow_days: ["Balance lasts for", "d"], min_balance_to_income_90d: ["Lowest balance to income, 90 days", "r"],
	min_balance_to_income_30d: ["Lowest balance to income, 30 days", "r"], negative_balance_days_90d: ["Days overdrawn in 90", "d"],
	outflow_to_inflow_ratio_30d: ["Paid out to received, 30 days", "r"], outflow_to_inflow_ratio_90d: ["Paid out to received, 90 days", "r"],
	inflow_drop_30d_pct: ["Less money coming in", "%"], income_regularity_score: ["Regularity of income", "p"],
	instalment_to_income_ratio_90d: ["Instalments to income", "r"], overdraft_depth_to_income_30d: ["Deepest overdraft to income", "r"],
	gambling_lender_share_30d: ["Gambling and short-term lenders", "r"], balance_trend_90d_pct: ["Trend of the balance, 90 days", "%"],
	largest_debit_to_income_30d: ["Largest payment to income", "r"], days_since_last_credit: ["Since money last came in", "d"],
	min_to_max_balance_90d: ["Lowest to highest balance, 90 days", "r"], min_to_max_balance_365d: ["Lowest to highest balance, a year", "r"],
	balance_volatility_90d: ["Balance swings, 90 days", "%"], balance_volatility_365d: ["Balance swings, a year", "%"],
	household_share_90d: ["Rent and utilities to income", "r"], penalty_count_90d: ["Penalty fees in 90 days", "n"],
	penalty_count_365d: ["Penalty fees in a year", "n"], history_days: ["Known to us for", "d"], min_balance_90d: ["Lowest balance, 90 days", "m"],
	mean_balance_90d: ["Mean balance, 90 days", "m"], last_balance: ["Balance now", "m"], monthly_inflow_90d: ["Comes in per month", "m"],
};

// Sums of other signs: what they sum up says more to somebody who calls.
const SUMS = new Set(["financial_stress_composite_score", "behavior_consistency_score", "risk_velocity_7d", "behavioral_anomaly_count_30d"]);
export const concreteFirst = (reasons) => [...reasons.filter((one) => !SUMS.has(one?.feature)), ...reasons.filter((one) => SUMS.has(one?.feature))];

export const featureName = (feature) => FEATURES[feature]?.[0] || feature?.replaceAll("_", " ") || "No single reason";
export function featureValue(feature, value, currency) {
	if (value === null || value === undefined) return "not known";
	if (feature === "balance_to_outflow_days" && value < 0) return "overdrawn";
	const n = format("v", { maximumFractionDigits: 1 }).format(value);
	switch (FEATURES[feature]?.[1]) {
	case "d": return `${n} ${Math.abs(value) === 1 ? "day" : "days"}`;
	case "%": return format("pct", { style: "percent", maximumFractionDigits: 0 }).format(value / 100);
	case "r": return format("pct", { style: "percent", maximumFractionDigits: 0 }).format(value);
	case "p": return `${format("v0", { maximumFractionDigits: 0 }).format(value)} of 100`;
	case "m": return money(value, currency);
	default: return n;
	}
}
export const reasonWords = (reason, currency) => (reason?.feature ? `${featureName(reason.feature)}: ${featureValue(reason.feature, reason.value, currency)}` : "No single reason stands out");

const CHANNELS = { phone_call: "call", sms: "text message", email: "email" };
export const channelName = (channel) => CHANNELS[channel] || channel || "contact";
const STOPS = {
	superseded: "a later score came in", deleted: "the customer has left", rule: "the rule asks for none", no_reasons: "no reason could be given",
	consent: "the customer refused this channel", consent_unknown: "consent was never asked", vulnerable: "the customer is vulnerable",
	review_pending: "a review is already waiting", quiet_hours: "always quiet hours", cool_down: "contacted a short time ago",
	review_expired: "nobody reviewed it in time", override: "a person said no",
};
export function stopWords(by) {
	const cap = /^cap:([^:]+):(\d+)d$/.exec(by || "");
	if (cap) return `limit of ${cap[1] === "all" ? "contacts" : cap[1].split(",").map((c) => `${channelName(c)}s`).join(" and ")} in ${cap[2]} days reached`;
	return STOPS[by] || by || "no reason given";
}
const CONTACTS = { phone_call: "Call", sms: "Text message", email: "Email" };
const DAY = 86400000;

// A contact: now, later, today or another day, or long ago.
function contact(d, now) {
	const name = CONTACTS[d.channel] || "Contact";
	const at = d.not_before || d.decided_at || d.event_time;
	const call = d.channel === "phone_call";
	if (!now) return { kind: "act", text: name, more: d.not_before && `from ${when(d.not_before)}` };
	const wait = Date.parse(at) - Date.parse(now);
	if (wait > DAY) return { kind: "defer", text: `${name} later`, more: `from ${when(at)}` };
	if (wait > 0) return { kind: call ? "soon" : "defer", text: `${name} from ${when(at, "time")}`, more: when(at, "date") };
	if (wait < -DAY) return { kind: "past", text: name, more: `decided ${when(at)}` };
	const same = new Date(at).toDateString() === new Date(now).toDateString();
	return { kind: call ? "call" : "act", text: call ? "Call now" : name, more: `${call ? "due since" : "since"} ${when(at, same ? "time" : "moment")}` };
}

// What was decided: {kind, text, more}; as of now, where that is given (the time that the records have come to), or as it was then.
export function verdict(d, now) {
	switch (d.decision) {
	case "act":
	case "defer": return contact(d, now);
	case "hold_out": return { kind: "hold", text: "Held out", more: "comparison group, no contact" };
	case "review": return d.review ? { kind: "answered", text: d.review.decision === "approve" ? "Approved" : "Overridden", more: `by ${d.review.by}` } : { kind: "review", text: "Needs a review", more: `a person decides on this ${channelName(d.channel)}` };
	case "suppress": return { kind: "stop", text: "No contact", more: stopWords(d.suppressed_by) };
	default: return { kind: "none", text: "Not decided", more: null };
	}
}
