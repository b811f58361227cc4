"""POST /v1/score: several operations over one upload."""
import numpy as np

import samples
from bodies import multipart, npy
from errors import Errors
from server import Server

SCORE = "/v1/score"
DICE, ENTROPY, SEGMENTATION = "losses/dice", "losses/cross_entropy", "metrics/segmentation"
PAIR = {"pred": [[0.1, 0.9], [0.8, 0.2]], "target": [1, 0]}


class Score(Errors):
    def score(self, ops, body=PAIR, headers=None, **params):
        return self.ok(self.server.post(SCORE, body, headers, ops=ops, **params))["results"]

    def single(self, op, body=PAIR, headers=None, **params):
        return self.ok(self.server.post(f"/v1/{op}", body, headers, **params))

    def wrong(self, status, ops, body=PAIR, **params):
        return self.refuse(SCORE, body, status, ops=ops, **params)

    # ---- results ----

    def test_results_are_those_of_single_requests_in_the_order_of_ops(self):
        for ops in ([ENTROPY, DICE], [DICE, ENTROPY], [DICE]):
            results = self.score(ops, input_kind="probs")
            self.assertEqual(list(results), ops)
        self.assertEqual(results[DICE], self.single(DICE, input_kind="probs"))
        results = self.score([ENTROPY, DICE], input_kind="probs", label_smoothing=0.1, grad=True)
        self.assertEqual(results[ENTROPY], self.single(ENTROPY, label_smoothing=0.1, grad=True))
        self.assertEqual(results[DICE], self.single(DICE, input_kind="probs", grad=True))

    def test_each_operation_gets_the_inputs_that_it_has(self):
        body = {**PAIR, "x": [1, -1], "weight": [1, 2]}
        results = self.score([ENTROPY, "activations/relu"], body)
        self.assertEqual(results["activations/relu"]["y"]["data"], [1, 0])
        weighted = {k: v for k, v in body.items() if k != "x"}
        self.assertEqual(results[ENTROPY], self.single(ENTROPY, weighted))

    def test_a_lone_tensor_goes_to_activations(self):
        results = self.score(["activations/relu", "activations/sigmoid"], npy(np.array([-1.0, 2])))
        self.assertEqual(results["activations/relu"]["y"]["data"], [0, 2])
        self.wrong(400, [ENTROPY], npy(np.array([-1.0, 2])))

    def test_every_loss_and_metric_that_fits(self):
        """All operations that take scores of classes and labels, over one upload on the executor."""
        random = np.random.RandomState(1)
        arrays = {"pred": random.normal(0, 1, (6, 3, 70, 60)).astype("f4"),
                  "target": random.randint(0, 3, (6, 70, 60)).astype("u1")}
        body, headers = multipart(*((k, npy(a)) for k, a in arrays.items()))
        ops = self.ok(self.server.get("/v1/operations"))["operations"]
        names = [f"{o['family']}/{o['name']}" for o in ops if o["family"] == "losses" and
                 samples.by_class(next(i for i in o["inputs"] if i["name"] == "pred")) and
                 not any(i.get("values") for i in o["inputs"])] + [SEGMENTATION]
        results = self.score(names, body, headers, num_classes=3, input_kind="logits")
        takes = {f"{o['family']}/{o['name']}": {p["name"] for p in o["params"]} for o in ops}
        for name in names:
            own = {k: v for k, v in {"num_classes": 3, "input_kind": "logits"}.items() if k in takes[name]}
            self.assertEqual(results[name], self.single(name, body, headers, **own), name)
        self.assertEqual(list(results), names)
        self.assertGreater(len(names), 10)

    def test_images_pair_up_for_each(self):
        masks = [np.full((2, n), n % 2, "u1") for n in (2, 3)]
        body, headers = multipart(*((k, npy(m)) for m in masks for k in ("pred", "target")))
        results = self.score([SEGMENTATION, "metrics/confusion_matrix"], body, headers, num_classes=2)
        self.assertEqual(results[SEGMENTATION]["images"], 2)
        self.assertEqual(results["metrics/confusion_matrix"]["count"], 10)

    def test_forms(self):
        for kind, status in (("text/plain", 200), ("text/csv", 406), ("application/x-npy", 406),
                             ("text/csv, application/json;q=0.5", 200)):
            reply = self.server.post(SCORE, PAIR, {"Accept": kind}, ops=ENTROPY)
            self.assertEqual(reply.status, status, kind)
        text = self.server.post(SCORE, PAIR, {"Accept": "text/plain"}, ops=f"{ENTROPY},losses/nll")
        self.assertIn(b"---- losses/nll ----", text.body)

    def test_options_are_for_the_whole_request(self):
        body = {"pred": [[1e308, -1e308]], "target": [1]}
        for where in ({"nonfinite": "token"}, {}):
            params = {"params": {} if where else {"nonfinite": "token"}}
            reply = self.server.post(SCORE, {**body, **params}, ops=[ENTROPY], **where)
            self.assertEqual(reply.status, 200)
        results = self.score([ENTROPY, "losses/nll"], state=True)
        for name, result in results.items():
            self.assertEqual(result["state"], self.single(name, state=True)["state"])
        problem = self.wrong(400, [ENTROPY, "activations/relu"], {**PAIR, "x": [1]}, state=True)
        self.assertTrue(problem["detail"].startswith("activations/relu"), problem["detail"])

    # ---- which operations ----

    def test_ops_in_the_body(self):
        for ops in ([ENTROPY, "losses/nll"], ENTROPY):
            body = {**PAIR, "params": {"ops": ops}}
            names = ops if isinstance(ops, list) else [ops]
            self.assertEqual(list(self.ok(self.server.post(SCORE, body))["results"]), names)
            self.assertEqual(list(self.score(ops, body)), names)
        self.wrong(400, ["losses/nll"], {**PAIR, "params": {"ops": [ENTROPY]}})
        for ops in ([], [1], 7, True, [[ENTROPY]], {"7": 0}, ""):
            self.refuse(SCORE, {**PAIR, "params": {"ops": ops}}, 400, 404)

    def test_ops_as_people_write_them(self):
        for ops in ("losses/mse, losses/mae", " losses/mse ,losses/mae "):
            self.assertEqual(list(self.score(ops, {"pred": [1], "target": [1]})), ["losses/mse", "losses/mae"])
        body = {"pred": [1], "target": [1], "params": {"ops": "losses/mse,losses/mae"}}
        self.assertEqual(len(self.ok(self.server.post(SCORE, body))["results"]), 2)
        problem = self.wrong(404, "mse")
        self.assertIn("'ops' names 'mse'; it takes names with their family", problem["detail"])
        self.assertIn("losses/mse", problem["suggestions"])
        self.assertIn("is 'op' meant", self.refuse(SCORE, PAIR, 400, op="losses/mse")["detail"])

    def test_parameters_of_one_operation(self):
        body = {"pred": [[7, 0]], "target": [[0, 0]]}

        def ask(*statuses, **params):
            return self.refuse(SCORE, {**body, "params": params}, *statuses, ops="losses/mse,metrics/segmentation",
                               num_classes=2)["detail"]
        self.assertIn("takes an object of its parameters", ask(400, **{"losses/mse": 3}))
        self.assertIn("'losses/nothere' in the parameters", ask(400, **{"losses/nothere": {}}))
        params = {"metrics/segmentation.label_map": {"7": 0}, "losses/mse": {}}
        result = self.score("losses/mse,metrics/segmentation", {**body, "params": params}, num_classes=2)
        self.assertEqual(result[SEGMENTATION]["pixel_accuracy"], 1)

    def test_ops_that_are_wrong(self):
        self.assertEqual(self.pointer(self.refuse(SCORE, PAIR, 400)), "#/params/ops")
        self.wrong(400, "")
        problem = self.wrong(400, [ENTROPY, DICE, ENTROPY], input_kind="probs")
        self.assertIn("twice", problem["detail"])
        for name, near in (("losses/dise", DICE), ("dice", DICE), ("metrics/dice", DICE)):
            problem = self.wrong(404, [ENTROPY, name])
            self.assertEqual(problem["type"], "urn:scored:problem:no-such-operation")
            self.assertIn(near, problem["suggestions"])
        for name in ("/", "losses/", "a/b/c", "x" * 500, "%s%n"):
            self.wrong(404, name)
        self.refuse("/v1/losses/mse", {"pred": [1], "target": [1]}, 400, ops="losses/mse")

    def test_unknown_operations_are_refused_before_the_body(self):
        connection = self.server.connect()
        connection.putrequest("POST", f"{SCORE}?ops=losses/dise")
        connection.putheader("Content-Length", "1000000")
        connection.putheader("Expect", "100-continue")
        connection.endheaders()
        self.assertEqual(connection.getresponse().status, 404)
        connection.close()

    # ---- parameters ----

    def test_parameters_with_the_name_of_an_operation(self):
        both = [DICE, "losses/iou"]
        want = self.single(DICE, input_kind="probs", smooth=1)
        for results in (
                self.score(both, input_kind="probs", **{"losses/dice.smooth": 1}),
                self.score(both, {**PAIR, "params": {"input_kind": "probs", DICE: {"smooth": 1}}}),
                self.score(both, {**PAIR, "params": {"losses/dice.smooth": 1}}, input_kind="probs"),
                self.score(both, {**PAIR, "params": {DICE: {"smooth": 1.0}}}, input_kind="probs",
                           **{"losses/dice.smooth": 1})):
            self.assertEqual(results[DICE], want)
            self.assertEqual(results["losses/iou"], self.single("losses/iou", input_kind="probs"))

    def test_parameters_that_are_wrong(self):
        both = [DICE, ENTROPY]
        kind = {"input_kind": "probs"}
        problem = self.wrong(400, both, smoth=1, **kind)
        self.assertIn("smooth", problem["suggestions"])
        self.assertEqual(len(problem["suggestions"]), len(set(problem["suggestions"])))
        problem = self.wrong(400, both, **kind, **{"losses/dice.smoth": 1})
        self.assertIn("smooth", problem["suggestions"])
        for name in ("losses/iou.smooth", "losses/dicey.smooth", "losses/dice", "losses/dice.",
                     "losses/none.x", "/", ".", "losses/cross_entropy.smooth"):
            self.wrong(400, both, **kind, **{name: 1})
        self.wrong(400, both, **kind, smooth=2, **{"losses/dice.smooth": 1})
        self.score(both, **kind, smooth=1, **{"losses/dice.smooth": 1})
        for value in (1, [1], {"smoth": 1}, {"7": 0}):
            self.wrong(400, both, {**PAIR, "params": {DICE: value}}, **kind)
        self.wrong(400, both, {**PAIR, "params": {"losses/iou": {"smooth": 1}}}, **kind)
        problem = self.wrong(422, both, **kind, smooth=-1)
        self.assertTrue(problem["detail"].startswith(DICE), problem["detail"])

    def test_prefixes_are_unknown_where_there_is_one_operation(self):
        mse = {"pred": [1], "target": [1]}
        self.refuse("/v1/losses/mse", mse, 400, **{"losses/mse.reduction": "sum"})
        body = {**mse, "params": {"losses/mse": {"reduction": "sum"}}}
        self.refuse("/v1/losses/mse", body, 400)

    # ---- inputs ----

    def test_inputs_that_are_wrong(self):
        both = [ENTROPY, "losses/nll"]
        self.assertEqual(self.pointer(self.wrong(400, both, {**PAIR, "foo": [1]})), "#/foo")
        problem = self.wrong(400, both, {**PAIR, "label_smoothing": [1]})
        self.assertIn("parameter", problem["detail"])
        problem = self.wrong(400, [ENTROPY, "activations/relu"])
        self.assertTrue(problem["detail"].startswith("activations/relu: "), problem["detail"])
        self.assertEqual(self.pointer(problem), "#/x")
        problem = self.wrong(422, both, {**PAIR, "target": [1, 7]})
        self.assertTrue(problem["detail"].startswith(ENTROPY + ": "), problem["detail"])
        self.assertEqual(problem["errors"][0]["index"], 1)

    def test_maps_of_labels(self):
        masks = {"pred": [7, 8], "target": [0, 1]}
        mapped = self.single(SEGMENTATION, {**masks, "params": {"pred_label_map": {"7": 0, "8": 1}}},
                             num_classes=2)
        self.assertEqual(mapped["mean_iou"], 1)
        self.assertEqual(mapped, self.single(SEGMENTATION, masks, num_classes=2, pred_label_map="7:0,8:1"))
        for wrong in ({"7": 0.5}, {"seven": 0}, {"7": "0"}, {"7:8": 0}, {"7": 0, "07": 1}):
            body = {**masks, "params": {"pred_label_map": wrong}}
            self.refuse("/v1/" + SEGMENTATION, body, 400, num_classes=2)
        self.refuse("/v1/" + SEGMENTATION, {**masks, "params": {"num_classes": {"7": 0}}}, 400)


class Limits(Errors):
    def test_small_memory(self):
        with Server("--memory", "16M") as server:
            body = npy(np.zeros(1 << 20))
            ops = "activations/relu,activations/sigmoid,activations/gelu"
            self.problem(server.post(SCORE, body, ops=ops), 413, 503)
            self.assertEqual(server.post(SCORE, {"x": [1]}, ops=ops).status, 200)
