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

// Replaces what is there only if it differs, so that nothing flickers and the focus stays.
export function put(place, ...children) {
	const fresh = h("div", {}, children);
	if (fresh.innerHTML !== place.innerHTML || fresh.querySelector("[data-live]")) place.replaceChildren(...fresh.childNodes);
}
