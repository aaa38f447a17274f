"""page.py PICTURES   What a risk officer sees and does, in a real browser, before a real dq-serve that reads a pipe."""
import os
import re
import sys
import time

from browser import Browser
from drive import Server, failed_payments, simulate
from eyes import Eyes

PICTURES = sys.argv[1]
DAY = "2026-11-23"
HEARD = 4.5  # seconds: by itself the page asks again after 5


def go(hash, ready):
    browser.value(f"location.hash = '{hash}'")
    browser.wait(ready)


def listed():
    return browser.value("[...document.querySelectorAll('.customer')].map((e) => e.dataset.id)")


def said(element):
    return f"document.querySelector('{element}')?.textContent"


def row(card, name):
    """What a table or list of facts says beside a name."""
    return f"[...document.querySelectorAll('#{card} th, #{card} dt')].find((e) => e.textContent === '{name}')?.nextElementSibling?.textContent"


def watch_list():
    """All that the server lists, those to call and to review first, else by score; why, what, and how many at each level."""
    want = server.ask("/high_risk_customers?limit=100&level=CRITICAL,HIGH,MEDIUM")["customers"]
    browser.wait(f"document.querySelectorAll('.customer').length === {len(want)}")
    groups = browser.value("[...document.querySelectorAll('#watch ol')].map((e) => [...e.querySelectorAll('.customer')].map((c) => c.dataset.id))")
    by_score = [c["customer_id"] for c in want]
    assert sorted(sum(groups, [])) == sorted(by_score), (groups, by_score)
    for group in groups:
        assert group == [one for one in by_score if one in group], (group, by_score)
    assert browser.value("[...document.querySelectorAll('.why')].every((e) => e.textContent.length > 10)")
    stats = server.ask("/stats")
    assert browser.value("[...document.querySelectorAll('.levels b')].map((e) => e.textContent)") == [str(stats[f"{n}_risk_count"]) for n in ("critical", "high", "medium", "low")]


def calls():
    """Who has to be called stands first, in the headline and in the list, whatever the filters hide and whatever is suppressed behind it."""
    first = server.ask("/high_risk_customers?limit=1")["customers"][0]["customer_id"]
    call = {"event_type": "intervention", "event_time": f"{DAY}T08:30:00Z", "intervention_id": "CALL", "customer_id": "C000084", "decision": "act", "channel": "phone_call", "rule": "critical"}
    server.send({"event_type": "prediction", "event_time": f"{DAY}T08:30:00Z", "prediction_id": "P", "customer_id": "C000084", "risk_score": 0.72, "risk_level": "CRITICAL", "margin": 0.9, "base": -3.9,
                 "top_features": [{"feature": "failed_autodebit_count_30d", "value": 3, "contribution": 2.5, "direction": "up"}], "other_contribution": 2.3},
                call, {**call, "intervention_id": "AGAIN", "decision": "suppress", "suppressed_by": "cool_down", "event_time": f"{DAY}T08:40:00Z"})
    browser.wait("document.querySelector('h1').textContent === '1 customer needs a call now'")
    browser.wait("document.querySelector('#watch h3').textContent.startsWith('Call now') && document.querySelector('.customer').dataset.id === 'C000084'")
    assert browser.value("document.querySelector('.why').textContent") == "Failed payments in 30 days: 3"
    browser.value("[...document.querySelectorAll('.chip')].slice(0, 2).forEach((e) => e.click())")
    browser.wait("!document.querySelector('.customer[data-id=C000084]')")
    browser.value("document.activeElement.blur()")
    time.sleep(1)
    assert browser.value("document.querySelector('h1').textContent") == "1 customer needs a call now"
    browser.value("[...document.querySelectorAll('.chip')].slice(0, 2).forEach((e) => e.click())")
    browser.wait("!!document.querySelector('.customer[data-id=C000084]')")
    browser.value("const s = document.querySelector('select'); s.value = 'call'; s.dispatchEvent(new Event('change'))")
    assert listed() == ["C000084"]
    browser.value("const t = document.querySelector('select'); t.value = ''; t.dispatchEvent(new Event('change'))")
    assert len(listed()) > 1 and first in listed()


def an_alert_comes():
    """Payments of some customers fail until a score is high; the page must tell within a second of the last one."""
    ids = [c["customer_id"] for c in server.ask("/high_risk_customers?limit=50&level=MEDIUM")["customers"]]
    browser.value("window.told = {}; new MutationObserver(() => { for (const a of document.querySelectorAll('#alerts b')) told[a.textContent] ||= Date.now(); }).observe(document.getElementById('alerts'), { childList: true, subtree: true })")
    sent = {}
    for i in range(12):
        for record in failed_payments(ids, [8 * 60 + i], DAY):
            sent[record["customer_id"]] = time.time()
            server.send({**record, "is_failed": i % 2 == 1})
        time.sleep(2.5)  # so that a late alert is not taken for one of the next round
        told = browser.value("told")
        if told:
            late = max(at / 1000 - sent[who] for who, at in told.items())
            assert late < 1 and set(told) <= set(ids), (late, told)
            print(f"pipe: {len(told)} alerts within {1000 * late:.0f} ms")
            return
    raise AssertionError(f"no alert: {[server.ask('/customer/' + who)['risk']['risk_score'] for who in ids]}")


