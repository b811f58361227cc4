"""run.py - api/openapi.yaml under its linter, and the program (SCORED) under requests made from it."""
import collections
import json
import os
import re
import signal
import subprocess
import sys

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HERE = "tests/contract"
EXAMPLES = os.environ.get("EXAMPLES", "15")  # of each operation
OPTIONS = os.environ.get("SCHEMATHESIS", "").split()  # such as --include-path=/v1/score
sys.path.insert(0, os.path.join(ROOT, "tests/http"))
import samples  # noqa: E402
from bodies import tensor  # noqa: E402
from server import Server  # noqa: E402


def run(*command, **env):
    done = subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=os.environ | env)
    return done.returncode == 0, done.stdout


def lint(venv):
    return run(f"{venv}/bin/node", f"{venv}/node_modules/@redocly/cli/bin/cli.js", "lint", "api/openapi.yaml",
               f"--config={HERE}/redocly.yaml", "--max-problems=20", REDOCLY_TELEMETRY="off",
               REDOCLY_SUPPRESS_UPDATE_NOTICE="true", NO_COLOR="1")


def is_clean(passed, text):
    """A warning fails too."""
    return passed and re.search(r"warning|error", text.split("validating", 1)[-1]) is None


def states(server, operations):
    """Two saved states of each operation that has some."""
    out = {}
    for op in operations:
        if op["family"] == "activations" or not op["mergeable"]:
            continue
        random = np.random.RandomState(1)
        bodies = [samples.inputs(op, random, 2)[0] for _ in range(2)]
        out[f"{op['family']}/{op['name']}"] = [
            server.post(f"/v1/{op['family']}/{op['name']}", {name: tensor(a) for name, a in body.items()}, state=True,
                        **samples.params(op)).json()["state"] for body in bodies]
    return out


def attack(schemathesis, server):
    catalogue, replies = (os.path.join(server.folder.name, name) for name in ("catalogue.json", "replies.json"))
    operations = server.get("/v1/operations").json()["operations"]
    with open(catalogue, "w", encoding="utf-8") as file:
        json.dump({"operations": operations, "states": states(server, operations)}, file)
    held, told = run(schemathesis, "--config-file", f"{HERE}/schemathesis.toml", "run", "api/openapi.yaml",
                     f"--url=http://127.0.0.1:{server.port}", "--checks=all", f"--max-examples={EXAMPLES}",
                     *OPTIONS, CATALOGUE=catalogue, REPLIES=replies, NO_COLOR="1")
    if not os.path.exists(replies):
        sys.exit(f"{told}\ncontract: 0 passed, 1 failed")
    with open(replies, encoding="utf-8") as file:
        return held, told, json.load(file)


def seldom_taken(replies):
    """Of what was sent as the contract says, kinds that were refused more often than two times out of three: JSON of
    each path; and kinds of files, each of which some operation takes."""
    good, sent = collections.Counter(), collections.Counter()
    for method, path, media_type, status, count in replies:
        kind = f"{method} {path}" if media_type in ("", "application/json") else media_type
        good[kind] += count * (status == 200)
        sent[kind] += count
    return [f"{good[kind]} of {sent[kind]} taken: {kind}" for kind in sorted(sent)
            if 3 * good[kind] < (sent[kind] if " " in kind else 1) and kind != "application/octet-stream"]


def main(venv):
    clean, said = lint(venv)
    clean = is_clean(clean, said)
    print(said if not clean else "linted")
    with Server() as server:
        held, told, replies = attack(f"{venv}/bin/schemathesis", server)
    with open(os.path.join(ROOT, "build/contract.log"), "w", encoding="utf-8") as file:
        file.write(told)
    print(told if not held else "\n".join(told.splitlines()[-12:]))
    seldom = seldom_taken(replies)
    print("\n".join(seldom))
    checks = [clean, held, not seldom]
    print(f"contract: {sum(checks)} passed, {len(checks) - sum(checks)} failed")
    return not all(checks)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the server is stopped
    sys.exit(main(*sys.argv[1:]))
