#!/usr/bin/python3
"""run.py [MODULE ...] - the HTTP tests against the real program (SCORED, default build/scored); HTTP_JOBS modules at once."""
import concurrent.futures
import importlib
import os
import signal
import subprocess
import sys
import unittest

MODULES = ["golden", "segmentation", "errors", "problems", "params", "score", "merge", "evaluate", "contract", "functions",
           "values", "definitions", "readme", "gradients", "dtypes", "hostile", "hazards", "labels", "texts", "jsontexts", "lifecycle", "clocks", "machine", "slow", "observe", "tls", "memory", "limits", "teams", "codings", "archives", "npys", "zips", "safetensor", "pngsuite", "outputs", "h1", "v2"]


class Result(unittest.TextTestResult):
    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print(f"skipped: {test}: {reason}")


def at_once(modules, jobs):
    """Each module in a process of its own; what they say comes whole."""
    def run(name):
        return subprocess.run([sys.executable, __file__, name], env=os.environ | {"HTTP_JOBS": "1"}, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        done = [said for said in pool.map(run, modules) if print(said.stdout, end="", flush=True) is None]
    return any(said.returncode for said in done)


def main(group="http", modules=MODULES):
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    sys.stderr = sys.stdout
    failed = 0
    for name in sys.argv[1:] or modules:
        tests = unittest.defaultTestLoader.loadTestsFromModule(importlib.import_module(name))
        result = unittest.TextTestRunner(sys.stdout, resultclass=Result).run(tests)
        wrong = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
        print(f"{group}/{name}: {result.passed} passed, {wrong} failed", flush=True)
        failed += wrong
    return failed > 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers are stopped
    names, jobs = sys.argv[1:] or MODULES, int(os.environ.get("HTTP_JOBS", "1"))
    sys.exit(at_once(names, jobs) if jobs > 1 else main())