def keyboard():
    go("#/", "document.querySelectorAll('.customer').length > 1")
    browser.call("Page.reload")
    browser.wait("document.querySelectorAll('.customer').length > 1 && document.getElementById('state').textContent === 'Live'")
    browser.key("Tab")
    assert browser.value("document.activeElement.className") == "skip"
    browser.key("Enter", "\r")
    assert browser.value("document.activeElement.id") == "main"
    browser.key("Tab")
    assert browser.value("document.activeElement.id") == "search"
    names = eyes.tab_through(12)
    assert names[0] == "#main" and "theme" in names and "search" in names, names
    ids = listed()
    for _ in range(2):
        browser.key("j", "j")
    browser.value("document.activeElement.blur()")
    browser.key("j", "j")
    browser.key("j", "j")
    assert browser.value("document.activeElement.dataset.id") == ids[1]
    browser.key("ArrowUp")
    assert browser.value("document.activeElement.dataset.id") == ids[0]
    browser.key("/", "/")
    assert browser.value("document.activeElement.id") == "search"
    browser.call("Input.insertText", text=ids[1])
    browser.wait(f"document.querySelectorAll('.customer').length === 1 && document.querySelector('.customer').dataset.id === '{ids[1]}'")
    browser.key("ArrowDown")
    browser.key("Enter", "\r")
    browser.wait(f"document.querySelector('h1').textContent.includes('{ids[1]}')")
    browser.wait("document.activeElement.id === 'main'")
    eyes.tab_through(6)
    browser.key("Escape")
    browser.wait("!!document.getElementById('search')")
    browser.value("const q = document.getElementById('search'); q.value = ''; q.dispatchEvent(new Event('input'))")
    browser.wait("document.querySelectorAll('.customer').length > 1")


def customer(who):
    """The figures are the server's; a payment that comes is seen without a touch."""
    go(f"#/customer/{who}", f"document.querySelector('h1').textContent.includes('{who}') && !!document.querySelector('.big')")
    c = server.ask(f"/customer/{who}")
    risk = c["risk"]
    browser.wait(f"{said('.big')} === '{100 * risk['risk_score']:.1f}%'")
    assert browser.value("document.querySelectorAll('.raises, .lowers').length") == len(risk["top_features"]) + 1
    assert abs(risk["base"] + sum(f["contribution"] for f in risk["top_features"]) + risk["other_contribution"] - risk["margin"]) < 1e-4
    assert browser.value("document.querySelectorAll('#decided > li').length") == len(c["decisions"]) > 0
    for chart in ("score", "balance", "spend"):
        assert browser.value(f"document.querySelectorAll('#{chart} svg .line, #{chart} svg .bars').length") > 0, chart
    history = server.ask(f"/customer/{who}/history?days=90")["history"]
    assert browser.value("document.querySelectorAll('#spend .bars').length") == len([d for d in history if d["spend"]])
    eyes.both("customer")
    time.sleep(0.5)
    before = browser.value("document.getElementById('spend').innerHTML")
    browser.value("window.same = document.getElementById('spend')")
    server.send(*failed_payments([who], [600], DAY, amount="10.00", start="N"))
    browser.wait(f"document.getElementById('spend').innerHTML !== {before!r}".replace("\\n", "\n"), HEARD)
    assert browser.value("window.same === document.getElementById('spend')"), "the page was laid out anew"


def review():
    """A decision that waits for a person is overridden in the page; the server knows it then."""
    who = server.ask("/high_risk_customers?limit=1")["customers"][0]["customer_id"]
    profile = {**server.ask(f"/customer/{who}")["profile"], "event_time": f"{DAY}T12:00:00Z", "vulnerable": True}
    go(f"#/customer/{who}", f"document.querySelector('h1').textContent.includes('{who}')")
    server.send(profile, *failed_payments([who], range(780, 1140, 60), DAY, "900.00", profile["currency"], "R"))
    browser.wait("!!document.querySelector('form.review')")
    eyes.both("review")
    browser.value("document.querySelector('form.review [name=reason]').focus()")
    browser.call("Input.insertText", text="agreed by ")
    server.send(*failed_payments([who], [1150], DAY, "1.00", profile["currency"], "S"))
    time.sleep(1.5)
    browser.call("Input.insertText", text="telephone")
    browser.value("document.querySelector('form.review [name=by]').value = 'Anna'; document.querySelector('form.review [value=override]').click()")
    browser.wait(f"{said('.reviewed')} === 'Overridden by Anna: agreed by telephone'")
    assert not browser.value("!!document.querySelector('form.review')")
    made = [d for d in server.ask(f"/customer/{who}")["decisions"] if d.get("review")]
    assert made and made[0]["review"]["by"] == "Anna", made


