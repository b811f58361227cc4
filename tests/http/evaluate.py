"""scored eval: files in, the bytes of the server out, and checks on them."""
import glob
import io
import json
import os
import re
import subprocess
import tempfile

import numpy as np
import yaml

from bodies import PALETTE, RGB, multipart, npy, png
from golden import as_array
from server import PROGRAM, ROOT, Case, as_text
from tensorfiles import safetensors

DONE, UNMET, USAGE, PROBLEM = range(4)
SEGMENTATION, ENTROPY, DICE = "metrics/segmentation", "losses/cross_entropy", "losses/dice"
RANDOM = np.random.RandomState(3)
MASKS = [RANDOM.randint(0, 4, (2, 9, 14)).astype("u1") for _ in range(2)]
LOGITS = RANDOM.normal(0, 1, (2, 3, 5)).astype("f4")
LABELS = RANDOM.randint(0, 3, (2, 5))


def npz(**arrays):
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


class Evaluate(Case):
    """Each test has a folder of its own."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="scored-eval-")
        self.addCleanup(self.folder.cleanup)

    def file(self, name, data):
        if not isinstance(data, bytes):
            data = json.dumps(data).encode()
        with open(os.path.join(self.folder.name, name), "wb") as out:
            out.write(data)
        return name

    def run_eval(self, *words, status=DONE, stdin=b"", **more):
        done = subprocess.run([PROGRAM, "eval", *words], cwd=self.folder.name, input=stdin,
                              capture_output=True, timeout=120, **more)
        self.assertEqual(done.returncode, status, f"{words}: {done.stderr.decode()[:1000]}")
        return done

    def same(self, op, words, reply, **more):
        """The answer to `words` is the server's reply."""
        done = self.run_eval(op, *words, status=DONE if reply.status == 200 else PROBLEM, **more)
        if reply.status == 200:
            self.assertEqual(done.stdout, reply.body, op)
            self.assertEqual(done.stderr, b"")
        else:
            self.assertEqual(done.stdout, b"")
            problems = json.loads(done.stderr), reply.json()
            for problem in problems:
                problem.pop("instance", None)
            self.assertEqual(*problems)
        return done

    def same_parts(self, op, *parts, accept=None, **params):
        """(name, bytes) or (name, bytes, parameters of a media type), as files and as a form."""
        words, form = [], []
        for i, (name, data, *kind) in enumerate(parts):
            words.append("=".join((name, self.file(f"{i}.bin", data) + "".join(f";{k}" for k in kind))))
            form.append((name, data, "application/octet-stream" + "".join(f";{k}" for k in kind)))
        body, headers = multipart(*form)
        words += [f"{key}={as_text(value)}" for key, value in params.items()]
        if accept is not None:
            words += ["--accept", accept]
            headers["Accept"] = accept
        return self.same(op, words, self.server.post(f"/v1/{op}", body, headers, **params))


