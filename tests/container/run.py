"""run.py [MODULE ...] - the image of docker/Dockerfile (IMAGE), locked down and scored against."""
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../http"))
import run  # of the HTTP tests  # noqa: E402

MODULES = ["image"]

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that containers are stopped
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.append(here)
    sys.exit(run.main("container", MODULES))
