// What the server is asked, and what it says by itself.
import { by } from "./dom.js";

const KEY = "dq-token";
let asking = null;

const token = () => sessionStorage.getItem(KEY) || "";

// A dialog that wants a token; it is kept in this tab and never in an address.
function askToken() {
	asking ||= new Promise((done) => {
		const dialog = by("token");
		dialog.addEventListener("cancel", (event) => event.preventDefault());
		by("token-form").onsubmit = () => {
			sessionStorage.setItem(KEY, by("token-text").value.trim());
			by("token-text").value = "";
			asking = null;
			done();
		};
		dialog.showModal();
	});
	return asking;
}

export async function ask(path, body) {
	const headers = {};
	if (token()) headers.Authorization = `Bearer ${token()}`;
	if (body) headers["Content-Type"] = "application/json";
	const answer = await fetch(path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body), cache: "no-store" });
	if (answer.status === 401) {
		await askToken();
		return ask(path, body);
	}
	const json = await answer.json().catch(() => null);
	if (!answer.ok) throw Object.assign(new Error(json?.error?.message || `The server answered ${answer.status}.`), { status: answer.status, code: json?.error?.code });
	return json;
}

// Listens; when the server goes away, tries again after 0.5 s, 1 s, 2 s ... 15 s.
// heard(frame), changed("live" | "lost")
export function listen(heard, changed) {
	let pause = 500;
	const open = async () => {
		try {
			await ask("/health");
		} catch {
			changed("lost");
			setTimeout(open, pause);
			pause = Math.min(pause * 2, 15000);
			return;
		}
		const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`;
		const socket = new WebSocket(url, token() ? ["dq-live", token()] : ["dq-live"]);
		socket.onopen = () => {
			pause = 500;
			changed("live");
		};
		socket.onmessage = (event) => heard(JSON.parse(event.data));
		socket.onclose = () => {
			changed("lost");
			setTimeout(open, pause * (0.75 + Math.random() / 2));
			pause = Math.min(pause * 2, 15000);
		};
	};
	open();
}
