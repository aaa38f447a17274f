// Light or dark: as the system says, until somebody says otherwise.
import { by } from "./dom.js";

const KEY = "dq-theme";
const system = matchMedia("(prefers-color-scheme: dark)");

function theme(dark) {
	document.documentElement.dataset.theme = dark ? "dark" : "light";
	by("theme").textContent = dark ? "Light" : "Dark";
	by("theme").setAttribute("aria-label", dark ? "Light colours" : "Dark colours");
}

const kept = localStorage.getItem(KEY);
theme(kept ? kept === "dark" : system.matches);
system.addEventListener("change", (event) => localStorage.getItem(KEY) || theme(event.matches));
by("theme").addEventListener("click", () => {
	const dark = document.documentElement.dataset.theme !== "dark";
	localStorage.setItem(KEY, dark ? "dark" : "light");
	theme(dark);
});