class Answers(Evaluate):
    def test_the_examples_of_the_contract(self):
        with open(os.path.join(ROOT, "api/examples.yaml"), encoding="utf-8") as file:
            examples = yaml.safe_load(file)
        for op, requests in examples.items():
            body = next(iter(requests.values()))
            with self.subTest(op):
                self.same(op, [self.file("body.json", body)], self.server.post(f"/v1/{op}", body))
        self.assertGreater(len(examples), 50)

    def test_a_golden_case_of_each_operation_as_files(self):
        seen = set()
        for path in sorted(glob.glob(os.path.join(ROOT, "tests/golden/*.json"))):
            with open(path, encoding="utf-8") as file:
                case = json.load(file)
            arrays = {name: as_array(value) for name, value in case["inputs"].items()}
            if case["op"] in seen or any(a is None for a in arrays.values()):
                continue
            seen.add(case["op"])
            with self.subTest(case["op"]):
                self.same_parts(case["op"], *((k, npy(a)) for k, a in arrays.items()),
                                **case.get("params", {}))
        self.assertGreater(len(seen), 50)

    def test_masks_in_every_format(self):
        pred, target = MASKS
        pair = [("pred", npy(pred)), ("target", npy(target))]
        images = [(k, png(m, PALETTE)) for n in range(2) for k, m in (("pred", pred[n]), ("target", target[n]))]
        raw = [(k, m.tobytes(), "dtype=uint8", "shape=2,9,14") for k, m in (("pred", pred), ("target", target))]
        boxed = [("pred", npz(pred=pred, other=target)), ("target", npz(only=target))]
        files = [("pred", safetensors(pred=pred, other=target)), ("target", safetensors(only=target))]
        for parts in (pair, images, raw, boxed, files):
            for accept in (None, "text/plain", "text/csv", "application/x-npy", "application/x-npz", "application/x-safetensors"):
                self.same_parts(SEGMENTATION, *parts, accept=accept, num_classes=4, per_image=True)

    def test_whole_bodies(self):
        arrays = {"pred": LOGITS, "target": LABELS}
        for op, body, params in (("activations/gelu", npy(LOGITS), {"approximate": "tanh"}),
                                 ("activations/softmax", npz(x=LOGITS), {"dim": 1}),
                                 (ENTROPY, npz(**arrays), {"label_smoothing": 0.1}),
                                 (ENTROPY, safetensors(**arrays), {"reduction": "sum"}),
                                 (ENTROPY, json.dumps({k: a.tolist() for k, a in arrays.items()}).encode(), {})):
            reply = self.server.post(f"/v1/{op}", body, **params)
            self.assertEqual(reply.status, 200)
            words = [f"{k}={v}" for k, v in params.items()]
            self.same(op, [self.file("body", body), *words], reply)
            self.same(op, ["-", *words], reply, stdin=body)

    def test_further_inputs_and_parameters_in_json(self):
        pair = [("pred", npy(LOGITS)), ("target", npy(LABELS))]
        self.same_parts(ENTROPY, *pair, ("weight", b"[1, 2, 0.5]"), reduction="none", grad=True)
        self.same_parts(ENTROPY, *pair, ("params", b'{"reduction": "sum"}'), nonfinite="token")
        self.same_parts(ENTROPY, *pair, ("params", b'{"reduction": "sum"}'), reduction="mean")

    def test_colours_by_an_encoding_that_comes_last(self):
        colours = np.zeros((9, 14, 3), "u1")
        colours[..., 0] = MASKS[0][0]
        pair = [("pred", png(colours, RGB)), ("target", png(MASKS[1][0]))]
        self.same_parts(SEGMENTATION, *pair, num_classes=4, encoding="coco_panoptic")
        self.same_parts(SEGMENTATION, *pair, ("params", b'{"num_classes": 4, "encoding": "coco_panoptic"}'))
        self.same_parts(SEGMENTATION, *pair, num_classes=4)

    def test_files_without_names_add_up(self):
        pred, target = MASKS
        words = [self.file(f"{n}.npz", npz(pred=pred[n], target=target[n])) for n in range(2)]
        body, headers = multipart(*((k, npy(m[n])) for n in range(2) for k, m in (("pred", pred), ("target", target))))
        self.same(SEGMENTATION, [*words, "num_classes=4"],
                  self.server.post(f"/v1/{SEGMENTATION}", body, headers, num_classes=4))

    def test_several_operations(self):
        pair = [("pred", npy(LOGITS)), ("target", npy(LABELS))]
        ops = f"{ENTROPY},{DICE}"
        self.same_parts("score", *pair, ops=ops, input_kind="logits", **{"losses/dice.smooth": 1})
        self.same_parts("score", *pair, ops=DICE, input_kind="logits", accept="text/plain")
        self.same_parts("score", *pair, ops=f"{ops},losses/dise", input_kind="logits")
        self.same_parts("score", *pair)

    def test_states_and_merging(self):
        pred, target = MASKS
        names = []
        for n in range(2):
            words = [f"pred={self.file('p', npy(pred[n]))}", f"target={self.file('t', npy(target[n]))}"]
            names.append(f"{n}.json")
            self.run_eval(SEGMENTATION, *words, "num_classes=4", "state=true", "--output", names[-1])
        states = [json.load(open(os.path.join(self.folder.name, name), encoding="utf-8"))["state"] for name in names]
        for params in ({}, {"state": True}):
            body = {"states": states, "params": params}
            reply = self.server.post(f"/v1/merge/{SEGMENTATION}", body)
            more = [f"{k}=true" for k in params]
            self.same(f"merge/{SEGMENTATION}", [*names, *more], reply)
            self.same(f"merge/{SEGMENTATION}", [self.file("body", body)], reply)
            self.same(f"merge/{SEGMENTATION}", [f"states={names[1]}", names[0], *more], reply)
        self.assertEqual(reply.json()["images"], 2)

    def test_merging_a_reply_of_several_operations(self):
        pair = {"pred": [0.5, 2], "target": [1, 2]}
        reply = self.server.post("/v1/score", pair, ops="losses/mse,losses/mae", state=True)
        for op in ("losses/mse", "losses/mae"):
            state = reply.json()["results"][op]["state"]
            self.same(f"merge/{op}", [self.file("a", reply.body), "a"],
                      self.server.post(f"/v1/merge/{op}", {"states": [state, state]}))
        done = self.run_eval("merge/losses/huber", "a", status=PROBLEM)
        self.assertEqual(json.loads(done.stderr)["instance"], "a")

    def test_short_names_of_formats(self):
        file = self.file("x", npy(LOGITS))
        forms = {"json": "application/json", "text": "text/plain", "npy": "application/x-npy",
                 "npz": "application/x-npz", "safetensors": "application/x-safetensors"}
        told = re.search("^forms: (.*)$", self.run_eval("--help").stdout.decode(), re.M)[1].split()
        self.assertEqual(sorted(told), sorted([*forms, "csv"]))
        for short, media in forms.items():
            reply = self.server.post("/v1/activations/relu", npy(LOGITS), {"Accept": media})
            self.same("activations/relu", [file, "--accept", short], reply)
        for wrong in ("png", "yaml", "text/csv"):
            done = self.run_eval("activations/relu", file, "--accept", wrong, status=PROBLEM)
            self.assertEqual(json.loads(done.stderr)["status"], 406)

    def test_threads_change_nothing(self):
        x = RANDOM.normal(0, 1, (64, 3000)).astype("f4")
        words = ["losses/huber", f"pred={self.file('p', npy(x))}", f"target={self.file('t', npy(x[::-1]))}"]
        answers = {self.run_eval(*words, "--threads", n).stdout for n in ("1", "2", "7")}
        self.assertEqual(len(answers), 1)

    def test_output_goes_to_a_file(self):
        file = self.file("x", npy(LOGITS))
        done = self.run_eval("activations/relu", file, "--accept=npy", "--output=y.npy")
        self.assertEqual(done.stdout, b"")
        np.testing.assert_array_equal(np.load(os.path.join(self.folder.name, "y.npy")), np.maximum(LOGITS, 0))

    def test_large_files_are_in_memory_once(self):
        x = np.zeros((1024, 16384), "f4")
        x[:, 5] = 3
        words = ["losses/mse", f"pred={self.file('p', npy(x))}", f"target={self.file('t', npy(x * 0))}"]
        done = self.run_eval(*words, "--threads=2", "--memory", str(3 * x.nbytes - 1))
        self.assertEqual(json.loads(done.stdout)["sum"], 9 * 1024)


