"""What a pair of eyes would find on a page: poor contrast, text under a bar, what stands out of the window, a focus nobody sees."""
import time

# Relative luminance and contrast as in WCAG 2.2; colours with alpha are laid over what is behind them.
COLOURS = """
	const rgb = (text) => { const c = text.match(/[\\d.]+/g).map(Number); return c.length < 4 ? [...c, 1] : c; };
	const over = (a, b) => [0, 1, 2].map((i) => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
	const light = (c) => c.slice(0, 3).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((a, v, i) => a + v * [0.2126, 0.7152, 0.0722][i], 0);
	const behind = (e) => { const c = rgb(getComputedStyle(e).backgroundColor); return c[3] === 1 ? c : over(c, e.parentElement ? behind(e.parentElement) : [255, 255, 255, 1]); };
	const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
	const shown = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !e.closest(".unseen, noscript, option, title, .skip:not(:focus)");
"""
CONTRAST = """(() => {%s
	const poor = []; let texts = 0, drawn = 0;
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const e = walk.currentNode.parentElement, style = getComputedStyle(e);
		if (!walk.currentNode.data.trim() || !shown(e)) continue;
		const b = behind(e), r = ratio(over(rgb(e.namespaceURI.endsWith("svg") ? style.fill : style.color), b), b);
		texts++;
		if (r < 4.5) poor.push(`${r.toFixed(2)} ${walk.currentNode.data}`);
	}
	for (const e of document.querySelectorAll("svg.chart rect, svg.chart circle, svg.chart path, svg.chart .error, svg.chart .axis, svg.chart .mark, svg.bar rect:not(.track), input, select, textarea")) {
		if (!shown(e)) continue;
		const style = getComputedStyle(e), b = behind(e.parentElement);
		const paint = e.matches("input, select, textarea") ? style.borderTopColor : e.matches("path, line") ? style.stroke : style.fill;
		const r = ratio(over(rgb(paint), b), b);
		drawn++;
		if (r < 3) poor.push(`${r.toFixed(2)} ${e.tagName}.${e.getAttribute("class")}`);
	}
	return { texts, drawn, poor };
})()""" % COLOURS

# In a drawing no two texts touch, no text lies over a bar, a dot or a line that shows a figure, and none is too small to read.
OVERLAPS = """(() => {
	const found = [];
	for (const chart of document.querySelectorAll("svg.chart")) {
		const box = (e) => { const r = e.getBoundingClientRect(); return { e, l: r.left + 1, r: r.right - 1, t: r.top + 2, b: r.bottom - 2 }; };
		const meet = (a, b) => a.l < b.r && b.l < a.r && a.t < b.b && b.t < a.b;
		const texts = [...chart.querySelectorAll("text")].map(box), marks = [...chart.querySelectorAll("rect, circle, .error")].map(box);
		const edge = chart.closest(".card").getBoundingClientRect();
		texts.forEach((a, i) => {
			const size = parseFloat(getComputedStyle(a.e).fontSize) * chart.getBoundingClientRect().width / chart.viewBox.baseVal.width;
			if (size < 11) found.push(`${size.toFixed(1)} px: ${a.e.textContent}`);
			if (a.l < edge.left || a.r > edge.right) found.push(`out of its card: ${a.e.textContent}`);
			for (const b of [...texts.slice(i + 1), ...marks]) if (meet(a, b)) found.push(`"${a.e.textContent}" on ${b.e.tagName} "${b.e.textContent}"`);
		});
	}
	return found;
})()"""

# What has the focus must be in the window, under nothing that sticks, and have an outline of 3:1 against what is around it.
FOCUS = """(() => {%s
	const e = document.activeElement;
	if (e === document.body) return null;
	const r = e.getBoundingClientRect(), style = getComputedStyle(e);
	const at = document.elementFromPoint(Math.min(innerWidth - 1, Math.max(0, (r.left + r.right) / 2)), (r.top + r.bottom) / 2);
	const faults = [];
	if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) faults.push("no outline");
	else if (ratio(rgb(style.outlineColor), behind(e.parentElement)) < 3) faults.push("outline hardly seen");
	if (r.bottom <= 0 || r.top >= innerHeight || !(at === e || e.contains(at) || at?.contains(e))) faults.push("hidden");
	const where = e.closest("header, .skip") ? 0 : e.closest("aside") ? 2 : 1;
	return { what: e.id || e.getAttribute("href") || e.textContent.trim() || e.name, faults, where, top: r.top + scrollY };
})()""" % COLOURS


class Eyes:
    def __init__(self, browser, pictures):
        self.browser, self.pictures = browser, pictures

    def look(self, name, dark=False, width=1440, height=900):
        """Keeps a picture, and finds nothing wrong in it."""
        self.browser.window(width, height, dark)
        time.sleep(0.4)
        faults = []
        wide = self.browser.value("document.documentElement.scrollWidth") - width
        if wide > 0:
            faults.append(f"{wide} px too wide")
        contrast = self.browser.value(CONTRAST)
        assert contrast["texts"] > 10, contrast
        self.browser.picture(f"{self.pictures}/{name}.png")
        faults += contrast["poor"] + self.browser.value(OVERLAPS)
        assert not faults, f"{name}: {faults}"

    def both(self, name):
        """Desk and phone, light and dark."""
        for dark in (False, True):
            theme = "dark" if dark else "light"
            self.look(f"{name}-{theme}", dark)
            self.look(f"{name}-phone-{theme}", dark, 360, 740)
        self.browser.window(1440, 900)

    def tab_through(self, at_least, most=80):
        """By Tab alone from the top: each thing that can be used is come to, once, and is seen; header, then what matters, then what is beside it."""
        self.browser.value("document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex'); scrollTo(0, 0)")
        seen = []
        for _ in range(most):
            self.browser.key("Tab")
            now = self.browser.value(FOCUS)
            if now is None or (seen and now["what"] == seen[0]["what"]):
                break
            assert not now["faults"], now
            seen.append(now)
        names = [one["what"] for one in seen]
        order = [one["where"] for one in seen]
        assert len(seen) >= at_least and order == sorted(order), list(zip(names, order))
        return names
