// Small drawings. Each has a title for those who cannot see it.
import { h, s } from "./dom.js";
import { count, featureName, featureValue, LEVELS, LEVEL_SIGNS, LEVEL_WORDS, share, signed, when } from "./text.js";

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

export const levelOf = (score) => (score >= 0.7 ? "CRITICAL" : score >= 0.5 ? "HIGH" : score >= 0.3 ? "MEDIUM" : "LOW");

// Heights by the square root: a few at the right must be seen beside thousands at the left; the numbers are in the titles.
export function histogram(bars) {
	const most = Math.sqrt(Math.max(1, ...bars));
	const w = 320 / bars.length;
	return h("figure", {}, picture(320, 130, `Customers by score: ${bars.map((n, i) => (n ? `${i * 5} to ${i * 5 + 5} %: ${n}` : "")).filter(Boolean).join(", ")}`,
		s("line", { x1: 0, x2: 320, y1: 110.5, y2: 110.5, class: "axis" }),
		bars.map((n, i) => s("rect", { x: i * w + 1.5, width: w - 3, rx: 2, y: 110 - (n ? Math.max(2, (94 * Math.sqrt(n)) / most) : 0), height: n ? Math.max(2, (94 * Math.sqrt(n)) / most) : 0, class: `fill-${levelOf((i + 0.5) / bars.length)}` },
			s("title", {}, `${share(i / bars.length, 0)} to ${share((i + 1) / bars.length, 0)}: ${count(n)}`))),
		[0, 0.3, 0.5, 0.7, 1].map((x) => text(x * 320, 126, share(x, 0), "tick", x === 0 ? "start" : x === 1 ? "end" : "middle")),
		text(0, 10, `most: ${count(Math.max(...bars))}`)), h("figcaption", { class: "note" }, "Bar heights grow with the square root."));
}

// rows [{date, ...}], lines [{key, name, kind}]; kind "line" or "bar"
export function overTime(rows, lines, title, format, range) {
	const W = 640, H = 200, left = 8, right = 8, top = 16, bottom = 24;
	const values = lines.flatMap((line) => rows.map((row) => row[line.key])).filter(Number.isFinite);
	if (!values.length) return h("p", { class: "empty" }, "Nothing is known of these days.");
	let [low, high] = range || [Math.min(0, ...values), Math.max(...values)];
	if (high === low) high = low + 1;
	const x = (i) => left + ((i + 0.5) * (W - left - right)) / rows.length;
	const y = (v) => top + ((high - v) * (H - top - bottom)) / (high - low);
	const width = Math.max(1, ((W - left - right) / rows.length) * 0.6);
	const draw = (line) => {
		if (line.kind === "bar") return rows.map((row, i) => Number.isFinite(row[line.key]) && row[line.key] !== 0 && s("rect", { x: x(i) - width / 2, width, y: Math.min(y(0), y(row[line.key])), height: Math.max(1, Math.abs(y(0) - y(row[line.key]))), class: "bars" }, s("title", {}, `${when(row.date, "day")}: ${line.name} ${format(row[line.key])}`)));
		let path = "", pen = "M";
		rows.forEach((row, i) => {
			if (!Number.isFinite(row[line.key])) return;
			path += `${pen}${x(i).toFixed(1)} ${y(row[line.key]).toFixed(1)}`;
			pen = "L";
		});
		const last = rows.findLastIndex((row) => Number.isFinite(row[line.key]));
		return [s("path", { d: path, class: "line" }), s("circle", { cx: x(last), cy: y(rows[last][line.key]), r: 4, class: "dot" })];
	};
	return picture(W, H, `${title}, ${rows.length} days, last ${format(values[values.length - 1])}`,
		[low, (low + high) / 2, high].map((v) => v >= 0 || v === low ? [s("line", { x1: left, x2: W - right, y1: y(v), y2: y(v), class: "grid" }), text(left, y(v) - 4, format(v))] : null),
		low < 0 && s("line", { x1: left, x2: W - right, y1: y(0), y2: y(0), class: "axis" }),
		lines.map(draw), text(left, H - 6, when(rows[0].date, "day")), text(W - right, H - 6, when(rows[rows.length - 1].date, "day"), "tick", "end"));
}

