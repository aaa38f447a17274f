// Small drawings. Each has a title for those who cannot see it, and no text on what it draws.
import { h, narrow, s } from "./dom.js";
import { count, featureName, featureValue, LEVELS, LEVEL_SIGNS, LEVEL_WORDS, share, signed, when } from "./text.js";

const DAY = 86400000;
const wide = () => (narrow() ? 320 : 640);
const LETTER = 7; // how wide one of a tick is, at most
const picture = (width, height, title, ...children) =>
	s("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title, class: "chart" }, children);
const text = (x, y, words, kind, anchor) => s("text", { x, y, class: kind || "tick", "text-anchor": anchor || "start" }, words);

export function levels(stats) {
	const n = LEVELS.map((level) => stats[`${level.toLowerCase()}_risk_count`] || 0);
	const most = Math.max(1, ...n);
	const all = n.reduce((a, b) => a + b, 0);
	return h("ul", { class: "levels" }, LEVELS.map((level, i) => h("li", {},
		h("span", { class: `level ${level}` }, h("span", { "aria-hidden": "true" }, LEVEL_SIGNS[level]), ` ${LEVEL_WORDS[level]}`),
		s("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none", class: "bar", "aria-hidden": "true" },
			s("rect", { width: 100, height: 8, class: "track" }), s("rect", { width: n[i] ? Math.max(1, (100 * n[i]) / most) : 0, height: 8, class: `fill-${level}` })),
		h("b", { class: "num" }, count(n[i])), h("span", { class: "num note" }, share(all ? n[i] / all : NaN)))));
}

// bounds {CRITICAL, HIGH, MEDIUM}: the lowest score of each
export const levelOf = (score, bounds) => LEVELS.find((level) => score >= bounds[level]) || "LOW";

// Heights by the square root: a few at the right must be seen beside thousands at the left; the numbers are in the titles.
export function histogram(bars, bounds) {
	const W = 300, H = 130, floor = 108;
	const most = Math.sqrt(Math.max(1, ...bars));
	const w = W / bars.length;
	const tall = (n) => (n ? Math.max(2, (floor - 18) * (Math.sqrt(n) / most)) : 0);
	const marks = [0, bounds.MEDIUM, bounds.HIGH, bounds.CRITICAL, 1].filter((x, i, all) => i === 0 || x - all[i - 1] >= 0.1);
	return h("figure", {}, picture(W, H, `Customers by score: ${bars.map((n, i) => (n ? `${i * 5} to ${i * 5 + 5} %: ${n}` : "")).filter(Boolean).join(", ")}`,
		s("line", { x1: 0, x2: W, y1: floor + 0.5, y2: floor + 0.5, class: "axis" }),
		bars.map((n, i) => s("rect", { x: i * w + 1.5, width: w - 3, rx: 2, y: floor - tall(n), height: tall(n), class: `fill-${levelOf((i + 0.5) / bars.length, bounds)}` },
			s("title", {}, `${share(i / bars.length, 0)} to ${share((i + 1) / bars.length, 0)}: ${count(n)}`))),
		marks.map((x) => text(x * W, H - 5, share(x, 0), "tick", x === 0 ? "start" : x === 1 ? "end" : "middle")),
		text(0, 11, `tallest: ${count(Math.max(...bars))} customers`)), h("figcaption", { class: "note" }, "Bar heights grow with the square root."));
}

// Round figures from below the lowest to above the highest.
function ticks(low, high) {
	const rough = (high - low || 1) / 3;
	const power = 10 ** Math.floor(Math.log10(rough));
	const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((x) => x >= rough * 0.999);
	const first = Math.floor(low / step + 1e-9), last = Math.ceil(high / step - 1e-9);
	return Array.from({ length: Math.max(1, last - first) + 1 }, (_, i) => (first + i) * step);
}

const curve = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

// rows [{date, ...}]; line {key, name, bars}: bars or a line; marks [{value, level}] are drawn through; at: the ticks, or those that fit
export function overTime(rows, line, format, marks = [], at = null) {
	const known = rows.filter((row) => Number.isFinite(row[line.key])).map((row) => ({ day: Date.parse(row.date) / DAY, value: row[line.key], date: row.date }));
	if (!known.length) return h("p", { class: "empty" }, "Nothing is known of these days.");
	const W = wide(), H = 190, top = 10, bottom = 26;
	const values = known.map((row) => row.value);
	const grid = at || ticks(Math.min(0, ...values), Math.max(0, ...values));
	const low = grid[0], high = grid[grid.length - 1];
	const left = LETTER * Math.max(...grid.map((v) => format(v).length)) + 10, right = marks.length ? 62 : 8;
	const first = Date.parse(rows[0].date) / DAY, days = Math.max(1, Date.parse(rows[rows.length - 1].date) / DAY - first + 1);
	const x = (day) => left + ((day - first + 0.5) * (W - left - right)) / days;
	const y = (v) => top + ((high - v) * (H - top - bottom)) / (high - low);
	const width = Math.max(1.5, ((W - left - right) / days) * 0.66);
	const last = known[known.length - 1];
	const dates = narrow() ? [0, 1] : [0, 1 / 3, 2 / 3, 1];
	return picture(W, H, `${line.name}, ${days} days, last ${format(last.value)}`,
		grid.map((v) => [s("line", { x1: left, x2: W - right, y1: y(v), y2: y(v), class: v === 0 ? "axis" : "grid" }), text(left - 8, y(v) + 4, format(v), "tick", "end")]),
		marks.map((mark) => [s("line", { x1: left, x2: W - right, y1: y(mark.value), y2: y(mark.value), class: `mark mark-${mark.level}` }), text(W - right + 6, y(mark.value) + 4, LEVEL_WORDS[mark.level])]),
		line.bars ? known.filter((row) => row.value).map((row) => s("rect", { x: x(row.day) - width / 2, width, y: Math.min(y(0), y(row.value)), height: Math.max(1, Math.abs(y(0) - y(row.value))), class: "bars" },
			s("title", {}, `${when(row.date, "day")}: ${format(row.value)}`))) :
			[s("path", { d: curve(known.map((row) => [x(row.day), y(row.value)])), class: "line" }), s("circle", { cx: x(last.day), cy: y(last.value), r: 4, class: "dot" })],
		dates.map((p) => text(left + p * (W - left - right), H - 6, when(new Date((first + Math.round(p * (days - 1))) * DAY), "day"), "tick", p === 0 ? "start" : p === 1 ? "end" : "middle")));
}

