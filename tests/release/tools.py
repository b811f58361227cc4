"""Running the tools that judge our files."""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.path.join(ROOT, os.environ.get("SCORED", "build/scored"))
BUILD = os.path.dirname(PROGRAM)
VENV = sys.prefix  # build/release, which has Node.js and the packages of npm


def load(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def run(*command, **env):
    """(exit status, what it said)"""
    done = subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=os.environ | env, timeout=300)
    return done.returncode, done.stdout


def make(*words):
    cc, mode = os.path.basename(BUILD).split("-")
    status, said = run("make", "--no-print-directory", f"CC={cc}", f"MODE={mode}", *words)
    assert status == 0, said
    return said


def node(script, *words):
    return run(f"{VENV}/bin/node", script, *words)


VERSION = load("VERSION").strip()
