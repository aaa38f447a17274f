"""A Chromium driven through its own debugging pipe; nothing but the standard library."""
import base64
import itertools
import json
import os
import select
import subprocess
import tempfile
import time


class Browser:
    def __init__(self):
        self.home = tempfile.TemporaryDirectory()
        command_read, self.write_to = os.pipe()
        self.read_from, answer_write = os.pipe()

        def settle():
            high = [os.dup2(command_read, 20), os.dup2(answer_write, 21)]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        # The pipe is of descriptors 3 and 4.
        self.process = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
             "--lang=en-GB", "--remote-debugging-pipe", f"--user-data-dir={self.home.name}", "about:blank"],
            close_fds=False, preexec_fn=settle, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        os.close(command_read)
        os.close(answer_write)
        self.rest, self.numbers, self.events, self.session = b"", itertools.count(1), [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def message(self, until):
        while b"\0" not in self.rest:
            if not select.select([self.read_from], [], [], max(0, until - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            more = os.read(self.read_from, 1 << 20)
            if not more:
                raise EOFError("the browser has ended")
            self.rest += more
        line, self.rest = self.rest.split(b"\0", 1)
        return json.loads(line)

    def call(self, method, **parameters):
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write_to, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + 30
        while True:
            answer = self.message(until)
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def value(self, script):
        """What a script in the page gives; promises are waited for."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"].get("exception", {}).get("description", script))
        return answer["result"].get("value")

    def wait(self, script, seconds=30):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            got = self.value(script)
            if got:
                return got
            time.sleep(0.05)
        shown = " | ".join(self.value("document.body.innerText").split("\n"))
        raise AssertionError(f"not within {seconds} s: {script}; the page: {shown[:1500]}")

    def key(self, name, text=None):
        press = {"key": name, "code": name, **({"text": text} if text else {})}
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38}
        press["windowsVirtualKeyCode"] = codes.get(name, ord(name.upper()[0]))
        self.call("Input.dispatchKeyEvent", type="keyDown", **press)
        self.call("Input.dispatchKeyEvent", type="keyUp", **{k: v for k, v in press.items() if k != "text"})

    def window(self, width, height, dark=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}, {"name": "prefers-reduced-motion", "value": "reduce"}])

    def picture(self, path, whole=True):
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=whole, **({} if not whole else {"clip": {
            **{k: v for k, v in self.call("Page.getLayoutMetrics")["cssContentSize"].items()}, "scale": 1}}))
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def faults(self):
        """What the console was told: exceptions, errors, what the CSP forbade. A server that is away is none."""
        self.value("1")
        found = []
        for event in self.events:
            method, p = event.get("method"), event.get("params", {})
            if method == "Runtime.exceptionThrown":
                found.append(p["exceptionDetails"].get("exception", {}).get("description", p["exceptionDetails"]["text"]))
            if method == "Runtime.consoleAPICalled" and p["type"] in ("error", "warning"):
                found.append(str(p["args"]))
            if method == "Log.entryAdded" and p["entry"]["level"] == "error" and "ERR_CONNECTION_REFUSED" not in p["entry"]["text"]:
                found.append(p["entry"]["text"] + " " + p["entry"].get("url", ""))
        self.events.clear()
        return found

    def close(self):
        try:
            session, self.session = self.session, None
            self.call("Browser.close")
        except (EOFError, OSError, TimeoutError):
            self.process.kill()
        self.process.wait()
        self.home.cleanup()
