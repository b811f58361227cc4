"""run.py [MODULE ...] - what leaves the house: installation, tarball, list of libraries, and the files of deploy/."""
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../http"))
import run  # of the HTTP tests  # noqa: E402

MODULES = ["installed", "dist", "images", "kubernetes", "balancers", "answers", "monitoring"]

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers are stopped
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.append(here)
    sys.exit(run.main("release", MODULES))
