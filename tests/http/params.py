"""Parameters and inputs as clients write them: in the query, in the body, in both; near misses."""
import time

from errors import Errors
from server import Server, together

MSE = "/v1/losses/mse"
SCORE = "/v1/score"
SEGMENTATION = "/v1/metrics/segmentation"
MERGE = "/v1/merge/metrics/segmentation"
PAIR = {"pred": [1, 2], "target": [1, 3]}


def pointer(where, name):
    """RFC 6901; a name that is too long is cut between two characters."""
    out = where + "/"
    for one in name:
        one = {"~": "~0", "/": "~1"}.get(one, one)
        if len((out + one).encode()) > 96:
            break
        out += one
    return out


class Params(Errors):
    def both(self, path, body, in_body, **in_query):
        return self.server.post(path, dict(body, params=in_body), **in_query)

    def test_equal_values_in_query_and_body_are_one(self):
        masks = {"pred": [0, 1], "target": [0, 1]}
        reply = self.both(SEGMENTATION, masks, {"class_names": ["a", "b"], "ignore_index": [7, 8]},
                          num_classes=2, class_names="a,b", ignore_index="7,8")
        self.assertEqual([c["name"] for c in self.ok(reply)["classes"]], ["a", "b"])
        logits = {"pred": [[1.5, 2]], "target": [1]}
        self.ok(self.both("/v1/losses/cross_entropy", logits, {"label_smoothing": 0.1},
                          label_smoothing="0.10"))

    def test_other_values_in_query_and_body_are_refused(self):
        for query, body in (("mean", "sum"), ("none", "mean")):
            reply = self.both(MSE, PAIR, {"reduction": body}, reduction=query)
            self.assertEqual(self.pointer(self.problem(reply, 400)), "#/params/reduction")
        reply = self.both(MSE, PAIR, {"nonfinite": "null"}, nonfinite="token")
        self.assertEqual(self.pointer(self.problem(reply, 400)), "#/params/nonfinite")
        self.problem(self.both(MSE, PAIR, {"nonfinite": ["token"]}), 400)

    def test_unknown_and_missing_ones_are_pointed_to(self):
        self.assertEqual(self.pointer(self.refuse(MSE, {"pred": [1], "targt": [1]}, 400)), "#/targt")
        self.assertEqual(self.pointer(self.refuse(MSE, {"pred": [1]}, 400)), "#/target")
        problem = self.refuse(MSE, PAIR, 400, reductoin="sum")
        self.assertEqual(self.pointer(problem), "#/params/reductoin")
        self.assertIn("reduction", problem["detail"])
        problem = self.refuse(SEGMENTATION, {"pred": [0], "target": [0]}, 400)
        self.assertEqual(self.pointer(problem), "#/params/num_classes")

    def test_names_are_escaped_in_pointers(self):
        two, state = {"ops": "losses/cross_entropy,losses/nll"}, {"states": ["AAAA"]}
        for name in ("a/b", "a~b", "~1/", "x" * 300, "/" * 300, "~" * 300, "x" + "\u00e9" * 300):
            with self.subTest(name=name):
                for path, query in ((MSE, {}), (SCORE, two)):
                    problem = self.refuse(path, {**PAIR, name: [1]}, 400, **query)
                    self.assertEqual(self.pointer(problem), pointer("#", name))
                problem = self.refuse(MSE, {**PAIR, name: [[1], 2]}, 400)
                self.assertEqual(self.pointer(problem), pointer("#", name) + "/1")
                problem = self.refuse(MSE, {**PAIR, "params": {name: None}}, 400)
                self.assertEqual(self.pointer(problem), pointer("#/params", name))
                for path, body, query in ((MSE, PAIR, {}), (SCORE, PAIR, two), (MERGE, state, {})):
                    if path == SCORE and "/" in name:
                        continue  # there a slash belongs to the name of an operation
                    problem = self.refuse(path, {**body, "params": {name: 1}}, 400, **query)
                    self.assertEqual(self.pointer(problem), pointer("#/params", name))

    def test_near_names_are_suggested(self):
        for path, names in (("/v1/losses/mea", {"losses/mae", "losses/mse"}),
                            ("/v1/metrics/cross_entropy", {"losses/cross_entropy"}),
                            ("/v1/activations/sigmiod", {"activations/sigmoid"})):
            problem = self.refuse(path, PAIR, 404)
            self.assertLessEqual(names, set(problem["suggestions"]), path)

    def test_integers_are_values(self):
        """A batch whose values happen to be whole numbers is still a batch."""
        reply = self.ok(self.server.post("/v1/activations/relu", {"x": [1, -2]}))
        self.assertEqual(reply["y"], {"dtype": "float64", "shape": [2], "data": [1, 0]})
        whole = self.ok(self.server.post("/v1/losses/cross_entropy",
                                         {"pred": [[1, 2]], "target": [1]}))
        broken = self.ok(self.server.post("/v1/losses/cross_entropy",
                                          {"pred": [[1.0, 2.0]], "target": [1]}))
        self.assertEqual(whole["value"], broken["value"])


class Costly(Errors):
    def test_small_bodies_that_ask_for_much_do_not_hold_up_health(self):
        body = {"pred": [1], "target": [1],
                "params": {"num_classes": 4096, "confusion_matrix": True}}
        with Server() as server:
            worst = 0
            with together([lambda: server.post(SEGMENTATION, body)] * 6) as clients:
                while any(client.is_alive() for client in clients):
                    start = time.monotonic()
                    self.assertEqual(server.get("/healthz").status, 200)
                    worst = max(worst, time.monotonic() - start)
        self.assertLess(worst, 1)
