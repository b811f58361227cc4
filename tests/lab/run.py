#!/usr/bin/python3
"""run.py [BALANCER ...] - three replicas, a balancer as deploy/ has it and its callers, each in a network namespace of its own.
While callers go on, each replica is told to end and started again (nothing may fail, and they exit with 0), one is killed, and
the cable of one is cut (what was under way on it fails, soon, and nothing else), behind HAProxy and behind nginx. As root:
make lab, with bodies of 60 bytes, 4 MB and 64 MB; `make lab LAB=short`, as in `make check`, without the largest, and both
balancers at once."""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

import yaml

import net

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/http"))
import callers  # noqa: E402
from callers import Answer, failed, under_way  # noqa: E402

PROGRAM = os.path.join(ROOT, os.environ.get("SCORED", "build/scored"))
SHORT = os.environ.get("LAB") == "short"
CALLERS = {"small": 4, "4 MB": 3} if SHORT else {"small": 4, "4 MB": 4, "64 MB": 4}
BEFORE, AFTER = (0.7, 0.7) if SHORT else (3, 3)  # seconds of callers around what is done
LEAST = {kind: 3 if kind == "small" else 1 for kind in CALLERS}  # answers of a replica since it was told to end
SILENT = 16  # seconds after which at the latest callers hear of a cut cable: 11, as compose.yaml has it, and a busy machine
CUT, BACK = 12, 4  # seconds without a cable, and until the balancer has found it again
DEPLOYED = {"haproxy": ("deploy/haproxy/haproxy.cfg", ("haproxy", "-db", "-f")),
            "nginx": ("deploy/nginx/nginx.conf", ("nginx", "-g", "daemon off;", "-c"))}


def load(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def placed(path, folder):
    """The file as it is, but for addresses in place of names and a folder in place of /tmp."""
    text, count = re.subn(r"\bscored-([123]):8080", lambda found: net.NODES[net.REPLICAS[int(found[1]) - 1]] + ":8080", load(path))
    assert count == 3, path
    out = os.path.join(folder, os.path.basename(path))
    with open(out, "w", encoding="utf-8") as file:
        file.write(text.replace("/tmp/", folder + "/"))
    return out


def call(over):
    """All callers, in the namespace of the callers, until the file is there: prints what has become of their requests."""
    with callers.Callers(net.NODES[net.BALANCER], 8080, CALLERS) as clients:
        while not os.path.exists(over):
            time.sleep(0.05)
    print(json.dumps(clients.answers))


class Lab:
    def __init__(self, kind, folder):
        self.proof, self.folder, self.lives = f"`make lab`, {kind}", folder, []
        self.replica = {name: self.start(name) for name in net.REPLICAS}
        net.settings(net.BALANCER, yaml.safe_load(load("compose.yaml"))["services"]["balancer"]["sysctls"])
        path, command = DEPLOYED[kind]
        with open(os.path.join(folder, "balancer"), "wb") as log:
            self.balancer = net.inside(net.BALANCER, *command, placed(path, folder), stdout=log, stderr=log)
        time.sleep(1.5)

    def start(self, name):
        path = os.path.join(self.folder, f"{name}-{len(self.lives)}.log")
        self.lives.append((name, path))
        with open(path, "wb") as log:
            process = net.inside(name, PROGRAM, "--listen", "0.0.0.0:8080", "--open", "--drain-delay", "2", "--grace", "20",
                                 stderr=log)
        end = time.monotonic() + 20
        while "listening" not in load(path):
            assert time.monotonic() < end and process.poll() is None, load(path)
            time.sleep(0.02)
        return process

    def during(self, act):
        """What has become of requests while `act` was done in the middle, and what that said."""
        over = os.path.join(self.folder, f"over-{time.monotonic()}")
        process = net.inside(net.CALLER, sys.executable, __file__, "call", over, stdout=subprocess.PIPE)
        time.sleep(BEFORE + 0.3)  # its start
        try:
            said = act()
            time.sleep(AFTER)
        finally:
            with open(over, "wb"):
                pass
        out, _ = process.communicate(timeout=120)
        return callers.placed([Answer(*one) for one in json.loads(out)], self.lives), said

    def say(self, what, wrong):
        """A row of docs/operations.md, and what is wrong."""
        print(what, *wrong[:5], sep="\n    ", flush=True)
        return not wrong

    def end(self):
        for process in (self.balancer, *self.replica.values()):
            if process.poll() is None:
                process.kill()
            process.wait()


def restarted(lab):
    """A rolling restart of all three."""
    def act():
        times = []
        for name in net.REPLICAS:
            told = time.monotonic()
            lab.replica[name].send_signal(signal.SIGTERM)
            times.append((name, told, lab.replica[name].wait(30), time.monotonic()))
            lab.replica[name] = lab.start(name)
            time.sleep(1.2)  # haproxy takes it back after two checks
        return times

    answers, times = lab.during(act)
    wrong = [one for name, told, _, over in times for one in callers.ended_well(answers, name, told, over, LEAST)]
    wrong += [f"{name} exited with {code}" for name, _, code, _ in times if code != 0]
    return lab.say(callers.row_of_end(lab.proof, answers, [(name, told, over) for name, told, _, over in times]), wrong)


def killed(lab):
    name = net.REPLICAS[1]
    process = lab.replica[name]

    def act():
        process.send_signal(signal.SIGSTOP)
        frozen = time.monotonic()
        time.sleep(0.2)
        killing = time.monotonic()
        process.kill()
        process.wait()
        return frozen, killing, time.monotonic()

    answers, (frozen, killing, dead) = lab.during(act)
    lab.replica[name] = lab.start(name)
    return lab.say(callers.row_of_death(lab.proof, answers, killing), callers.died_alone(answers, name, frozen, dead))


def cut(lab):
    name = net.REPLICAS[2]

    def act():
        lost = time.monotonic()
        net.cable(name, "down")
        time.sleep(CUT)
        net.cable(name, "up")
        back = time.monotonic()
        time.sleep(BACK)
        return lost, back

    answers, (lost, back) = lab.during(act)
    wrong = callers.cut_off(answers, name, lost, back, SILENT)
    longest = max((one.ended - one.began for one in failed(answers)), default=0)
    return lab.say(f"| {lab.proof}: cable cut | {callers.said(answers)}; under way on all three "
                   f"{callers.said(under_way(answers, lost))} | lost: {callers.said(failed(answers))}, all of that replica, "
                   f"after {longest:.1f} s at most |", wrong)


def lab(kind):
    """Of one balancer: whether each went well."""
    try:
        net.build()
        with tempfile.TemporaryDirectory(prefix="scored-lab-") as folder:
            os.chmod(folder, 0o777)  # nginx changes its user
            one = Lab(kind, folder)
            try:
                return [act(one) for act in (restarted, killed, cut)]
            finally:
                one.end()
    finally:
        net.tear_down()


def at_once(kinds):
    """Each in a process and on a switch of its own."""
    environment = {key: value for key, value in os.environ.items() if key != "LAB_TAG"}
    processes = [subprocess.Popen([sys.executable, __file__, kind], env=environment) for kind in kinds]
    return any([process.wait() for process in processes])


def main():
    if sys.argv[1:2] == ["call"]:
        return call(sys.argv[2])
    kinds = sys.argv[1:] or list(DEPLOYED)
    if SHORT and len(kinds) > 1:
        return at_once(kinds)
    for kind in kinds:
        results = lab(kind)
        print(f"lab/{kind}: {sum(results)} passed, {len(results) - sum(results)} failed", flush=True)
        if not all(results):
            return True
    return False


if __name__ == "__main__":
    sys.exit(main())
