"""dq-serve as a process, and what it is asked."""
import json
import os
import subprocess
import urllib.request

BIN = os.environ["BIN"]


class Server:
    def __init__(self, *options, lines=b"", listen="127.0.0.1:0", token=None):
        self.token = token
        self.process = subprocess.Popen([f"{BIN}/dq-serve", "--listen", listen, *options], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        said = []
        for line in self.process.stderr:
            said.append(line.decode())
            if "listening: " in said[-1]:
                break
        else:
            raise RuntimeError("".join(said))
        self.url = said[-1].split("listening: ")[1].strip()
        self.page = self.url + "/dashboard/"
        self.write(lines)

    def write(self, lines):
        self.process.stdin.write(lines)
        self.process.stdin.flush()

    def send(self, *records):
        self.write(b"".join(json.dumps(record).encode() + b"\n" for record in records))

    def ask(self, path, token=None):
        token = token or self.token
        asked = urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {token}"} if token else {})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return json.load(answer)

    def kill(self):
        self.process.kill()
        self.process.wait()


def simulate(*options):
    return subprocess.run([f"{BIN}/dq-simulate", *options], stdout=subprocess.PIPE, check=True).stdout


def failed_payments(customers, hours, day, amount="400.00", currency="EUR", start="F"):
    """Of each customer, at each of these minutes: every second one bounces."""
    return [{"event_type": "transaction", "customer_id": who, "txn_time": f"{day}T{minute // 60:02}:{minute % 60:02}:00Z", "amount": amount, "txn_type": "debit",
             "transaction_id": f"{start}{who}{minute}", "category": "emi", "channel": "online", "currency": currency, "is_failed": i % 2 == 1}
            for i, minute in enumerate(hours) for who in customers]
