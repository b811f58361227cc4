"""Callers that go on while replicas behind a balancer are ended or killed. Of each request it is known when it began and
ended, and from the logs of the replicas which of them had it: so what failed can be held against what was under way. (The
balancer cannot say it: where a kept connection breaks, haproxy gives neither a reply nor a line.) Without NumPy, which the
checks of releases do not have."""
import collections
import http.client
import json
import re
import threading
import time
import uuid
from typing import NamedTuple

MARK = "scored-callers"
CLASSES = 5
LINE = re.compile('"event":"request","id":"([0-9a-f]{32})"')


class Answer(NamedTuple):
    name: str  # X-Request-Id
    kind: str
    began: float  # by the monotonic clock, which all processes share
    ended: float
    what: str  # a status, or the name of an error
    replicas: tuple = ()  # those that had it, by their logs


def masks(size):
    """A form of two masks, `size` bytes together."""
    part = (f"--{MARK}\r\nContent-Disposition: form-data; name=\"%s\"\r\n"
            f"Content-Type: application/octet-stream; dtype=uint8; shape={size // 2 // 1000},1000\r\n\r\n")
    pixels = bytes(range(CLASSES)) * (size // 2 // 1000 * 1000 // CLASSES)
    body = b"".join((part % name).encode() + pixels + b"\r\n" for name in ("pred", "target"))
    return (f"/v1/metrics/segmentation?num_classes={CLASSES}", body + f"--{MARK}--\r\n".encode(),
            {"Content-Type": f"multipart/form-data; boundary={MARK}"})


KINDS = {
    "small": lambda: ("/v1/losses/mse", json.dumps({"pred": [0.5, 2.0], "target": [1, 2]}).encode(), {}),
    "4 MB": lambda: masks(4 << 20),
    "64 MB": lambda: masks(64 << 20),
}


def ask(connection, path, body, headers):
    """What became of it."""
    try:
        try:
            connection.request("POST", path, body, headers)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the answer came before all was sent
        reply = connection.getresponse()
        reply.read()
        return str(reply.status)
    except (OSError, http.client.HTTPException) as problem:
        return type(problem).__name__


class Callers:
    """`counts`: how many of each kind. The body of with: what happens meanwhile. Then `answers` has all."""

    def __init__(self, address, port, counts, timeout=60):
        self.address, self.port, self.timeout = address, port, timeout
        self.answers, self.over = [], threading.Event()
        requests = {kind: KINDS[kind]() for kind in counts}
        self.threads = [threading.Thread(target=self.call, args=(kind, *requests[kind]))
                        for kind, count in counts.items() for _ in range(count)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def call(self, kind, path, body, headers):
        connection = http.client.HTTPConnection(self.address, self.port, timeout=self.timeout)
        while not self.over.is_set():
            name, began = uuid.uuid4().hex, time.monotonic()
            what = ask(connection, path, body, {**headers, "X-Request-Id": name})
            self.answers.append(Answer(name, kind, began, time.monotonic(), what))
            if what != "200":
                connection.close()
            if kind == "small":
                time.sleep(0.005)
        connection.close()


def placed(answers, logs):
    """The same, with their replicas; `logs`: their names and paths, one a life."""
    where = {}
    for replica, path in logs:
        with open(path, encoding="utf-8", errors="replace") as file:
            for name in LINE.findall(file.read()):
                where.setdefault(name, []).append(replica)
    return [one._replace(replicas=tuple(where.get(one.name, ()))) for one in answers]


def failed(answers):
    return [one for one in answers if one.what != "200"]


def under_way(answers, at, replica=None):
    """What had begun and not ended then; on one replica, or on all."""
    return [one for one in answers if one.began < at < one.ended and (replica is None or replica in one.replicas)]


def counted(answers):
    """kind -> how many."""
    return dict(sorted(collections.Counter(one.kind for one in answers).items()))


def said(answers):
    """How many of each kind, as a row of docs/operations.md says it."""
    return ", ".join(f"{count:,} of {kind if kind != 'small' else '60 bytes'}" for kind, count in counted(answers).items()) or "none"


def row_of_end(proof, answers, replicas):
    """Of replicas that were told to end: (name, when, when each had ended)."""
    return (f"| {proof}: SIGTERM | {said(answers)}; under way on it "
            f"{' / '.join(str(len(under_way(answers, told, name))) for name, told, _ in replicas)} | {len(failed(answers))} failed; "
            f"exit status 0 after {' / '.join(f'{over - told:.2f}' for _, told, over in replicas)} s |")


def row_of_death(proof, answers, killed):
    """Of one that was killed then."""
    meanwhile = [one for one in answers if one.what != "200" or one.began < killed < one.ended]
    return (f"| {proof}: SIGKILL | {said(answers)}; under way on all three {said(meanwhile)} | "
            f"lost: {said(failed(answers))}, all of the killed one |")


def ended_well(answers, replica, told, over, least):
    """What is wrong with the end of a replica that was told to end, and had ended at `over`: nothing may have failed, nothing
    was sent twice, and it must have answered so many of each kind since it was told."""
    wrong = [f"failed: {one}" for one in answers if one.what != "200" or len(one.replicas) != 1]
    since = counted(one for one in answers if replica in one.replicas and told < one.ended < over + 1)
    return wrong + [f"only {since.get(kind, 0)} of {kind} answered by {replica} since it was told"
                    for kind, count in least.items() if since.get(kind, 0) < count]


def died_alone(answers, replica, frozen, dead):
    """What is wrong with the death of a replica that was frozen, and killed a moment later: what had begun before and came to
    no other replica fails, and nothing else."""
    lost = failed(answers)
    wrong = [f"failed: {one}" for one in lost
             if one.began > dead or one.ended < frozen or not set(one.replicas) <= {replica}]
    wrong += [f"not once: {one}" for one in answers if one.what == "200" and len(one.replicas) != 1]
    return wrong if lost else ["nothing was under way on it"]


def cut_off(answers, replica, lost, back, silent):
    """What is wrong with a replica whose cable was cut, and put back: what was on it, or was still sent to it, may fail, within
    `silent` seconds; nothing else does, others go on meanwhile, and it takes requests again."""
    wrong = [f"failed: {one}" for one in failed(answers) if one.ended < lost or one.began > back or set(one.replicas) - {replica}]
    wrong += [f"took {one.ended - one.began:.1f} s: {one}" for one in answers
              if one.ended - one.began > silent and (one.what != "200" or one.kind == "small")]
    wrong += [f"not once: {one}" for one in answers if one.what == "200" and len(one.replicas) != 1]
    others = [one for one in answers if one.what == "200" and replica not in one.replicas and lost + 1 < one.began < back]
    if len(others) < 2 * (back - lost):
        wrong.append(f"only {len(others)} answered by the others meanwhile")
    if not any(replica in one.replicas and one.began > back for one in answers):
        wrong.append(f"{replica} takes nothing since it is back")
    return wrong if failed(answers) else [*wrong, "nothing was under way on it"]
