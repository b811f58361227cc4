#!/usr/bin/python3
"""run.py - slowhttptest (Debian) in its three ways, and clients that do not take their replies, against the program
(SCORED) with its default limits, while a good client goes on: it must be served, and soon, and the slow ones must have been
there, and have been ended. Prints rows of the table in docs/operations.md. By hand: make slow."""
import collections
import http.client
import json
import multiprocessing
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/http"))
import numpy as np  # noqa: E402

from bodies import npy  # noqa: E402
from server import Server  # noqa: E402

SECONDS = int(os.environ.get("SLOW_SECONDS", "25"))
CONNECTIONS = 1500  # more than there are places
LATE = 2.0  # seconds: hardly a request of the good client takes longer
WAYS = {  # options of slowhttptest, and at least so many connections
    "quiet": ([], 0),
    "headers": (["-H", "-i", "5"], CONNECTIONS),
    "body": (["-B", "-i", "5", "-s", "8192", "-t", "POST"], CONNECTIONS),
    "reply": (["-X", "-w", "8", "-y", "16", "-n", "5", "-z", "8", "-k", "3"], CONNECTIONS // 2),  # it is slow to connect
}
ENDS = ("Hit test time limit", "No open connections left")
SMALL = json.dumps({"pred": [0.5, 2], "target": [1, 2]}).encode()
LARGE = npy(np.zeros((1 << 20,), "f4"))


class Good(threading.Thread):
    """Asks twenty times a second, each time on a new connection, now and then for something large."""

    def __init__(self, port):
        super().__init__()
        self.port, self.ended = port, threading.Event()
        self.took, self.statuses = [], collections.Counter()

    def ask(self, path, body):
        """The status, or what went wrong."""
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            connection.request("POST", path, body, {"Accept": "application/x-npy"} if body is LARGE else {})
            reply = connection.getresponse()
            reply.read()
            connection.close()
            return reply.status
        except (OSError, http.client.HTTPException) as problem:
            return type(problem).__name__

    def run(self):
        self.ask("/v1/activations/relu", LARGE)  # the first one finds a server that has no memory yet
        count = 0
        while not self.ended.wait(0.05):
            count += 1
            began = time.monotonic()
            self.statuses[self.ask("/v1/activations/relu", LARGE) if count % 20 == 0 else self.ask("/v1/losses/mse", SMALL)] += 1
            self.took.append(time.monotonic() - began)


def attack(server, options):
    """slowhttptest for so long; what is wrong with it."""
    path = "/openapi.json" if "-X" in options else "/v1/losses/mse"
    command = ["slowhttptest", *options, "-c", str(CONNECTIONS), "-r", "300", "-l", str(SECONDS), "-p", "3",
               "-u", f"http://127.0.0.1:{server.port}{path}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            said, _ = process.communicate(timeout=SECONDS + 30)
        except subprocess.TimeoutExpired:
            process.kill()
            return ["slowhttptest does not end"]
    end = re.findall(r"Exit status:\S*\s*([^\n\x1b]+)", said)
    wrong = [f"slowhttptest: status {process.returncode}: {said[-500:]}"] if process.returncode else []
    return wrong if end and end[0] in ENDS else [*wrong, f"slowhttptest ended otherwise: {end}"]


def take_nothing(port):
    """Clients that ask for 4 MB and read a few bytes now and then; those that are cut come again."""
    request = (b"POST /v1/activations/relu HTTP/1.1\r\nHost: a\r\nAccept: application/x-npy\r\n"
               b"Content-Length: %d\r\n\r\n" % len(LARGE)) + LARGE
    clients, end = [], time.monotonic() + SECONDS
    while time.monotonic() < end:
        while len(clients) < 100:
            s = socket.socket()
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            s.settimeout(5)
            try:
                s.connect(("127.0.0.1", port))
                s.sendall(request)
                clients.append(s)
            except OSError:
                s.close()
                break
        time.sleep(0.5)
        for s in list(clients):
            try:
                if not s.recv(16, socket.MSG_DONTWAIT):
                    raise ConnectionError
            except BlockingIOError:
                pass
            except OSError:
                clients.remove(s)
                s.close()
    for s in clients:
        s.close()


def apart(server):
    """In a process of its own, so that it takes no time of the good client's."""
    process = multiprocessing.Process(target=take_nothing, args=(server.port,))
    process.start()
    process.join()


def told(server):
    """What the server says of its connections."""
    text = server.get("/metrics").body.decode()
    return {row.split()[0][7:]: int(float(row.split()[1])) for row in text.split("\n")
            if row.startswith(("scored_slow_clients", "scored_connections_"))}


def measure(name, act, least):
    """One way of being slow, against a server of its own; True: the good client was served well, and at least so many slow
    ones were there, of whom some were ended."""
    with Server("--log-level", "warning") as server:
        before, good = told(server), Good(server.port)
        good.start()
        try:
            wrong = act(server) or []
        finally:
            good.ended.set()
            good.join()
        now = told(server)
    took = sorted(good.took)
    count = {key: value - before[key] for key, value in now.items()}
    came = count["connections_accepted_total"] - len(took) - 2  # the first request, and the question what was counted
    ended = sum(value for key, value in count.items() if key.startswith(("slow_clients", "connections_evicted")))
    print(f"| `make slow`: {name} | {came:,} slow connections: {count['connections_evicted_total']:,} closed for room, "
          f"{ended - count['connections_evicted_total']:,} for their slowness | good client: {len(took):,} requests, "
          f"{sum(n for status, n in good.statuses.items() if status != 200)} failed; p50 {took[len(took) // 2] * 1e3:.1f}, "
          f"p99 {took[int(len(took) * 0.99)] * 1e3:.1f}, worst {took[-1] * 1e3:.0f} ms |", flush=True)
    wrong += [f"good requests: {dict(good.statuses)}"] if set(good.statuses) != {200} else []
    wrong += ["p99 of the good client"] if took[int(len(took) * 0.99)] >= LATE else []
    wrong += [f"{came} slow connections, not {least}"] if came < least else []
    wrong += ["none of them was ended"] if least and not ended else []
    print("".join(f"slow/{name}: FAILED: {one}\n" for one in wrong), end="", flush=True)
    return not wrong


def main():
    if shutil.which("slowhttptest") is None:
        sys.exit("slow: slowhttptest is not installed: tools/install slow")
    results = [measure(name, lambda server, options=options: attack(server, options) if options else time.sleep(SECONDS), least)
               for name, (options, least) in WAYS.items()]
    results.append(measure("replies that are not taken", apart, 100))
    print(f"slow: {sum(results)} passed, {len(results) - sum(results)} failed")
    return not all(results)


if __name__ == "__main__":
    sys.exit(main())
