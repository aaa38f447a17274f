// Elements, made without markup: what comes from outside is only ever text.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
	for (const [name, value] of Object.entries(attributes || {})) {
		if (value === null || value === undefined || value === false) continue;
		if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
		else element.setAttribute(name, value);
	}
	for (const child of children.flat(Infinity)) if (child !== null && child !== undefined && child !== false) element.append(child);
	return element;
}

export const h = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);
export const s = (name, attributes, ...children) => fill(document.createElementNS(SVG, name), attributes, children);
export const by = (id) => document.getElementById(id);

export const card = (title, note, ...children) =>
	h("section", { class: "card" }, h("div", { class: "head" }, h("h2", {}, title), note && h("span", { class: "note" }, note)), children);

// Replaces what is there only if it differs, so that nothing flickers; who had the focus has it again if it is still there.
export function put(place, ...children) {
	if (!place) return;
	const fresh = h("div", {}, children);
	if (fresh.innerHTML === place.innerHTML) return;
	const focused = place.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
	place.replaceChildren(...fresh.childNodes);
	if (focused) place.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

// The parts of a page, laid out once; each is filled by put() as news come.
export function parts(place, ...children) {
	place.replaceChildren(...h("div", {}, children).childNodes);
}

// A drawing is as wide as a phone or as a card; text keeps its size.
const phone = matchMedia("(max-width: 720px)");
export const narrow = () => phone.matches;
export const onWidth = (call) => phone.addEventListener("change", call);
