"""tokens.py PICTURES   A page whose server wants tokens: without one, with a wrong one, one that may read, one that may decide; approve and override, down to the audit."""
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error

from browser import Browser
from drive import BIN, Server, failed_payments, simulate
from eyes import Eyes

PICTURES = sys.argv[1]
DAY = "2026-11-23"
TOKENS = {"rita": ("read", "reads-0123456789"), "dora": ("decide", "decides-0123456789"), "adam": ("admin", "admin-0123456789")}


def dialog_open():
    return browser.value("document.getElementById('token')?.open")


def enter(token):
    browser.wait("document.getElementById('token')?.open")
    assert browser.value("document.activeElement.id") == "token-text"
    browser.call("Input.insertText", text=token)
    browser.key("Enter", "\r")


def forget_and(token):
    browser.value("location.hash = '#/system'")
    browser.wait("document.getElementById('forget') && !document.getElementById('forget').hidden")
    browser.value("document.getElementById('forget').click()")
    enter(token)
    browser.wait("!document.getElementById('token')?.open && document.getElementById('state').textContent === 'Live'")


def waiting(n):
    """So many customers with a decision that waits for a person."""
    for customer in server.ask("/high_risk_customers?limit=40")["customers"]:
        who = customer["customer_id"]
        profile = server.ask(f"/customer/{who}")["profile"]
        consent = {"sms": True, "email": True, "phone_call": True}
        server.send({**profile, "event_time": f"{DAY}T09:00:00Z", "vulnerable": True, "consent": consent}, *failed_payments([who], range(600, 720, 20), DAY, "300.00", profile["currency"], "W"))
    until = time.monotonic() + 20
    while True:
        found = {}
        for d in server.ask("/interventions?limit=1000&decision=review")["interventions"]:
            if d["status"] == "pending_review" and not d.get("review") and d["event_time"] >= DAY:
                found[d["customer_id"]] = d["intervention_id"]
        if len(found) >= n:
            return list(found.items())
        assert time.monotonic() < until, found
        time.sleep(0.3)


def show(who):
    browser.value(f"location.hash = '#/customer/{who}'")
    browser.wait(f"document.querySelector('h1').textContent.includes('{who}') && !!document.querySelector('#review .card')")


def answer(button, why):
    browser.value("document.querySelector('form.review [name=reason]').focus()")
    browser.call("Input.insertText", text=why)
    browser.value(f"document.querySelector('form.review [value={button}]').click()")
    browser.wait("!!document.querySelector('.reviewed') && !document.querySelector('form.review')")


def reviewed(decision):
    """The review record of a decision, as the server keeps it."""
    for d in server.ask("/interventions?limit=1000")["interventions"]:
        if d["intervention_id"] == decision:
            return d["review"]
    raise AssertionError(decision)


