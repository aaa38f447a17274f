"""page.py BIN PICTURES   What a risk officer sees and does, in a real browser, before a real dq-serve that reads a pipe."""
import json
import os
import re
import subprocess
import sys
import time
import urllib.request

from browser import Browser

BIN, PICTURES = sys.argv[1:]
CONTRAST = """(() => {
	const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
	const light = (c) => c.slice(0, 3).map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((a, v, i) => a + v * [0.2126, 0.7152, 0.0722][i], 0);
	const behind = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
	const poor = []; let looked = 0;
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const e = walk.currentNode.parentElement;
		if (!walk.currentNode.data.trim() || !e.getClientRects().length || e.closest(".unseen, noscript, option, title")) continue;
		const style = getComputedStyle(e), a = light(rgb(e.namespaceURI.endsWith("svg") ? style.fill : style.color)), b = light(behind(e));
		looked++;
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (ratio < 4.5) poor.push(`${ratio.toFixed(2)} ${walk.currentNode.data}`);
	}
	return { looked, poor };
})()"""


def ask(path):
    with urllib.request.urlopen(URL + path, timeout=10) as answer:
        return json.load(answer)


def serve(listen, lines):
    server = subprocess.Popen([f"{BIN}/dq-serve", "--listen", listen], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    for line in server.stderr:
        if b"listening: " in line:
            break
    server.stdin.write(lines)
    server.stdin.flush()
    return server, line.decode().split("listening: ")[1].strip()


def look(name, dark=False, width=1440, height=900):
    browser.window(width, height, dark)
    time.sleep(0.5)
    wide = browser.value("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name}: {wide} px too wide"
    contrast = browser.value(CONTRAST)
    assert contrast["looked"] > 10 and not contrast["poor"], f"{name}: {contrast}"
    browser.picture(f"{PICTURES}/{name}.png")


def go(hash, ready):
    browser.value(f"location.hash = '{hash}'")
    browser.wait(ready)


def listed():
    return browser.value("[...document.querySelectorAll('.customer')].map((e) => e.dataset.id)")


def an_alert_comes():
    """Payments of one customer fail until the score is high; the page must tell within a second of the last one."""
    ids = [c["customer_id"] for c in ask("/high_risk_customers?limit=50&level=MEDIUM")["customers"]]
    browser.value("window.told = {}; new MutationObserver(() => { for (const a of document.querySelectorAll('#alerts b')) told[a.textContent] ||= Date.now(); }).observe(document.getElementById('alerts'), { childList: true, subtree: true })")
    sent = {}
    for i in range(12):
        for who in ids:
            sent[who] = time.time()
            record = {"event_type": "transaction", "customer_id": who, "txn_time": f"2026-11-23T{8 + i // 60:02}:{i % 60:02}:00Z", "amount": "400.00", "txn_type": "debit",
                      "transaction_id": f"F{who}{i}", "category": "emi", "channel": "online", "currency": "EUR", "is_failed": i % 2 == 1}
            server.stdin.write(json.dumps(record).encode() + b"\n")
        server.stdin.flush()
        time.sleep(3)  # so that a late alert is not taken for one of the next round
        told = browser.value("told")
        if told:
            late = max(at / 1000 - sent[who] for who, at in told.items())
            assert late < 1 and set(told) <= set(ids), told
            print(f"{len(told)} alerts within {1000 * late:.0f} ms")
            return
    raise AssertionError(f"no alert: {[ask('/customer/' + who)['risk']['risk_score'] for who in ids]}")


def keyboard():
    go("#/", "document.querySelectorAll('.customer').length > 1")
    browser.call("Page.reload")
    browser.wait("document.querySelectorAll('.customer').length > 1")
    browser.key("Tab")
    assert browser.value("document.activeElement.className") == "skip"
    ids = listed()
    for _ in range(2):
        browser.key("j", "j")
    assert browser.value("document.activeElement.dataset.id") == ids[1]
    assert browser.value("getComputedStyle(document.activeElement).outlineStyle") != "none"
    browser.key("ArrowUp")
    assert browser.value("document.activeElement.dataset.id") == ids[0]
    browser.key("/", "/")
    assert browser.value("document.activeElement.id") == "search"
    browser.call("Input.insertText", text=ids[1])
    browser.wait(f"document.querySelectorAll('.customer').length === 1 && document.querySelector('.customer').dataset.id === '{ids[1]}'")
    browser.key("ArrowDown")
    browser.key("Enter", "\r")
    browser.wait(f"document.querySelector('h1').textContent.includes('{ids[1]}')")
    browser.key("Escape")
    browser.wait("!!document.getElementById('search')")


def customer(who):
    go(f"#/customer/{who}", f"document.querySelector('h1').textContent.includes('{who}')")
    risk = ask(f"/customer/{who}")["risk"]
    browser.wait(f"document.querySelector('.big').textContent === '{100 * risk['risk_score']:.1f}%'")
    steps = browser.value("document.querySelectorAll('.raises, .lowers').length")
    assert steps == len(risk["top_features"]) + 1, steps
    assert abs(risk["base"] + sum(f["contribution"] for f in risk["top_features"]) + risk["other_contribution"] - risk["margin"]) < 1e-4


def review():
    """A decision that waits for a person is approved in the page; the server knows it then."""
    who = ask("/high_risk_customers?limit=1")["customers"][0]["customer_id"]
    profile = {**ask(f"/customer/{who}")["profile"], "event_time": "2026-11-23T12:00:00Z", "vulnerable": True}
    spent = {"event_type": "transaction", "customer_id": who, "amount": "900.00", "txn_type": "debit", "transaction_id": "R1", "category": "emi", "channel": "online", "currency": profile["currency"]}
    later = [profile] + [{**spent, "txn_time": f"2026-11-23T{h}:00:00Z", "transaction_id": f"R{h}", "is_failed": h % 2 == 0} for h in range(13, 20)]
    server.stdin.write(b"".join(json.dumps(record).encode() + b"\n" for record in later))
    server.stdin.flush()
    time.sleep(0.5)
    waiting = [d for d in ask("/interventions?limit=1000&decision=review")["interventions"] if d.get("status") == "pending_review"]
    for decision in waiting:
        who = decision["customer_id"]
        go(f"#/customer/{who}", f"document.querySelector('h1').textContent.includes('{who}')")
        if browser.value("!!document.querySelector('form.review')"):
            break
    else:
        raise AssertionError("nothing waits for a review")
    look("review")
    browser.value("document.querySelector('form.review [name=by]').value = 'Anna'; document.querySelector('form.review [name=reason]').value = 'agreed by telephone'; document.querySelector('form.review [value=override]').click()")
    browser.wait("document.querySelector('.reviewed')?.textContent === 'Overridden by Anna: agreed by telephone'")
    made = [d for d in ask(f"/customer/{who}")["decisions"] if d.get("review")]
    assert made and made[0]["review"]["by"] == "Anna", made


os.makedirs(PICTURES, exist_ok=True)
lines = subprocess.run([f"{BIN}/dq-simulate", "--customers", "600", "--days", "90", "--seed", "3", "--start", "2026-08-25"], stdout=subprocess.PIPE, check=True).stdout
server, URL = serve("127.0.0.1:0", lines)
browser = Browser()
try:
    until = time.monotonic() + 60
    while (ask("/health")["event_time"] or "") < "2026-11-23":
        assert time.monotonic() < until, "the records are not read"
        time.sleep(0.2)
    browser.window(1440, 900)
    browser.call("Page.navigate", url=URL + "/dashboard/")
    browser.wait("document.getElementById('state')?.textContent === 'Live' && document.querySelectorAll('.customer').length > 1")
    want = [c["customer_id"] for c in ask("/high_risk_customers?limit=100&level=CRITICAL,HIGH,MEDIUM")["customers"]]
    assert listed() == want, (listed(), want)
    assert browser.value("[...document.querySelectorAll('.levels b')].map((e) => e.textContent)") == [str(ask("/stats")[f"{n}_risk_count"]) for n in ("critical", "high", "medium", "low")]
    an_alert_comes()
    for dark in (False, True):
        look(f"today-{'dark' if dark else 'light'}", dark)
        look(f"phone-{'dark' if dark else 'light'}", dark, 360, 740)
    browser.window(1440, 900)
    keyboard()
    customer(want[0])
    for dark in (False, True):
        look(f"customer-{'dark' if dark else 'light'}", dark)
    look("customer-phone", False, 360, 740)
    review()
    for page, ready in (("effect", "document.querySelectorAll('.point').length === 3"), ("system", "document.querySelectorAll('.facts').length === 3")):
        go(f"#/{page}", ready)
        for dark in (False, True):
            look(f"{page}-{'dark' if dark else 'light'}", dark)
    assert not (faults := browser.faults()), faults
    go("#/", "document.querySelectorAll('.customer').length === 1")
    server.kill()
    server.wait()
    browser.wait("!document.getElementById('stale').hidden && / old: /.test(document.getElementById('stale').textContent)")
    look("stale")
    server, again = serve(re.sub("^.*//", "", URL), lines)
    assert again == URL
    browser.wait("document.getElementById('state').textContent === 'Live' && document.getElementById('stale').hidden", 40)
    browser.faults()
    assert browser.value("fetch('https://example.invalid/').then(() => 'went', () => 'refused')") == "refused"
    assert any("Content Security Policy" in fault for fault in browser.faults()), "the CSP let it pass"
finally:
    browser.close()
    server.kill()
