"""kafka.py PICTURES   The page before a pipeline that runs: dq-simulate live -> topic -> features | score | intervene -> topics -> dq-serve -> Chromium.
DQ_BOOTSTRAP_SERVER names a broker whose topics are there; BROKER stops and starts it."""
import datetime
import json
import os
import subprocess
import sys
import tempfile
import time

from browser import Browser
from drive import BIN, Server, simulate
from eyes import Eyes

PICTURES = sys.argv[1]
BROKER = os.environ["BROKER"]
LATE = 1.0  # seconds from a transaction to its alert in the page
ROUNDS = 14
started = []


def run(command, **more):
    """A part of the pipeline; stopped at the end."""
    process = subprocess.Popen(command, shell=True, start_new_session=True, env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}, **more)
    started.append(process)
    return process


def moment():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def until(what, seconds, why):
    end = time.monotonic() + seconds
    while not (got := what()):
        assert time.monotonic() < end, (why, server.ask("/health"), server.ask("/pipeline"))
        time.sleep(0.2)
    return got


def in_topic(topic):
    return [json.loads(line) for line in subprocess.run([f"{BIN}/dq-cat", "--from", f"kafka:{topic}", "-e"], stdout=subprocess.PIPE, check=True).stdout.splitlines()]


def alerts_come(writer):
    """Instalments that customers below HIGH cannot bear, one every 1.5 s, every second one bounced, until alerts have come; each within a second of its transaction, by the clock."""
    ids = [c["customer_id"] for c in server.ask("/high_risk_customers?limit=40&level=MEDIUM,LOW")["customers"]]
    for who in ids[::2]:  # about whom a person decides
        profile = {**server.ask(f"/customer/{who}")["profile"], "event_time": moment(), "vulnerable": True, "consent": {"sms": True, "email": True, "phone_call": True}}
        writer.stdin.write(json.dumps(profile).encode() + b"\n")
    browser.value("""window.told = {};
        new MutationObserver(() => { for (const a of document.querySelectorAll('#alerts li a')) told[a.querySelector('b').textContent + ' ' + a.querySelector('time').dateTime] ||= Date.now(); })
        .observe(document.getElementById('alerts'), { childList: true, subtree: true })""")
    for i in range(ROUNDS):
        for who in ids:
            record = {"event_type": "transaction", "customer_id": who, "txn_time": moment(), "amount": "900.00", "txn_type": "debit", "transaction_id": f"F{who}{i}", "category": "emi",
                      "channel": "online", "currency": "EUR", "is_failed": i % 2 == 1}
            writer.stdin.write(json.dumps(record).encode() + b"\n")
            writer.stdin.flush()
        time.sleep(1.5)
    told = browser.value("told")
    late = []
    for name, at in told.items():
        happened = datetime.datetime.fromisoformat(name.split(" ")[1].replace("Z", "+00:00")).timestamp()
        late.append(at / 1000 - happened)
    late.sort()
    assert late, [server.ask("/customer/" + who)["risk"]["risk_score"] for who in ids]
    print(f"kafka: {len(late)} alerts, {1000 * late[0]:.0f} to {1000 * late[-1]:.0f} ms after their transaction, median {1000 * late[len(late) // 2]:.0f} ms")
    assert late[-1] < LATE, late
    return sorted({name.split(" ")[0] for name in told})


def review():
    """Approved in the page, recorded in the topic, and not asked for again."""
    until(lambda: server.ask("/interventions?decision=review&since=" + begun)["count"], 10, "no decision waits for a person")
    waiting = [d for d in server.ask("/interventions?limit=1000&decision=review")["interventions"] if d["status"] == "pending_review" and not d.get("review")]
    answered = {d.get("review_of") for d in server.ask("/interventions?limit=1000")["interventions"]}
    waiting = [d for d in waiting if d["intervention_id"] not in answered]
    assert waiting, "no decision waits for a person"
    for decision in waiting:
        who = decision["customer_id"]
        browser.value(f"location.hash = '#/customer/{who}'")
        browser.wait(f"document.querySelector('h1').textContent.includes('{who}') && !!document.querySelector('#decided li')")
        if browser.value("!!document.querySelector('form.review')"):
            break
    browser.wait("!!document.querySelector('form.review')")
    eyes.look("kafka-review")
    browser.value("document.querySelector('form.review [name=by]').value = 'Anna'; document.querySelector('form.review [name=reason]').value = 'she asked for it'; document.querySelector('form.review [value=approve]').click()")
    browser.wait("document.querySelector('.reviewed')?.textContent === 'Approved by Anna: she asked for it'")
    until(lambda: [r for r in in_topic("interventions-stream") if r.get("event_type") == "review" and r["by"] == "Anna" and r["reason"] == "she asked for it" and r["decision"] == "approve" and r["customer_id"] == who],
          20, "the review is not in the topic")


