"""Every gradient of every activation and loss against differences of the values."""
import zlib

import numpy as np

from catalogue import Line, operations, taken, title, values_of
from server import Case

SAMPLES = 10
DIRECTIONS = 2
STEPS = (1e-3, 1e-5)


def value_of(reply, weight):
    """What the gradient is the gradient of: the reduced value, or the sum of all terms."""
    part = reply.get("y") or reply.get("loss")
    if part is None:
        return reply["value"]
    values = values_of(part)
    return float(np.sum(values * (1 if weight is None else weight)))


def is_finite(sample, reply):
    parts = reply.get("grad", {}).values()
    return (reply["status"] == "ok" and len(parts) > 0 and
            (reply.get("value") is None or np.isfinite(reply["value"])) and
            all(np.isfinite(values_of(p)).all() for p in parts))


class Gradients(Case):
    """Directions are random; along those that a kink crosses nothing is claimed."""

    def value(self, line, sample, name, array):
        status, reply = sample.ask(line, {name: array}, grad=False)
        self.assertEqual(status, 200, f"{title(sample.op)}: {reply}")
        return value_of(reply, sample.inputs.get("grad_output"))

    def slopes(self, line, sample, name, direction, middle, step):
        """(Richardson's central difference, how far its one-sided ones are apart, at two steps)."""
        at = sample.inputs[name]
        central, apart = [], []
        for h in (step, step / 2):
            up = self.value(line, sample, name, at + h * direction)
            down = self.value(line, sample, name, at - h * direction)
            central.append((up - down) / (2 * h))
            apart.append(abs(up - 2 * middle + down) / h)
        return (4 * central[1] - central[0]) / 3, apart

    def check(self, line, sample, reply, name, rng):
        """True: agrees; None: at a kink; else what differs."""
        gradient = values_of(reply["grad"][name])
        if name not in sample.inputs:
            return None
        direction = rng.choice([-1.0, 1.0], gradient.shape) * rng.uniform(0.2, 1, gradient.shape)
        if "constant" in sample.op["formula"]:  # of the sum: along this it stays
            direction = direction - np.mean(direction)
        want = float(np.sum(gradient * direction))
        scale = max(abs(want), 1e-3 * float(np.sum(np.abs(gradient))), 1e-6)
        middle = self.value(line, sample, name, sample.inputs[name])
        for step, allowed in zip(STEPS, (1e-5, 1e-3)):
            got, apart = self.slopes(line, sample, name, direction, middle, step)
            noise = 1e-14 * abs(middle) / step
            if abs(got - want) <= allowed * scale + noise:
                return True
        if apart[1] > 0.7 * apart[0] and apart[1] > 1e-3 * scale + noise:
            return None
        return f"grad.{name} gives {want:.12g}, differences {got:.12g}"

    def check_op(self, line, op):
        rng = np.random.default_rng(zlib.crc32(title(op).encode()))
        names = [i["name"] for i in op["inputs"] if i["differentiable"]]
        good = {name: 0 for name in names}
        for number in range(SAMPLES):
            found = taken(rng, line, self.asking(op), is_finite, without=("compat", "eps"), optional=0.7,
                          often=0.2 + 0.1 * number)
            self.assertIsNotNone(found, f"{title(op)}: no sample has a gradient")
            sample, reply = found
            for name in names * DIRECTIONS:
                answer = self.check(line, sample, reply, name, rng)
                good[name] += answer is True
                shapes = {n: a.shape for n, a in sample.inputs.items()}
                self.assertIn(answer, (True, None), f"{sample.params} {shapes}")
        for name, count in good.items():
            self.assertGreaterEqual(count, SAMPLES // 2, f"{title(op)}: grad.{name} was hardly checked")

    # compat=pytorch and what `eps` guards have PyTorch's gradient, which is not that of the value.
    def asking(self, op):
        """The row with `grad` as a parameter that is always true."""
        params = [dict(p, required=True, values=[True]) if p["name"] == "grad" else p
                  for p in op["params"]]
        return dict(op, params=params)

    def check_family(self, family):
        line = Line(self.server)
        for op in operations(self.server):
            if op["family"] == family and any(p["name"] == "grad" for p in op["params"]):
                with self.subTest(op=title(op)):
                    self.check_op(line, op)
        line.close()

    def test_activations(self):
        self.check_family("activations")

    def test_losses(self):
        self.check_family("losses")
