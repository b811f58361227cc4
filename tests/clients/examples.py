"""The examples where they must fail, and with what their users have. (README.md of the examples shows them pass.)"""
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np

from server import PROGRAM, ROOT, Case

PYTHON = "/usr/bin/python3"  # that of Debian, which may have PyTorch


def load(name):
    spec = importlib.util.spec_from_file_location(name, os.path.join(ROOT, f"examples/{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Tensor:
    """What a Meter asks of a tensor of PyTorch, over a NumPy array."""

    def __init__(self, array, dtype=None):
        self.array, self.dtype = array, dtype or f"torch.{array.dtype}"

    def detach(self):
        return Tensor(self.array, self.dtype)

    cpu = detach

    def float(self):
        return Tensor(self.array.astype(np.float32))

    def numpy(self):
        if self.dtype == "torch.bfloat16":
            raise TypeError("Got unsupported ScalarType BFloat16")
        return self.array


class Examples(Case):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="scored-examples-")
        self.addCleanup(self.folder.cleanup)
        self.masks = os.path.join(self.folder.name, "masks")
        shutil.copytree(os.path.join(ROOT, "examples/masks"), self.masks)
        os.symlink(PROGRAM, os.path.join(self.folder.name, "scored"))

    def run_example(self, name, *words):
        environment = {**os.environ, "SCORED_URL": f"http://127.0.0.1:{self.server.port}",
                       "PATH": f"{self.folder.name}:{os.environ['PATH']}"}
        return subprocess.run([os.path.join(ROOT, "examples", name), *words], cwd=self.folder.name, env=environment,
                              text=True, capture_output=True, timeout=60)

    def test_a_directory_with_a_mask_missing(self):
        os.remove(os.path.join(self.masks, "target-2.png"))
        done = self.run_example("score_directory", self.masks, "num_classes=11&ignore_index=11")
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stdout, "")

    def test_a_directory_with_a_bad_mask(self):
        done = self.run_example("score_directory", self.masks, "num_classes=11")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("label 11", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_a_directory_is_as_one_request(self):
        form = [word for n in (1, 2, 3) for k in ("pred", "target") for word in ("-F", f"{k}=@{self.masks}/{k}-{n}.png")]
        url = f"127.0.0.1:{self.server.port}/v1/metrics/segmentation?num_classes=11&ignore_index=11"
        want = subprocess.run(["curl", "-sS", *form, url], text=True, capture_output=True, check=True, timeout=60).stdout
        self.assertEqual(self.run_example("score_directory", self.masks, "num_classes=11&ignore_index=11").stdout, want)

    def test_a_gate_without_masks(self):
        empty, baseline = os.path.join(self.folder.name, "empty"), os.path.join(self.folder.name, "baseline")
        os.mkdir(empty)
        with open(baseline, "w", encoding="ascii") as file:
            file.write("0\n")
        self.assertEqual(self.run_example("ci_gate", empty, baseline).returncode, 2)
        self.assertEqual(self.run_example("ci_gate", self.masks, baseline).returncode, 0)

    def test_a_loop_of_pytorch(self):
        words = ["-c", "import requests, torch"]
        if subprocess.run([PYTHON, *words], capture_output=True, timeout=60).returncode != 0:
            self.skipTest(f"{PYTHON} has no PyTorch, or no requests")
        loop = os.path.join(ROOT, "examples/pytorch_loop.py")
        environment = {**os.environ, "SCORED_URL": f"http://127.0.0.1:{self.server.port}"}
        said = [subprocess.run([python, loop], env=environment, text=True, capture_output=True, check=True, timeout=60).stdout
                for python in (PYTHON, sys.executable)]
        self.assertEqual(said[0], said[1])
        half = ("import sys, torch; sys.path.append(sys.argv[1]); import pytorch_loop; x = torch.tensor([1.5, 2], dtype=torch.bfloat16)\n"
                "print(pytorch_loop.Meter('losses/mse').update(pred=x.requires_grad_(), target=torch.zeros(2))['value'])")
        done = subprocess.run([PYTHON, "-c", half, os.path.dirname(loop)], env=environment, text=True, capture_output=True, timeout=60)
        self.assertEqual(done.stdout, "3.125\n", done.stderr)

    def test_a_meter_takes_tensors(self):
        module = load("pytorch_loop")
        module.URL = f"http://127.0.0.1:{self.server.port}"
        pred, target = np.arange(12, dtype=np.float32).reshape(4, 3), np.array([0, 1, 2, 2])
        values = []
        for dtype in ("torch.float32", "torch.bfloat16"):
            meter = module.Meter("losses/cross_entropy")
            for n in range(0, 4, 2):
                meter.update(pred=Tensor(pred[n:n + 2], dtype), target=Tensor(target[n:n + 2]))
            values.append(meter.compute()["value"])
        whole = module.Meter("losses/cross_entropy").update(pred=pred.tolist(), target=target)["value"]
        self.assertEqual(values, [whole, whole])
        with self.assertRaisesRegex(ValueError, "label 9"):
            meter.update(pred=Tensor(pred[:1]), target=Tensor(np.array([9])))
