"""Work that takes seconds and has no end in between: a sort of all places of a batch."""
import contextlib
import time

import numpy as np

from bodies import multipart, npy
from server import together

SORT = "/v1/losses/lovasz_hinge?per_sample=false"
HELD = 40  # bytes of a place, while it sorts


def places(count):
    random = np.random.RandomState(4)
    return multipart(("pred", npy(random.standard_normal(count).astype("f4"))),
                     ("target", npy(random.randint(0, 2, count).astype("u1"))))


def sort(server, body, headers):
    """Seconds that it takes."""
    began = time.monotonic()
    assert server.post(SORT, body, headers).status == 200
    return time.monotonic() - began


@contextlib.contextmanager
def sorting(server, count, key=None):
    """The server sorts meanwhile, for the team of `key`, and is done behind `with`; gives the thread that waits for the reply."""
    body, headers = places(count)
    with together([lambda: server.post(SORT, body, {**headers, **(key or {})})]) as (busy,):
        while server.get("/v1/teams/me", **(key or {})).json()["usage"]["concurrent_bytes"] < HELD * count:
            time.sleep(0.01)
        yield busy
