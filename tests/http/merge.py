"""POST /v1/merge: a data set scored in pieces, anywhere, gives the bytes of one request; states that
are none are told apart."""
import base64
import os
import platform
import struct
import zlib

import numpy as np

import samples
from bodies import multipart, npy
from errors import MSE, SEGMENTATION, Errors
from server import Case, Server

PAIR = {"pred": [1, 2], "target": [1, 4]}


def path_of(op):
    return f"{op['family']}/{op['name']}"


def encode(state):
    return base64.b64encode(state).decode()


def seal(content):
    """A state with the checksum that it should have."""
    return content + struct.pack("<I", zlib.crc32(content))


def batches(random, n, most):
    """Parts of range(n), in random order, of random sizes."""
    order = list(range(n))
    random.shuffle(order)
    while order:
        size = random.randint(1, most + 1)
        yield order[:size]
        order = order[size:]


class Merge(Case):
    """Three servers that differ in all that must not matter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        level = {"SC_ISA_MAX": "v1" if platform.machine() == "x86_64" else "arm64"}
        cls.servers = [cls.server, Server("--threads", "1"),
                       Server("--threads", "2", prepare=lambda: os.environ.update(level))]

    @classmethod
    def tearDownClass(cls):
        for server in cls.servers:
            server.stop()

    def any_server(self):
        return self.servers[self.random.randint(len(self.servers))]

    def score(self, op, arrays, **params):
        body, headers = multipart(*((name, npy(a)) for name, a in arrays.items()))
        reply = self.any_server().post(f"/v1/{path_of(op)}", body, headers, **params)
        self.assertEqual(reply.status, 200, f"{path_of(op)}: {reply}")
        return reply

    def add(self, op, states, **params):
        reply = self.any_server().post(f"/v1/merge/{path_of(op)}", {"states": states}, **params)
        self.assertEqual(reply.status, 200, f"{path_of(op)}: {reply}")
        return reply

    def add_as_a_tree(self, op, states):
        """Random ones together, until few are left."""
        while len(states) > 4:
            self.random.shuffle(states)
            few = self.random.randint(2, 5)
            states = [self.add(op, states[:few], state=True).json()["state"]] + states[few:]
        return states

    def score_parts(self, op, n, most, arrays, shared, **params):
        """One request with a part for each batch."""
        parts = [(k, npy(a[batch])) for batch in batches(self.random, n, most) for k, a in arrays.items()]
        body, headers = multipart(*parts, *((k, npy(a)) for k, a in shared.items()))
        reply = self.any_server().post(f"/v1/{path_of(op)}", body, headers, **params)
        self.assertEqual(reply.status, 200, f"{path_of(op)}: {reply}")
        return reply

    def check(self, op, n, most, arrays, shared, **params):
        whole = self.score(op, {**arrays, **shared}, **params)
        for more in ({}, {"state": True}):
            parts = self.score_parts(op, n, most, arrays, shared, **params, **more)
            self.assertEqual(parts.body, self.score(op, {**arrays, **shared}, **params, **more).body, path_of(op))
        states = [self.score(op, {**{k: a[batch] for k, a in arrays.items()}, **shared},
                             state=True, **params).json()["state"]
                  for batch in batches(self.random, n, most)]
        states = self.add_as_a_tree(op, states)
        self.assertEqual(self.add(op, states).body, whole.body, path_of(op))
        state = self.score(op, {**arrays, **shared}, state=True, **params).json()["state"]
        self.assertEqual(self.add(op, states, state=True).json()["state"], state, path_of(op))

    def operation(self, path):
        return self.ok(self.server.get(f"/v1/operations/{path}"))["operations"][0]

    def test_every_mergeable_operation(self):
        self.random = np.random.RandomState(1)
        for op in self.ok(self.server.get("/v1/operations"))["operations"]:
            if not op["mergeable"]:
                continue
            arrays, shared = samples.inputs(op, self.random, 17)
            self.check(op, 17, 5, arrays, shared, **samples.params(op))

    def test_samples_of_many_blocks(self):
        self.random = np.random.RandomState(2)
        shape = (9, 70, 90)
        target = self.random.randint(0, 4, shape).astype("u1")
        scores = self.random.normal(0, 1e3, (9, 4, 70, 90)).astype("f4")
        values = self.random.normal(0, 1, shape) * 10.0 ** self.random.randint(-30, 30, shape)
        for path, pred, true, params in (
                ("losses/mse", values, -values, {"reduction": "sum"}),
                ("losses/cross_entropy", scores, target, {"label_smoothing": 0.1}),
                ("losses/dice", scores, target, {"input_kind": "logits", "squared": True}),
                ("metrics/segmentation", target[::-1], target,
                 {"num_classes": 4, "ignore_index": [3], "class_names": ["a", "b", "c", "d"]})):
            self.check(self.operation(path), 9, 3, {"pred": pred, "target": true}, {}, **params)

    def test_one_state_is_itself_and_other_forms_work(self):
        self.random = np.random.RandomState(3)
        op = self.operation("metrics/segmentation")
        masks = {"pred": np.array([[0, 1]], "u1"), "target": np.array([[0, 0]], "u1")}
        plain, saved = (self.score(op, masks, num_classes=2, state=s) for s in (False, True))
        states = {"states": [saved.json()["state"]]}
        self.assertEqual(self.add(op, states["states"]).body, plain.body)
        path, table = "/v1/merge/metrics/segmentation", {"Accept": "text/csv"}
        self.assertEqual(self.server.post(path, states, headers=table).body.count(b"\r\n"), 3)
        both = self.server.post(path, {**states, "params": {"state": True, "nonfinite": "token"}})
        self.assertEqual(self.ok(both)["state"], saved.json()["state"])
        slashes = b'{"states":["%s"]}' % saved.json()["state"].encode().replace(b"/", b"\\/")
        self.assertEqual(self.server.post(path, slashes).body, plain.body)

    def test_repeated_parts_of_several_operations(self):
        self.random = np.random.RandomState(5)
        arrays = {"pred": self.random.normal(0, 9, (5, 3, 20, 30)).astype("f4"),
                  "target": self.random.randint(0, 3, (5, 20, 30)).astype("u1")}
        ops = "losses/cross_entropy,losses/dice,losses/dice_focal,metrics/segmentation"
        params = {"ops": ops, "num_classes": 3, "input_kind": "logits"}
        for weight in ({}, {"weight": np.array([0.5, 1, 2])}):
            parts = [(k, npy(a[i:i + 2])) for i in (0, 2, 4) for k, a in arrays.items()]
            some, whole = (self.ok(self.server.post("/v1/score", *multipart(*form), **params))["results"]
                           for form in ([*parts, *((k, npy(a)) for k, a in weight.items())],
                                        [(k, npy(a)) for k, a in {**arrays, **weight}.items()]))
            self.assertEqual(some, whole)

    def test_repeated_weights_go_with_their_parts(self):
        self.random = np.random.RandomState(6)
        op = self.operation("losses/binary_cross_entropy_with_logits")
        arrays = {k: self.random.uniform(0, 1, (9, 4)) for k in ("pred", "target", "weight", "pos_weight")}
        self.check(op, 9, 2, arrays, {})

    def test_empty_batches_change_nothing(self):
        self.random = np.random.RandomState(4)
        op = self.operation("losses/mse")
        some = {k: np.array(v, "f8") for k, v in PAIR.items()}
        none = {k: np.zeros(0) for k in PAIR}
        states = [self.score(op, a, state=True).json()["state"] for a in (none, some, none)]
        self.assertEqual(self.add(op, states).body, self.score(op, some).body)


class Refusals(Errors):
    def test_other_parameters_are_named(self):
        for path, first, second, words in (
                ("losses/huber", {"delta": 1}, {"delta": 0.5}, "delta is 0.5 and was 1"),
                ("losses/mse", {"reduction": "sum"}, {}, "reduction is mean and was sum"),
                ("metrics/segmentation", {"ignore_index": [7, 8]}, {}, "ignore_index is not set and was 7,8")):
            more = {"num_classes": 3} if path.startswith("metrics") else {}
            body = {"pred": [1, 2], "target": [1, 2]}
            states = [encode(self.state(f"/v1/{path}", body, **p, **more)) for p in (first, second)]
            problem = self.refuse(f"/v1/merge/{path}", {"states": states}, 422)
            self.assertIn(f"the states have different parameters: {words}", problem["detail"])

    def state(self, path, body, **params):
        return base64.b64decode(self.ok(self.server.post(path, body, state=True, **params))["state"])

    def setUp(self):
        self.mse = self.state(MSE, PAIR)

    def merge(self, path, states, *statuses, **params):
        body = {"states": [encode(s) if isinstance(s, bytes) else s for s in states]}
        return self.refuse(path.replace("/v1/", "/v1/merge/"), body, *statuses, **params)

    def misfit(self, state, *words, path=MSE, before=None):
        """422 with these words, and a pointer to the state behind one that fits."""
        problem = self.merge(path, [before or self.mse, state], 422)
        self.assertEqual(self.pointer(problem), "#/states/1")
        for word in words:
            self.assertIn(word, problem["detail"])
        self.assertIn("as they came", problem["detail"])  # what would be right

    def test_truncated_at_every_byte(self):
        for size in range(len(self.mse)):
            self.misfit(self.mse[:size], "truncated or damaged")
        self.misfit(self.mse + b"\0", "truncated or damaged")

    def test_truncated_and_sealed_again(self):
        for size in range(12, len(self.mse) - 5):
            self.misfit(seal(self.mse[:size]))

    def test_each_byte_flipped(self):
        for at in range(len(self.mse)):
            broken = bytearray(self.mse)
            broken[at] ^= 1 << at % 8
            self.misfit(bytes(broken), "truncated or damaged")

    def test_each_byte_flipped_and_sealed_again(self):
        """Whatever it is taken for, it is no crash; only other counts and sums make a report."""
        for at in range(len(self.mse) - 4):
            broken = bytearray(self.mse[:-4])
            broken[at] ^= 0xff
            reply = self.server.post("/v1/merge/losses/mse", {"states": [encode(seal(bytes(broken)))]})
            self.assertIn(reply.status, (200, 422), at)

    def test_other_versions(self):
        for at, words in ((4, "format 9"), (8, "numerics 9")):
            other = self.mse[:at] + struct.pack("<I", 9) + self.mse[at + 4:-4]
            self.misfit(seal(other), words)

    def test_parameters_of_another_version(self):
        other = self.mse.replace(b"reduction", b"reductive")
        self.misfit(seal(other[:-4]), "has a parameter 'reductive', which losses/mse of this program has not",
                    "program of its version")
        other = self.mse.replace(b"mean", b"meam")
        self.misfit(seal(other[:-4]), "not those of this program: parameter 'reduction' is 'meam'")

    def test_other_operations_and_parameters(self):
        mae = self.state("/v1/losses/mae", PAIR)
        self.misfit(mae, "losses/mae", "losses/mse")
        self.misfit(self.state(MSE, PAIR, reduction="sum"), "parameters")

    def test_other_numbers_of_classes(self):
        path = "/v1/losses/cross_entropy"
        two, three = (self.state(path, {"pred": [[0.5] * c], "target": [0]}) for c in (2, 3))
        self.misfit(three, "classes", path=path, before=two)
        masks = {"pred": [0], "target": [0]}
        two, three = (self.state(SEGMENTATION, masks, num_classes=c) for c in (2, 3))
        self.misfit(three, "parameters", path=SEGMENTATION, before=two)

    def test_classes_that_cannot_be(self):
        path = "/v1/losses/cross_entropy"
        good = self.state(path, {"pred": [[0.5, 0.25]], "target": [0]})
        at = 16 + struct.unpack_from("<I", good, 12)[0]
        at += 4 + struct.unpack_from("<I", good, at)[0]
        self.assertEqual(struct.unpack_from("<q", good, at)[0], 2)
        before = self.server.memory()
        for classes in (0, 1, 3, 1 << 16, 1 << 24, 1 << 40, 2**63 - 1, -1, -2**63):
            changed = seal(good[:at] + struct.pack("<q", classes) + good[at + 8:-4])
            self.misfit(changed, path=path, before=good)
        self.assertLess(self.server.memory() - before, 1 << 24)

    def test_counts_that_cannot_be(self):
        at = 16 + struct.unpack_from("<I", self.mse, 12)[0]
        at += 12 + struct.unpack_from("<I", self.mse, at)[0]
        for count in (-1, -2**63, 2**63 - 1, 2**53 + 1):
            self.misfit(seal(self.mse[:at] + struct.pack("<q", count) + self.mse[at + 8:-4]))
        most = seal(self.mse[:at] + struct.pack("<q", 2**53 - 2) + self.mse[at + 8:-4])
        self.misfit(self.mse, before=most)

    def test_what_is_no_state(self):
        for wrong in (7, None, True, [], {}, "=", "a", "ab==c", "a b=", "////*"):
            problem = self.merge(MSE, [self.mse, wrong], 400)
            self.assertEqual(self.pointer(problem), "#/states/1")

    def test_bodies(self):
        path, state = "/v1/merge/losses/mse", encode(self.mse)
        for body, pointer in (({}, "#/states"), ({"states": []}, "#/states"),
                              ({"states": state}, "#/states"),
                              ({"states": [state], "pred": [1]}, "#/pred"),
                              ({"states": [state], "params": {"reduction": "sum"}},
                               "#/params/reduction"),
                              ({"states": [state], "params": {"state": "true"}}, "#/params/state")):
            self.assertEqual(self.pointer(self.refuse(path, body, 400)), pointer)
        self.refuse(path, {"states": [state]}, 400, reduction="sum")
        self.refuse(path, b"", 400)
        self.refuse(path, b"[]", 400)
        self.refuse(path, b'{"states": [', 400)
        self.refuse(path, npy(np.zeros(3)), 415)

    def test_operations_without_a_state(self):
        problem = self.merge("/v1/activations/relu", [self.mse], 422)
        self.assertIn("cannot be evaluated in pieces", problem["detail"])
        self.refuse("/v1/activations/relu", {"x": [1]}, 400, state=True)
        problem = self.merge("/v1/losses/mes", [self.mse], 404)
        self.assertIn("losses/mse", problem["suggestions"])
        self.assertEqual(self.server.get("/v1/merge/losses/mse").status, 405)


class Memory(Case):
    OPTIONS = ("--memory", "52M")

    def test_many_states_need_the_memory_of_two(self):
        """12 states of 2 MiB in a body of 34 MB: decoded and loaded all at once they would not fit."""
        masks = {"pred": [0, 511], "target": [0, 511]}
        reply = self.ok(self.server.post(SEGMENTATION, masks, num_classes=512, state=True))
        body = {"states": [reply["state"]] * 12}
        merged = self.ok(self.server.post("/v1/merge/metrics/segmentation", body))
        self.assertEqual(merged["pixels"], 24)
