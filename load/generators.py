"""Two generators of load. wrk is a closed loop: each connection sends when it has been answered, which finds what a server can
do, and hides how long callers wait when it cannot. h2load sends by the clock, on so many connections that none has to
wait for its last reply: the latency of a fixed rate. Each run is bounded and ends by itself."""
import concurrent.futures
import json
import math
import os
import subprocess
import tempfile
from typing import NamedTuple

HERE = os.path.dirname(os.path.abspath(__file__))


def wrk(port, work, connections, seconds, path=None):
    """A dict: per_second of good replies, p50_ms, p99_ms, refused, errors."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "--timeout", "30s", "-s",
             os.path.join(HERE, "post.lua"), f"http://127.0.0.1:{port}{path or work.path}"],
            env=os.environ | {"BODY": work.file(folder), "TYPE": work.kind}, text=True, capture_output=True,
            timeout=seconds + 60, check=True)
    said = json.loads(done.stdout.splitlines()[-1])
    good = said["requests"] - said["refused"]
    return {"connections": connections, "per_second": good / said["seconds"], **said}


def wrk_each(ports, work, connections, seconds, path=None):
    """wrk on each of these ports at once, with equal parts of the connections: as behind a balancer that takes no time. Rates are
    those of all together, p50 is their mean, by requests, and p99 the worst."""
    parts = [(port, len(range(n, connections, len(ports)))) for n, port in enumerate(ports[:connections])]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        runs = list(pool.map(lambda part: wrk(part[0], work, part[1], seconds, path), parts))
    summed = {key: sum(run[key] for run in runs) for key in ("connections", "per_second", "requests", "refused", "errors")}
    return {**runs[0], **summed, "p99_ms": max(run["p99_ms"] for run in runs),
            "p50_ms": sum(run["p50_ms"] * run["requests"] for run in runs) / max(1, summed["requests"])}


class Sent(NamedTuple):
    """One request of h2load's log: seconds since the epoch, status, and seconds until it was answered."""
    at: float
    status: int
    took: float


def spread(rate):
    """(connections, milliseconds): so many are opened in each period, as few at once as can be, somewhat faster than `rate` asks:
    connections that are opened together send together ever after."""
    for period in range(1, 1001):
        batch = math.ceil(rate * period / 1000)
        if batch * 1000 / period <= 1.25 * rate:
            return batch, period
    return max(1, round(rate)), 1000


class Paced:
    """h2load with one kind of request at a rate, started at once; sent() waits for its end. Of `connections` each sends
    rate / connections a second, beginning one after another."""

    def __init__(self, port, work, rate, seconds, connections, header=None):
        self.folder = tempfile.TemporaryDirectory()
        self.log = os.path.join(self.folder.name, "log")
        self.seconds, self.connections = seconds, max(1, min(connections, math.floor(rate)))
        self.ramp = self.connections / rate  # each has begun when the first sends its second
        batch, period = spread(rate)
        command = ["h2load", "--h1", "-t1", f"-c{self.connections}", f"-r{batch}", f"--rate-period={period}ms",
                   f"--rps={rate / self.connections}", "-n", str(math.ceil(rate * (seconds + self.ramp))), "-N", "20s",
                   "-d", work.file(self.folder.name), "-H", f"content-type: {work.kind}", f"--log-file={self.log}"]
        if header:
            command += ["-H", header]
        command.append(f"http://127.0.0.1:{port}{work.path}")
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def sent(self, ramp=False):
        """The requests that began in the window, `seconds` long, behind the ramp; or in both."""
        try:
            self.process.wait(self.seconds + self.ramp + 60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        with open(self.log, encoding="ascii") as file:
            rows = [line.split() for line in file]
        self.folder.cleanup()
        sent = sorted(Sent(int(at) / 1e6, int(status), int(took) / 1e6) for at, status, took in rows)
        if not sent:
            return []
        begin = sent[0].at + self.ramp
        return [one for one in sent if (ramp or begin <= one.at) and one.at < begin + self.seconds]


def percentile(values, percent):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * percent / 100))] if values else None


def summary(sent, seconds, rate):
    """What callers saw. Latencies are of good replies; refusals are counted."""
    good = [one.took for one in sent if one.status == 200]

    def ms(percent):
        value = percentile(good, percent)
        return None if value is None else value * 1e3

    return {"rate": rate, "sent_per_second": len(sent) / seconds, "per_second": len(good) / seconds,
            "refused": sum(one.status in (429, 503) for one in sent),
            "failed": sum(one.status not in (200, 429, 503) for one in sent),
            "p50_ms": ms(50), "p99_ms": ms(99), "p999_ms": ms(99.9)}
