#!/usr/bin/env python3
"""pytorch_loop.py - losses and mIoU of a validation loop, scored by a server, batch by batch.

A Meter is used as those of torchmetrics are: update() with each batch, compute() at the end. It takes anything that
numpy.asarray takes, and tensors of PyTorch on any device. Without PyTorch the loop below runs with NumPy arrays."""
import io
import os

import numpy as np
import requests

try:
    import torch
except ImportError:
    torch = None

URL = os.environ.get("SCORED_URL", "http://127.0.0.1:8080")


def as_array(tensor):
    if hasattr(tensor, "detach"):  # a tensor of PyTorch; NumPy has no bfloat16
        tensor = tensor.detach().cpu()
        tensor = (tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor).numpy()
    return np.asarray(tensor)


def as_npy(tensor):
    out = io.BytesIO()
    np.save(out, as_array(tensor), allow_pickle=False)
    return out.getvalue()


class Meter:
    """An operation over a data set: Meter("metrics/segmentation", num_classes=19, input_kind="logits")."""

    def __init__(self, op, **params):
        self.op, self.params, self.states = op, {"state": "true", **params}, []
        self.session = requests.Session()

    def _post(self, path, **more):
        reply = self.session.post(f"{URL}/v1/{path}", timeout=60, **more)
        if not reply.ok:
            raise ValueError(reply.json()["detail"])
        return reply.json()

    def update(self, **tensors):
        """Scores a batch; its own report is returned."""
        report = self._post(self.op, params=self.params, files={k: (k, as_npy(t)) for k, t in tensors.items()})
        self.states.append(report.pop("state"))
        return report

    def compute(self):
        """The report of all batches: the bits of one request with all of them."""
        return self._post(f"merge/{self.op}", json={"states": self.states})


def batches(count=4, classes=3):
    """Stands for a data loader and a model: logits and labels."""
    rng = np.random.default_rng(0)
    for _ in range(count):
        labels = rng.integers(0, classes, (2, 32, 32))
        logits = rng.normal(size=(2, classes, 32, 32)) + 3 * np.eye(classes)[labels].transpose(0, 3, 1, 2)
        logits = logits.astype(np.float32)
        yield (torch.from_numpy(logits), torch.from_numpy(labels)) if torch else (logits, labels)


def main():
    loss = Meter("losses/cross_entropy")
    masks = Meter("metrics/segmentation", num_classes=3, input_kind="logits")
    for logits, labels in batches():
        report = loss.update(pred=logits, target=labels)
        masks.update(pred=logits, target=labels)
        print(f"batch loss {report['value']:.4f}")
    print(f"loss {loss.compute()['value']:.4f}, mIoU {masks.compute()['mean_iou']:.4f}")


if __name__ == "__main__":
    main()
