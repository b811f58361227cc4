"""run.py - api/openapi.yaml under its linter, and the program (SCORED) under requests made from it."""
import os
import re
import signal
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HERE = "tests/contract"
EXAMPLES = os.environ.get("EXAMPLES", "25")  # of each operation
sys.path.insert(0, os.path.join(ROOT, "tests/http"))
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


def attack(schemathesis, server):
    catalogue = os.path.join(server.folder.name, "catalogue.json")
    with open(catalogue, "wb") as file:
        file.write(server.get("/v1/operations").body)
    return run(schemathesis, "--config-file", f"{HERE}/schemathesis.toml", "run", "api/openapi.yaml",
               f"--url=http://127.0.0.1:{server.port}", "--checks=all", f"--max-examples={EXAMPLES}",
               CATALOGUE=catalogue, NO_COLOR="1")


def most_were_scored(text):
    scored, refused = map(int, re.search(r"tensors: (\d+) scored, (\d+) refused", text).groups())
    return scored > refused


def main(venv):
    clean, said = lint(venv)
    clean = is_clean(clean, said)
    print(said if not clean else "linted")
    with Server() as server:
        held, told = attack(f"{venv}/bin/schemathesis", server)
    with open(os.path.join(ROOT, "build/contract.log"), "w", encoding="utf-8") as file:
        file.write(told)
    print(told if not held else "\n".join(told.splitlines()[-12:]))
    checks = [clean, held, most_were_scored(told)]
    print(f"contract: {sum(checks)} passed, {len(checks) - sum(checks)} failed")
    return not all(checks)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the server is stopped
    sys.exit(main(*sys.argv[1:]))