class Problems(Evaluate):
    """What the server refuses, in the same words."""

    def test_requests_that_are_refused(self):
        pred, target = (("pred", npy(LOGITS)), ("target", npy(LABELS)))
        masks = [("pred", npy(MASKS[0])), ("target", npy(MASKS[1]))]
        for op, parts, params in (
                (ENTROPY, [pred], {}),
                (ENTROPY, [pred, ("target", npy(LABELS[:1]))], {}),
                (ENTROPY, [pred, ("target", npy(LABELS + 3))], {}),
                (ENTROPY, [pred, ("target", npy(LABELS)[:-1])], {}),
                (ENTROPY, [pred, ("target", b"\x80\x04pickle")], {}),
                (ENTROPY, [pred, target, ("other", npy(LABELS))], {}),
                (ENTROPY, [pred, target], {"label_smothing": 1}),
                (ENTROPY, [pred, target], {"label_smoothing": 2}),
                (ENTROPY, [pred, target], {"reduction": "all"}),
                (ENTROPY, [pred, target, ("params", b'{"reduction": ')], {}),
                (SEGMENTATION, masks, {}),
                (SEGMENTATION, [*masks, masks[0]], {"num_classes": 4}),
                (SEGMENTATION, masks, {"num_classes": 3}),
                ("losses/mze", [pred, pred], {}),
                ("losses/lovasz_softmax", [pred, target], {"state": True}),
        ):
            with self.subTest(op=op, params=params):
                reply = multipart(*parts)
                self.assertNotEqual(self.server.post(f"/v1/{op}", *reply, **params).status, 200)
                if op != "losses/mze":
                    self.same_parts(op, *parts, **params)

    def test_operations_that_are_not_there(self):
        for op, near in (("losses/mze", "losses/mse"), ("segmentation", SEGMENTATION), ("merge/losses/mze", "losses/mse"),
                         ("metrics/dice", DICE)):
            problem = json.loads(self.run_eval(op, status=PROBLEM).stderr)
            self.assertEqual(problem["type"], "urn:scored:problem:no-such-operation")
            self.assertIn(near, problem["suggestions"])
        for op in ("", "/", "operations", "merge", "losses/", "../healthz", "losses/mse?x=1", "\u00e9", "x" * 5000):
            self.assertEqual(json.loads(self.run_eval(op, status=PROBLEM).stderr)["status"], 404)

    def test_the_file_is_named(self):
        good, bad = self.file("good.npy", npy(MASKS[0])), self.file("bad.npy", npy(MASKS[1] + 9))
        cut = self.file("cut.npy", npy(MASKS[1])[:-1])
        for words in ([f"pred={good}", f"target={bad}"], [f"pred={good}", f"target={cut}"],
                      [f"pred={good}", f"target={good}", f"pred={good}", f"target={bad}"],
                      [f"pred={good}", f"pred={bad}", f"target={good}", f"target={good}"]):
            problem = json.loads(self.run_eval(SEGMENTATION, *words, "num_classes=4", status=PROBLEM).stderr)
            self.assertEqual(problem["instance"], cut if f"target={cut}" in words else bad)

    def test_states_that_do_not_fit(self):
        reply = self.server.post("/v1/losses/mse", {"pred": [1], "target": [2]}, state=True)
        good, none = self.file("good", reply.body), self.file("none", {"value": 1})
        other = self.file("other", self.server.post("/v1/losses/mae", {"pred": [1], "target": [2]}, state=True).body)
        for words, status in (([], 400), ([good, none], 400), ([good, other], 422), ([good, "reduction=sum"], 400),
                              ([f"pred={good}"], 400)):
            problem = json.loads(self.run_eval("merge/losses/mse", *words, status=PROBLEM).stderr)
            self.assertEqual(problem["status"], status)
        problem = json.loads(self.run_eval("merge/losses/lovasz_softmax", good, status=PROBLEM).stderr)
        self.assertIn("no states to merge", problem["detail"])

    def test_limits_are_settings(self):
        x = self.file("x", npy(np.zeros(100000)))
        pair = [f"pred={x}", f"target={x}"]
        for words, word in ((["--limit-body-bytes", "1M"], "body_bytes"), (["--limit-parts", "1"], "parts"),
                            (["--limit-rank=0"], "rank"), (["--memory=1M"], "memory")):
            problem = json.loads(self.run_eval("losses/mse", *pair, *words, status=PROBLEM).stderr)
            self.assertEqual(problem["status"], 413)
            self.assertIn(word, problem["detail"])
        environment = {**os.environ, "SCORED_LIMIT_PARTS": "1"}
        self.run_eval("losses/mse", *pair, status=PROBLEM, env=environment)


