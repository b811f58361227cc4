"""The requests: small and large, JSON, NPY and PNG, with masks as examples/make_masks draws them."""
import functools
import importlib.machinery
import importlib.util
import json
import os
import sys
from typing import NamedTuple

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests/http"))
from bodies import multipart, npy, png  # noqa: E402

SEGMENTATION = "/v1/metrics/segmentation?num_classes=11&ignore_index=11"
CLASSES = 11


class Work(NamedTuple):
    name: str
    path: str
    body: bytes
    kind: str  # Content-Type

    def file(self, folder):
        """The body as a file, for generators of load."""
        path = os.path.join(folder, self.name.replace(" ", "-"))
        with open(path, "wb") as file:
            file.write(self.body)
        return path


@functools.cache
def painter():
    loader = importlib.machinery.SourceFileLoader("make_masks", os.path.join(ROOT, "examples/make_masks"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("make_masks", loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


@functools.cache
def masks(width, height):
    """target and pred, uint8"""
    return tuple(np.array([list(row) for row in rows], "u1") for rows in painter().pair(1, width, height))


def segmentation(name, width, height, encode):
    target, pred = masks(width, height)
    body, headers = multipart(("pred", encode(pred)), ("target", encode(target)))
    return Work(name, SEGMENTATION, body, headers["Content-Type"])


def logits():
    random = np.random.RandomState(7)
    return {"pred": random.randn(128, 19).round(4).tolist(), "target": random.randint(0, 19, 128).tolist()}


@functools.cache
def kinds():
    """name -> Work, from the smallest to the largest."""
    return {work.name: work for work in (
        Work("mse, JSON, 42 B", "/v1/losses/mse", b'{"pred":[0.5,0.25,1.5],"target":[1,0,2]}', "application/json"),
        Work("cross entropy, JSON, 20 kB", "/v1/losses/cross_entropy", json.dumps(logits()).encode(), "application/json"),
        segmentation("masks 480x360, PNG", 480, 360, png),
        segmentation("masks 1024x512, NPY, 1 MB", 1024, 512, npy),
        segmentation("masks 2048x1024, NPY, 4 MB", 2048, 1024, npy))}


# Of a hundred requests of a busy day; many are small, most bytes are in the few large ones.
MIX = dict(zip(kinds(), (70, 15, 10, 4, 1)))