def audited(decisions):
    """What the server knows goes through the audit's chain: sealed, verified, and broken by a changed word."""
    records = [d for d in server.ask("/interventions?limit=1000")["interventions"]][::-1]
    lines = []
    for d in records:
        review = d.pop("review", None)
        lines += [json.dumps(d)] + ([json.dumps(review)] if review else [])
    with tempfile.TemporaryDirectory() as home:
        sealed = f"{home}/sealed"
        with open(sealed, "w") as file:
            subprocess.run([f"{BIN}/dq-audit", "seal"], input="\n".join(lines) + "\n", text=True, stdout=file, check=True)
        subprocess.run([f"{BIN}/dq-audit", "verify", "--from", sealed], check=True, stdout=subprocess.DEVNULL)
        text = open(sealed).read()
        for decision, by, why in decisions:
            assert any(json.loads(line).get("intervention_id") == decision and json.loads(line).get("by") == by and json.loads(line).get("reason") == why for line in text.splitlines()), decision
        with open(sealed, "w") as file:
            file.write(text.replace(decisions[0][2], "another word"))
        assert subprocess.run([f"{BIN}/dq-audit", "verify", "--from", sealed], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 1


os.makedirs(PICTURES, exist_ok=True)
home = tempfile.TemporaryDirectory()
with open(f"{home.name}/tokens", "w") as file:
    for name, (role, token) in TOKENS.items():
        file.write(f"{name} {role} {hashlib.sha256(token.encode()).hexdigest()}\n")
server = Server("--tokens", f"{home.name}/tokens", lines=simulate("--customers", "300", "--days", "80", "--seed", "3", "--start", "2026-09-04"), token=TOKENS["adam"][1])
browser = Browser()
eyes = Eyes(browser, PICTURES)
try:
    until = time.monotonic() + 60
    while (server.ask("/health")["event_time"] or "") < DAY:
        assert time.monotonic() < until, "the records are not read"
        time.sleep(0.2)
    pending = waiting(2)
    browser.window(1440, 900)
    browser.call("Page.navigate", url=server.page)

    # None: nothing but the question is seen, and there is no way round it. A wrong one: said, and asked again.
    browser.wait("document.getElementById('token')?.open")
    browser.key("Escape")
    browser.key("Escape")
    time.sleep(0.3)
    assert dialog_open() and not browser.value("document.querySelectorAll('.customer').length")
    browser.picture(f"{PICTURES}/token.png", whole=False)
    enter("wrong")
    browser.wait("document.getElementById('token')?.open && document.getElementById('token-fault').textContent.startsWith('Nobody has this token')")
    browser.window(360, 740)
    browser.picture(f"{PICTURES}/token-phone-wrong.png", whole=False)
    browser.window(1440, 900)
    assert not browser.value("document.querySelectorAll('.customer').length")

    # One that may read: all is seen, nothing can be decided, by the page or past it.
    enter(TOKENS["rita"][1])
    browser.wait("!document.getElementById('token')?.open && document.querySelectorAll('.customer').length > 0 && document.getElementById('state').textContent === 'Live'")
    show(pending[0][0])
    browser.wait("!!document.getElementById('may-not')")
    assert not browser.value("!!document.querySelector('#review button, form.review')")
    eyes.look("review-may-not")
    status = browser.value(f"fetch('/interventions/{pending[0][1]}/review', {{ method: 'POST', headers: {{ 'Content-Type': 'application/json', Authorization: 'Bearer ' + sessionStorage.getItem('dq-token') }}, "
                           "body: JSON.stringify({ decision: 'approve', by: 'rita', reason: 'x' }) }).then((a) => a.status)")
    assert status == 403, status
    assert reviewed(pending[0][1]) is None

    # One that may decide: both answers are taken in the name of the token, and are on record.
    forget_and(TOKENS["dora"][1])
    browser.wait("document.getElementById('you')?.textContent.includes('dora') && document.getElementById('you').textContent.includes('read and decide')")
    show(pending[0][0])
    browser.wait("document.querySelector('form.review')?.textContent.includes('You answer as dora')")
    assert not browser.value("!!document.querySelector('form.review [name=by]')")
    eyes.both("review-as-dora")
    answer("approve", "spoke to her")
    assert browser.value("document.querySelector('.reviewed').textContent") == "Approved by dora: spoke to her"
    show(pending[1][0])
    answer("override", "is in hospital")
    assert browser.value("document.querySelector('.reviewed').textContent") == "Overridden by dora: is in hospital"
    made = []
    for (who, decision), kind, why in zip(pending, ("approve", "override"), ("spoke to her", "is in hospital")):
        record = reviewed(decision)
        assert (record["decision"], record["by"], record["reason"], record["customer_id"]) == (kind, "dora", why, who), record
        made.append((decision, "dora", why))
    audited(made)

    # The token is in this tab alone, and in no address.
    for _, token in TOKENS.values():
        assert token not in browser.value("location.href + JSON.stringify(localStorage) + document.cookie")
    faults = [fault for fault in browser.faults() if "401" not in fault and "403" not in fault]
    assert not faults, faults
finally:
    browser.close()
    server.kill()