def broker_away_and_back():
    browser.value("location.hash = '#/system'")
    says = "[...document.querySelectorAll('#spool dt')].find((e) => e.textContent === 'Kafka')?.nextElementSibling.textContent"
    browser.wait(f"{says} === 'reachable'")
    eyes.both("kafka-system")
    subprocess.run([BROKER, "kill"], check=True, stdout=subprocess.DEVNULL)
    browser.wait(f"{says} === 'away: records wait' && document.querySelector('h1').textContent === 'Something needs attention'", 40)
    browser.wait("/^Kafka is away: these figures are of /.test(document.getElementById('stale').textContent) && !document.getElementById('stale').hidden", 20)
    eyes.look("kafka-away")
    subprocess.run([BROKER, "restart"], check=True, stdout=subprocess.DEVNULL)
    browser.wait(f"{says} === 'reachable' && document.getElementById('stale').hidden", 60)


os.makedirs(PICTURES, exist_ok=True)
begun = moment()
home = tempfile.TemporaryDirectory()
begin = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=90)).strftime("%Y-%m-%d")
browser = server = None
try:
    history = simulate("--customers", "600", "--days", "90", "--seed", "3", "--start", begin)
    subprocess.run([f"{BIN}/dq-cat", "--to", "kafka:transactions-stream"], input=history, check=True)
    run(f"dq-run 'dq-features --from kafka:transactions-stream --state kafka:dq-state-features | dq-score --reasons 5 | dq-intervene --pass --state kafka:dq-state-intervene --to kafka:predictions-stream'")
    server = Server("--from", "kafka:transactions-stream,predictions-stream,interventions-stream", "--spool", f"{home.name}/spool")
    writer = run("dq-cat --to kafka:transactions-stream", stdin=subprocess.PIPE)
    def is_read():  # a transaction's marker at the end of a partition counts as a record behind
        p, health = server.ask("/pipeline"), server.ask("/health")
        return p["records"]["transaction"] >= history.count(b'"event_type":"transaction"') and p["records"]["prediction"] > 0 and all(s["lag"] is not None and s["lag"] <= 8 for s in health["sources"]) and \
            [d for d in server.ask("/interventions?limit=1")["interventions"]]

    def is_done():  # all that was written is behind the pipeline, which is done with it when its last filter has written
        lag = subprocess.run([f"{BIN}/dq-lag", "-G", "feature-processor-group", "--max-lag", "0"], stdout=subprocess.PIPE)
        return lag.stdout and lag.returncode == 0

    until(is_done, 120, "the pipeline does not come to an end")
    until(is_read, 60, "the history has not come through")
    browser = Browser()
    eyes = Eyes(browser, PICTURES)
    browser.window(1440, 900)
    browser.call("Page.navigate", url=server.page)
    run("dq-simulate live 20 --customers 600 --seed 3 | dq-cat --to kafka:transactions-stream")
    browser.wait("document.getElementById('state')?.textContent === 'Live' && document.querySelectorAll('.customer').length > 1")
    alerted = alerts_come(writer)
    eyes.both("kafka-today")
    browser.value(f"location.hash = '#/customer/{alerted[0]}'")
    browser.wait(f"document.querySelector('h1').textContent.includes('{alerted[0]}') && document.querySelectorAll('#spend .bars').length > 10 && !!document.querySelector('#balance .line') && !!document.querySelector('#score .line')")
    eyes.both("kafka-customer")
    review()
    browser.value("location.hash = '#/effect'")
    browser.wait("document.querySelectorAll('#groups .point').length === 2")
    eyes.look("kafka-effect")
    assert not (faults := browser.faults()), faults
    broker_away_and_back()
finally:
    if browser:
        browser.close()
    if server:
        server.kill()
    for process in started:
        try:
            os.killpg(process.pid, 9)
        except ProcessLookupError:
            pass
        process.wait()
