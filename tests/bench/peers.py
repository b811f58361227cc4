#!/usr/bin/python3
"""peers.py KERNELS [SECONDS [NAME...]] - the work that has targets, in turn with what else computes it
on this machine: NumPy, SciPy, scikit-learn, PyTorch, those that are installed. Prints a line of JSON
for each. A peer gets the same bytes in its own arrays, made before; and its best way that we know."""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

try:
    import torch
    from torch.nn import functional as F
except ImportError:
    torch = None
try:
    import scipy.special
except ImportError:
    scipy = None
try:
    import sklearn.metrics
except ImportError:
    sklearn = None


THREADS = [int(word) for word in os.environ.get("THREADS", "1,2").split(",")]


def confusion(classes):
    def numpy(x):
        pred, target = x["pred"].ravel(), x["target"].ravel()
        if pred.dtype == np.uint8 and classes * classes <= 256:  # then pairs fit in a byte
            return lambda: np.bincount(target * np.uint8(classes) + pred, minlength=classes * classes)
        return lambda: np.bincount(target.astype(np.int64) * classes + pred, minlength=classes * classes)

    def by_torch(x):
        if x["pred"].dtype == np.uint16:  # which PyTorch has not
            x = {name: value.astype(np.int32) for name, value in x.items()}
        pred, target = (torch.from_numpy(x[name].ravel()) for name in ("pred", "target"))
        return lambda: torch.bincount(target.long() * classes + pred, minlength=classes * classes)

    def by_sklearn(x):
        pred, target = x["pred"].ravel(), x["target"].ravel()
        return lambda: sklearn.metrics.confusion_matrix(target, pred, labels=range(classes))
    found = [("numpy bincount", numpy)]
    if torch:
        found.append(("torch bincount", by_torch))
    if sklearn and classes < 100:
        found.append(("sklearn confusion_matrix", by_sklearn))
    return found


def torch_of(function, name):
    """A function of tensors, by the names of its inputs."""
    def make(x):
        tensors = {key: torch.from_numpy(value) for key, value in x.items()}
        return lambda: function(**tensors)
    return [("torch " + name, make)] if torch else []


def numpy_of(function, name):
    return [("numpy " + name, lambda x: lambda: function(**x))]


def per_class(pred, target):
    """The mean and the sum of each class, as our report has them."""
    terms = F.cross_entropy(pred, target, reduction="none").ravel()
    labels = target.ravel()
    return torch.bincount(labels, terms, pred.shape[1]), torch.bincount(labels, minlength=pred.shape[1])


def focal(pred, target, gamma=2):
    surprise = F.cross_entropy(pred, target, reduction="none")
    return ((1 - torch.exp(-surprise)) ** gamma * surprise).mean()


def binary_focal(x, gamma=2):
    pred, target = torch.from_numpy(x["pred"]), torch.from_numpy(x["target"].astype(np.float32))

    def run():
        surprise = F.binary_cross_entropy_with_logits(pred, target, reduction="none")
        p = torch.sigmoid(pred)
        return ((p + target - 2 * p * target) ** gamma * surprise).mean()
    return run


def log_cosh(pred, target):
    return torch.log(torch.cosh(pred - target)).mean()


def dice(pred, target):
    p = torch.softmax(pred, 1)
    t = F.one_hot(target, pred.shape[1]).movedim(-1, 1).to(p.dtype)
    axes = (0, *range(2, p.dim()))
    return 1 - (2 * (p * t).sum(axes) + 1e-6) / (p.sum(axes) + t.sum(axes) + 1e-6)


def lovasz_class(error, truth):
    error, order = torch.sort(error, descending=True)
    truth = truth[order]
    left = truth.sum() - truth.cumsum(0)
    jaccard = 1 - left / (truth.sum() + (1 - truth).cumsum(0))
    jaccard[1:] = jaccard[1:] - jaccard[:-1]
    return (error * jaccard).sum()


def lovasz(pred, target):
    """Of the authors' code, pooled over the batch."""
    p = torch.softmax(pred, 1).movedim(1, 0).flatten(1)
    labels = target.ravel()
    masks = [(labels == k).to(p.dtype) for k in range(len(p))]
    return torch.stack([lovasz_class((m - q).abs(), m) for q, m in zip(p, masks) if m.any()]).mean()


def hinge(pred, target):
    return torch.clamp(1 - pred * target, min=0).mean()


def rows(name, of_torch, of_numpy=None):
    return torch_of(of_torch, name) + (numpy_of(of_numpy, name) if of_numpy else [])