class Checks(Evaluate):
    def setUp(self):
        super().setUp()
        self.words = [SEGMENTATION, f"pred={self.file('p', npy(MASKS[0]))}", f"target={self.file('t', npy(MASKS[1]))}",
                      "num_classes=4", "class_names=sky,road,tree,car"]
        self.report = json.loads(self.run_eval(*self.words).stdout)

    def test_requirements_decide_the_exit_status(self):
        iou, third = self.report["mean_iou"], self.report["classes"][3]["iou"]
        met = [f"mean_iou>={iou}", f"classes.3.iou == {third}", f"classes.car.iou<={third}", "status==ok",
               f"confusion_matrix.1.2=={self.report['confusion_matrix'][1][2]}"]
        words = [word for one in met for word in ("--require", one)]
        done = self.run_eval(*self.words, *words)
        self.assertEqual(done.stderr, b"")
        self.assertEqual(json.loads(done.stdout), self.report)
        done = self.run_eval(*self.words, *words, f"--require=mean_iou>{iou}", "--require=classes.car.iou>0.9", status=UNMET)
        self.assertEqual(json.loads(done.stdout), self.report)
        self.assertEqual(done.stderr.decode().splitlines(), [
            f"scored: required is mean_iou>{iou}, but mean_iou is {iou}",
            f"scored: required is classes.car.iou>0.9, but classes.car.iou is {third}"])

    def test_null_meets_nothing(self):
        words = [word if word != "num_classes=4" else "num_classes=5" for word in self.words[:-1]]
        done = self.run_eval(*words, "--require", "classes.4.iou>=0", status=UNMET)
        self.assertIn(b"classes.4.iou is null", done.stderr)

    def test_several_operations_and_states(self):
        pair = [f"pred={self.file('l', npy(LOGITS))}", f"target={self.file('c', npy(LABELS))}"]
        self.run_eval("score", f"ops={ENTROPY},losses/nll", *pair, "--require", f"{ENTROPY}.value<9")
        self.run_eval("score", f"ops={ENTROPY},losses/nll", *pair, "--require", "value<9", status=USAGE)
        self.run_eval(*self.words, "state=true", "--output=s")
        self.run_eval(f"merge/{SEGMENTATION}", "s", "s", "--require", "images==4")
        self.run_eval(f"merge/{SEGMENTATION}", "s", "s", "--require", "images==2", status=UNMET)

    def test_mistakes_on_the_command_line(self):
        for words, says in (([], "needs an operation"), (["--bogus"], "'--bogus'"), (["losses/mse", "-x"], "'-x'"),
                            (["losses/mse", "pred=absent"], "absent: No such file"), (["losses/mse", "."], "Is a directory"),
                            ([*self.words, "--require", "mean_iou"], "PATH RELATION NUMBER"),
                            ([*self.words, "--require", "mean_iuo>1"], "did you mean mean_iou?"),
                            ([*self.words, "--output", "absent/file"], "absent/file"),
                            ([*self.words, "--output", "/dev/full"], "No space left"),
                            (["losses/mse", "--threads", "0"], "--threads")):
            done = self.run_eval(*words, status=USAGE)
            self.assertIn(says, done.stderr.decode())
            self.assertTrue(done.stderr.startswith(b"scored: "))

    def test_help(self):
        done = self.run_eval("--help")
        for word in ("--require", "--accept", "--output", "merge/OP", "exit status"):
            self.assertIn(word, done.stdout.decode())
