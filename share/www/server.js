// What the server is asked, and what it says by itself.
import { by } from "./dom.js";

const KEY = "dq-token";
const LIMIT = 10000; // ms that an answer may take
let asking = null;

const token = () => sessionStorage.getItem(KEY) || "";

// A dialog that wants a token; it is kept in this tab and never in an address.
function askToken(refused) {
	asking ||= new Promise((done) => {
		const dialog = by("token");
		by("token-fault").textContent = refused ? "Nobody has this token here. Look for a missing letter, or ask your administrator." : "";
		dialog.onclose = () => asking && dialog.showModal(); // there is no way round it
		by("token-form").onsubmit = () => {
			sessionStorage.setItem(KEY, by("token-text").value.trim());
			by("token-text").value = "";
			asking = null;
			done();
		};
		if (!dialog.open) dialog.showModal();
	});
	return asking;
}

export function forget() {
	sessionStorage.removeItem(KEY);
	location.reload();
}

export async function ask(path, body) {
	const mine = token();
	const headers = {};
	if (mine) headers.Authorization = `Bearer ${mine}`;
	if (body) headers["Content-Type"] = "application/json";
	const answer = await fetch(path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body), cache: "no-store", signal: AbortSignal.timeout(LIMIT) });
	if (answer.status === 401) {
		if (mine === token()) await askToken(mine !== "");
		return ask(path, body);
	}
	const json = await answer.json().catch(() => null);
	if (!answer.ok) throw Object.assign(new Error(json?.error?.message || `The server answered ${answer.status}.`), { status: answer.status, code: json?.error?.code });
	return json;
}

// Who asks: {name, role}, asked once for a token.
let known = null;
export async function me() {
	if (known?.token !== token()) {
		const who = await ask("/whoami");
		known = { token: token(), ...who };
	}
	return known;
}
export const mayDecide = (who) => who.role === "decide" || who.role === "admin";

// Listens; when the server goes away, tries again after 0.5 s, 1 s, 2 s ... 15 s, and at once when the network is back.
// heard(frame), changed("live" | "lost")
export function listen(heard, changed) {
	let pause = 500;
	let timer = null;
	const again = () => {
		clearTimeout(timer);
		timer = setTimeout(open, pause * (0.75 + Math.random() / 2));
		pause = Math.min(pause * 2, 15000);
	};
	const open = async () => {
		timer = null;
		try {
			await ask("/health");
		} catch {
			changed("lost");
			again();
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
			again();
		};
	};
	addEventListener("online", () => {
		if (timer === null) return;
		clearTimeout(timer);
		open();
	});
	open();
}