// From the base to the score: steps of the log-odds, in the order of their size. On a phone the words stand over the bars.
export function waterfall(risk, currency) {
	const steps = [...risk.top_features, { feature: null, contribution: Number(risk.other_contribution) || 0 }];
	let at = risk.base;
	const ends = [at, ...steps.map((step) => (at += step.contribution))];
	const low = Math.min(...ends), span = Math.max(...ends) - low || 1;
	const small = narrow();
	const W = wide(), row = small ? 62 : 44, bar = small ? 40 : 12, edge = small ? 54 : 36, H = row * steps.length + 2 * edge;
	const from = small ? 8 : 285, to = W - (small ? 8 : 90);
	const x = (v) => from + ((v - low) * (to - from)) / span;
	const y = (i) => edge + i * row;
	const odds = (v) => 1 / (1 + Math.exp(-v));
	const end = (top, words, v, figure) => [text(0, top + 15, words, "name"), s("circle", { cx: x(v), cy: top + (small ? 38 : 12), r: 6, class: "dot" }), text(W, top + 16, figure, "total", "end")];
	return picture(W, H, `From ${share(odds(risk.base))} to ${share(risk.risk_score)}: ${steps.map((step) => `${step.feature ? featureName(step.feature) : "all else"} ${signed(step.contribution)}`).join(", ")}`,
		end(0, "Everybody starts at", ends[0], share(odds(risk.base))),
		steps.map((step, i) => [
			text(0, y(i) + 15, step.feature ? featureName(step.feature) : "Everything else", "name"),
			step.feature && text(0, y(i) + 32, featureValue(step.feature, step.value, currency), "tick"),
			!small && s("line", { x1: x(ends[i]), x2: x(ends[i]), y1: i ? y(i - 1) + bar + 16 : 18, y2: y(i) + bar, class: "join" }),
			s("rect", { x: Math.min(x(ends[i]), x(ends[i + 1])), width: Math.max(2, Math.abs(x(ends[i + 1]) - x(ends[i]))), y: y(i) + bar, height: 16, rx: 3, class: step.contribution >= 0 ? "raises" : "lowers" }),
			text(W, y(i) + (small ? 15 : 25), `${step.contribution >= 0 ? "▲" : "▼"} ${signed(step.contribution)}`, "value", "end")]),
		end(y(steps.length), "This customer", ends[steps.length], share(risk.risk_score)));
}

// rows [{name, note, value, low, high, kind}]; values from..to of the axis
export function intervals(rows, from, to, format, title) {
	const small = narrow();
	const W = wide(), row = small ? 66 : 56, left = small ? 18 : 190, right = small ? 18 : 80, H = rows.length * row + 30;
	const x = (v) => left + ((Math.min(to, Math.max(from, v)) - from) * (W - left - right)) / (to - from);
	const y = (i) => i * row + (small ? 46 : 28);
	return picture(W, H, `${title}: ${rows.map((r) => `${r.name} ${format(r.value)}, from ${format(r.low)} to ${format(r.high)}`).join("; ")}`,
		[0, 0.25, 0.5, 0.75, 1].map((p) => from + p * (to - from)).map((v) => [rows.map((r, i) => s("line", { x1: x(v), x2: x(v), y1: y(i) - 14, y2: y(i) + 14, class: v === 0 && from < 0 ? "axis" : "grid" })), text(x(v), H - 6, format(v), "tick", "middle")]),
		rows.map((r, i) => [text(0, y(i) + (small ? -26 : -2), small ? `${r.name} · ${r.note}` : r.name, "name"), !small && text(0, y(i) + 15, r.note),
			Number.isFinite(r.value) ? [s("line", { x1: x(r.low), x2: x(r.high), y1: y(i), y2: y(i), class: `error ${r.kind}` }),
				[r.low, r.high].map((v) => s("line", { x1: x(v), x2: x(v), y1: y(i) - 8, y2: y(i) + 8, class: `error ${r.kind}` })),
				s("circle", { cx: x(r.value), cy: y(i), r: 6, class: `point ${r.kind}` })] : null,
			text(W, y(i) + (small ? -26 : 5), format(r.value), "total", "end")]));
}
