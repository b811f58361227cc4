#!/usr/bin/python3
"""run.py [MODULE ...] - the HTTP tests against the real program (SCORED, default build/scored)."""
import importlib
import os
import signal
import sys
import unittest

MODULES = ["golden", "segmentation", "errors", "params", "score", "merge", "evaluate", "contract", "functions",
           "values", "readme", "gradients", "dtypes", "hostile", "hazards", "labels", "texts", "jsontexts", "lifecycle", "clocks", "machine", "slow", "observe", "tls", "memory", "limits", "teams", "codings", "archives", "npys", "zips", "safetensor", "pngsuite", "outputs", "h1", "v2"]


class Result(unittest.TextTestResult):
    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print(f"skipped: {test}: {reason}")


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
    sys.exit(main())