def peers():
    found = {}
    for data in ("realistic", "rectangles", "noise", "one class", "batch"):
        found["confusion uint8 " + data] = confusion(11)
    for data in ("realistic", "noise", "one class"):
        found["confusion int64 " + data] = confusion(11)
    found["confusion uint16 4096 classes"] = confusion(4096)
    if not torch:
        return found
    found["bce float32 rows"] = found["bce elements"] = rows(
        "binary_cross_entropy_with_logits", lambda pred, target: F.binary_cross_entropy_with_logits(pred, target))
    found["bce probabilities"] = rows("binary_cross_entropy", lambda pred, target: F.binary_cross_entropy(pred, target))
    found["log cosh"] = rows("log_cosh, eager", log_cosh)
    for place in ("rows", "elements"):
        found["mse float32 " + place] = rows("mse", lambda pred, target: F.mse_loss(pred, target),
                                             lambda pred, target: np.mean((pred - target) ** 2))
    found["mae float32 rows"] = rows("mae", lambda pred, target: F.l1_loss(pred, target), lambda pred, target: np.mean(np.abs(pred - target)))
    found["huber float32 rows"] = rows("huber", lambda pred, target: F.huber_loss(pred, target))
    found["hinge float32 rows"] = rows("hinge", hinge)
    found["cross entropy"] = (rows("cross_entropy", lambda pred, target: F.cross_entropy(pred, target)) +
                              rows("cross_entropy, bincount of classes", per_class))
    found["focal"] = torch_of(focal, "focal, eager")
    found["focal binary"] = [("torch focal, eager", binary_focal)]
    found["dice"] = found["dice small"] = torch_of(dice, "dice, eager one-hot")
    found["lovasz softmax"] = torch_of(lovasz, "lovasz, eager")
    for name, function in (("relu", torch.relu), ("sigmoid", torch.sigmoid), ("tanh", torch.tanh),
                           ("gelu", F.gelu)):
        found[name] = torch_of(lambda x, function=function: function(x), name)
    found["gelu tanh"] = torch_of(lambda x: F.gelu(x, approximate="tanh"), "gelu tanh")
    found["softmax planes"] = torch_of(lambda x: torch.softmax(x, 1), "softmax, dim 1")
    found["softmax rows"] = torch_of(lambda x: torch.softmax(x, -1), "softmax, last dim")
    if scipy:
        found["sigmoid"] += [("scipy expit", lambda x: lambda: scipy.special.expit(x["x"]))]
    return found


def version_of(peer):
    module = {"numpy": np, "torch": torch, "scipy": sys.modules.get("scipy"),
              "sklearn": sys.modules.get("sklearn")}[peer.split()[0]]
    return module.__version__


class Kernels:
    """One piece of work in a process of its own, run when asked."""

    def __init__(self, program, name, folder):
        self.process = subprocess.Popen([program, "--steps", folder, name], text=True, bufsize=1,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.inputs = {}
        for key, spec in json.loads(self.process.stdout.readline()).items():
            dtype, shape = spec.split(" ", 1)
            self.inputs[key] = np.fromfile(os.path.join(folder, key), dtype).reshape(json.loads(shape))

    def run(self, threads):
        """Seconds of the limit and of the work."""
        print(threads, file=self.process.stdin)
        return [float(word) for word in self.process.stdout.readline().split()]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def measure(kernels, run, threads, wanted):
    """In turn for so many seconds: of each the time, and the ratio."""
    if torch:
        torch.set_num_threads(threads)
    clock = time.process_time if threads == 1 else time.perf_counter
    kernels.run(threads)
    run()
    until = time.perf_counter() + wanted
    ours, theirs = [], []
    while len(ours) < 3 or time.perf_counter() < until:
        ours.append(kernels.run(threads)[1])
        began = clock()
        run()
        theirs.append(clock() - began)
    ratio = statistics.median(b / a for a, b in zip(ours, theirs))
    return statistics.median(ours), statistics.median(theirs), ratio, len(ours)


def main(program, seconds="0.5", *names):
    for name, functions in peers().items():
        if names and not any(part in name for part in names):
            continue
        with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
            kernels = Kernels(program, name, folder)
            for peer, make in functions:
                run = make(kernels.inputs)
                for threads in THREADS if peer.startswith("torch") else (1,):
                    ours, theirs, ratio, repeats = measure(kernels, run, threads, float(seconds))
                    print(json.dumps({"name": name, "peer": peer, "version": version_of(peer),
                                      "threads": threads, "repeats": repeats, "seconds": theirs,
                                      "ours": ours, "ratio": round(ratio, 3)}), flush=True)
            kernels.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
