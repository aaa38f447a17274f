// Keys: / finds, arrows or j and k go through the list, Escape goes back.
import { by } from "./dom.js";

function move(step) {
	const rows = [...document.querySelectorAll(".customer")];
	const at = rows.indexOf(document.activeElement);
	rows[Math.min(rows.length - 1, Math.max(0, at + step))]?.focus();
}

document.addEventListener("keydown", (event) => {
	if (event.ctrlKey || event.metaKey || event.altKey || by("token").open) return;
	const typing = event.target.matches("input, textarea, select");
	const arrow = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
	if (event.key === "Escape") {
		if (typing) event.target.blur();
		else if (location.hash.startsWith("#/customer/")) location.hash = "#/";
	} else if (!typing && event.key === "/" && by("search")) {
		event.preventDefault();
		by("search").focus();
	} else if (arrow && by("watch") && (event.target.id === "search" || event.target.classList.contains("customer"))) {
		event.preventDefault();
		move(arrow);
	} else if (!typing && by("watch") && (event.key === "j" || event.key === "k")) move(event.key === "j" ? 1 : -1);
});