// From the base to the score: steps of the log-odds, in the order of their size.
export function waterfall(risk, currency) {
	const other = Number(risk.other_contribution) || 0;
	const steps = [...risk.top_features, { feature: null, contribution: other }];
	let at = risk.base;
	const ends = [at, ...steps.map((step) => (at += step.contribution))];
	const low = Math.min(...ends), span = Math.max(...ends) - low || 1;
	const W = 640, row = 38, H = row * (steps.length + 2), from = 290, to = 566;
	const x = (v) => from + ((v - low) * (to - from)) / span;
	const odds = (v) => 1 / (1 + Math.exp(-v));
	const name = (i, first, second) => [text(0, i * row + 16, first, "name"), second && text(0, i * row + 31, second)];
	return picture(W, H, `From ${share(odds(risk.base))} to ${share(risk.risk_score)}: ${steps.map((step) => `${step.feature ? featureName(step.feature) : "all else"} ${signed(step.contribution)}`).join(", ")}`,
		name(0, "Where everybody starts"), s("circle", { cx: x(ends[0]), cy: 19, r: 5, class: "dot" }), text(W, 23, share(odds(risk.base)), "value", "end"),
		steps.map((step, i) => [
			name(i + 1, step.feature ? featureName(step.feature) : "Everything else", step.feature && featureValue(step.feature, step.value, currency)),
			s("line", { x1: x(ends[i]), x2: x(ends[i]), y1: i * row + (i ? 28 : 24), y2: (i + 1) * row + 10, class: "grid" }),
			s("rect", { x: Math.min(x(ends[i]), x(ends[i + 1])), width: Math.max(2, Math.abs(x(ends[i + 1]) - x(ends[i]))), y: (i + 1) * row + 10, height: 18, rx: 3, class: step.contribution >= 0 ? "raises" : "lowers" }),
			text(W, (i + 1) * row + 23, `${step.contribution >= 0 ? "▲" : "▼"} ${signed(step.contribution)}`, "value", "end")]),
		name(steps.length + 1, "This customer"), s("circle", { cx: x(ends[steps.length]), cy: (steps.length + 1) * row + 19, r: 6, class: "dot" }),
		text(W, (steps.length + 1) * row + 24, share(risk.risk_score), "total", "end"));
}

// rows [{name, value, low, high, kind}]; values from..to of the axis
export function intervals(rows, from, to, format, title) {
	const W = 640, row = 56, left = 170, right = 80, H = rows.length * row + 26;
	const x = (v) => left + ((Math.min(to, Math.max(from, v)) - from) * (W - left - right)) / (to - from);
	const y = (i) => i * row + 30;
	return picture(W, H, `${title}: ${rows.map((r) => `${r.name} ${format(r.value)}, from ${format(r.low)} to ${format(r.high)}`).join("; ")}`,
		[0, 0.25, 0.5, 0.75, 1].map((p) => from + p * (to - from)).map((v) => [s("line", { x1: x(v), x2: x(v), y1: 8, y2: H - 22, class: v === 0 && from < 0 ? "axis" : "grid" }), text(x(v), H - 6, format(v), "tick", "middle")]),
		rows.map((r, i) => [text(0, y(i), r.name, "name"), r.note && text(0, y(i) + 16, r.note),
			Number.isFinite(r.value) ? [s("line", { x1: x(r.low), x2: x(r.high), y1: y(i), y2: y(i), class: `error ${r.kind}` }),
				[r.low, r.high].map((v) => s("line", { x1: x(v), x2: x(v), y1: y(i) - 8, y2: y(i) + 8, class: `error ${r.kind}` })),
				s("circle", { cx: x(r.value), cy: y(i), r: 6, class: `point ${r.kind}` })] : null,
			text(W, y(i) + 5, format(r.value), "total", "end")]));
}