def effect():
    go("#/effect", "document.querySelectorAll('.point').length === 3")
    o = server.ask("/outcomes")
    assert browser.value("[...document.querySelectorAll('#groups .total')].map((e) => e.textContent)") == [f"{100 * float(o[g]['rate']):.0f}%" for g in ("treated", "held_out")]
    assert f"likely between {100 * float(o['uplift']['low']):+.1f} and {100 * float(o['uplift']['high']):+.1f}" in browser.value(said(".sub")).replace("−", "-")
    eyes.both("effect")
    n = int(browser.value(row("by-decision", "Held out")))
    server.send({"event_type": "intervention", "event_time": f"{DAY}T20:00:00Z", "intervention_id": "HELD", "customer_id": "C000001", "decision": "hold_out"})
    browser.wait(f"{row('by-decision', 'Held out')} === '{n + 1}'", HEARD)
    browser.wait("document.querySelector('#recent a').textContent === 'C000001'", HEARD)


def system():
    go("#/system", "document.querySelectorAll('.facts').length === 5")
    p = server.ask("/pipeline")
    for name, want in (("Name", p["model"]["name"]), ("Version", p["model"]["version"]), ("Critical from", "70%"), ("Medium from", "30%")):
        assert browser.value(row("model", name)) == want, name
    assert browser.value(row("policy", "Approved by")) == p["policy"]["approver"]
    eyes.both("system")
    server.write(b"no record\n")
    browser.wait(f"{row('read', 'Rejected lines')} === '{p['rejected'] + 1}'")
    assert eyes.tab_through(5)


def levels_are_the_servers():
    bounds = "{ CRITICAL: 0.9, HIGH: 0.65, MEDIUM: 0.2 }"
    got = browser.value(f"import('/dashboard/charts.js').then((c) => [[0.95, 0.7, 0.64, 0.1].map((x) => c.levelOf(x, {bounds})), [...c.histogram(Array(20).fill(1), {bounds}).querySelectorAll('.tick')].map((e) => e.textContent)])")
    assert got == [["CRITICAL", "HIGH", "MEDIUM", "LOW"], ["0%", "20%", "65%", "90%", "tallest: 1 customers"]], got


def stillness():
    """Who wants no motion gets none."""
    moving = "[...document.querySelectorAll('*')].filter((e) => { const s = getComputedStyle(e); return s.animationName !== 'none' || parseFloat(s.transitionDuration) > 0; }).length"
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "no-preference"}])
    assert browser.value(moving) > 0
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
    assert browser.value(moving) == 0


def killed_and_back(page, ready, more, picture):
    """Without a server what is shown is said to be old; when there is one again, its figures are shown, with nobody's help."""
    global server
    go(page, ready)
    browser.wait("document.getElementById('stale').hidden")
    listen = re.sub("^.*//", "", server.url)
    server.kill()
    browser.wait(f"!document.getElementById('stale').hidden && /These figures are \\d+ s old/.test({said('#stale')}) && {said('#state')} === 'Offline'")
    eyes.both(picture) if page == "#/" else eyes.look(picture)
    before = browser.value("document.getElementById('main').innerText")
    server = Server(listen=listen, lines=short)
    server.send(*more)
    browser.wait(f"{said('#state')} === 'Live' && document.getElementById('stale').hidden", 40)
    browser.wait(f"document.getElementById('main').innerText !== {before!r}")
    browser.wait(ready)


os.makedirs(PICTURES, exist_ok=True)
lines = simulate("--customers", "600", "--days", "90", "--seed", "3", "--start", "2026-08-25")
short = simulate("--customers", "60", "--days", "80", "--seed", "3", "--start", "2026-08-25")
server = Server(lines=lines)
browser = Browser()
eyes = Eyes(browser, PICTURES)
try:
    until = time.monotonic() + 60
    while (server.ask("/health")["event_time"] or "") < DAY:
        assert time.monotonic() < until, "the records are not read"
        time.sleep(0.2)
    browser.window(1440, 900)
    browser.call("Page.navigate", url=server.page)
    browser.wait("document.getElementById('state')?.textContent === 'Live' && document.querySelectorAll('.customer').length > 1")
    watch_list()
    an_alert_comes()
    watch_list()
    calls()
    eyes.both("today")
    keyboard()
    customer(listed()[0])
    review()
    effect()
    system()
    levels_are_the_servers()
    stillness()
    assert not (faults := browser.faults()), faults
    for number, (page, ready) in enumerate((("#/", "!!document.querySelector('#watch p, .customer')"), ("#/customer/C000003", "!!document.querySelector('.facts')"), ("#/effect", "!!document.querySelector('#groups svg')"),
                                            ("#/system", "document.querySelectorAll('.facts').length === 5"))):
        news = {"event_type": "intervention", "event_time": "2026-11-20T20:00:00Z", "intervention_id": f"N{number}", "customer_id": "C000003", "decision": "hold_out"}
        killed_and_back(page, ready, [*failed_payments(["C000003"], [number], "2026-11-20", start="K"), *({**news, "intervention_id": f"N{i}"} for i in range(number))], f"stale-{number}")
    browser.faults()
    assert browser.value("fetch('https://example.invalid/').then(() => 'went', () => 'refused')") == "refused"
    assert any("Content Security Policy" in fault for fault in browser.faults()), "the CSP let it pass"
finally:
    browser.close()
    server.kill()
