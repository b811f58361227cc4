"""Values of replies where there is none, where it does not fit, and where data look like an exception."""
from errors import Errors

MSE, DICE, ENTROPY = "/v1/losses/mse", "/v1/losses/dice", "/v1/losses/cross_entropy"


def half(*values):
    return {"dtype": "float16", "shape": [len(values)], "data": list(values)}


class Values(Errors):
    def post(self, path, body, **params):
        return self.ok(self.server.post(path, body, **params))

    def codes(self, reply):
        return [warning["code"] for warning in reply["warnings"]]

    # ---- no value ----

    def test_no_value_is_null_even_with_tokens(self):
        pair = {"pred": [1.0, 2.0], "target": [1.0, 3.0]}
        for body, params in ((pair, {"reduction": "none"}), ({"pred": [], "target": []}, {})):
            self.assertIsNone(self.post(MSE, body, nonfinite="token", **params)["value"])
        reply = self.post(ENTROPY, {"pred": [[0.5, 0.25]], "target": [0]}, nonfinite="token")
        self.assertIsNone(reply["classes"][1]["value"])
        masks = {"pred": [0], "target": [0]}
        reply = self.post("/v1/metrics/segmentation", masks, nonfinite="token", num_classes=2)
        self.assertIsNone(reply["classes"][1]["iou"])

    def test_nan_that_was_computed_is_a_token(self):
        raw = b'{"pred": [NaN], "target": [1]}'
        self.assertIn('"value":NaN', self.server.post(MSE, raw, nonfinite="token").body.decode())

    def test_nan_that_was_asked_for_is_a_token(self):
        reply = self.server.post("/v1/metrics/segmentation", {"pred": [0], "target": [0]},
                                 nonfinite="token", num_classes=2, absent="nan")
        self.assertIn('"iou":NaN', reply.body.decode())

    def test_ratios_of_nothing_are_null_with_tokens_too(self):
        right = {"pred": [0.1], "target": [0]}
        reply = self.post("/v1/metrics/binary", right, nonfinite="token")
        for name in ("precision", "recall", "f_beta", "iou", "dice", "kappa", "matthews"):
            self.assertIsNone(reply[name], name)
        ignored = {"pred": [1], "target": [7]}
        reply = self.post("/v1/metrics/classification", ignored, nonfinite="token", num_classes=2, ignore_index=7)
        self.assertEqual(reply["f_beta"], {"micro": None, "macro": None, "weighted": None})

    def test_f_beta_of_a_vanishing_beta_is_a_number(self):
        missed = {"pred": [0.1], "target": [1]}
        self.assertEqual(self.post("/v1/metrics/binary", missed, beta=1e-200)["f_beta"], 0)

    def test_what_is_infinite_is_no_nan(self):
        far = {"reduction": "none", "grad": True, "nonfinite": "token"}
        for path, raw, loss, slope in (
                ("gaussian_nll", b'{"pred": [Infinity, -Infinity], "target": [1, 1], "var": [2, 2]}',
                 "[Infinity,Infinity]", "[Infinity,-Infinity]"),
                ("gaussian_nll", b'{"pred": [1e200, 1], "target": [0, -Infinity], "var": [1, 2]}',
                 "[Infinity,Infinity]", "[1e+200,Infinity]")):
            reply = self.server.post(f"/v1/losses/{path}", raw, **far).body.decode()
            self.assertIn(f'"data":{loss}', reply)
            self.assertIn(f'"data":{slope}', reply)
            self.assertIn('"data":[-Infinity,-Infinity]', reply)  # by var
        raw = b'{"pred": [1.5, 1.5], "target": [1e5, 0]}'
        reply = self.server.post("/v1/losses/kl_div", raw, log_target=True, **far).body.decode()
        self.assertIn('"data":[Infinity,-1.5]', reply)

    def test_focal_has_no_number_where_softmax_has_none(self):
        for row in ("-Infinity, -Infinity", "-Infinity", "Infinity, 0", "NaN, 0"):
            for gamma in (0, 2):
                raw = f'{{"pred": [[{row}]], "target": [0]}}'.encode()
                reply = self.server.post("/v1/losses/focal", raw, gamma=gamma, grad=True, nonfinite="token")
                self.assertIn('"value":NaN', reply.body.decode(), (row, gamma))
                self.assertIn('"data":[NaN', reply.body.decode(), (row, gamma))

    # ---- values that their dtype cannot hold ----

    def test_what_overflows_its_dtype_is_told(self):
        single = {"dtype": "float32", "shape": [1], "data": [3e38]}
        for path, body, params in (
                (MSE, {"pred": half(60000), "target": [-60000]}, {"grad": True}),
                (MSE, {"pred": half(60000, 1), "target": [0, 0]}, {"reduction": "none"}),
                (MSE, {"pred": single, "target": [-3e38]}, {"reduction": "none", "grad": True}),
                ("/v1/activations/leaky_relu", {"x": half(-60000)}, {"negative_slope": 10}),
                ("/v1/activations/threshold", {"x": half(0)}, {"threshold": 1, "value": 1e30}),
                ("/v1/activations/prelu", {"x": half(-60000), "weight": 5}, {})):
            reply = self.post(path, body, **params)
            self.assertEqual((reply["status"], self.codes(reply)), ("nonfinite", ["nonfinite"]))

    def test_what_fits_is_ok(self):
        reply = self.post(MSE, {"pred": half(200), "target": [-50]}, reduction="none", grad=True)
        self.assertEqual((reply["status"], reply["warnings"]), ("ok", []))
        self.assertEqual(reply["loss"]["data"], [62496])

    # ---- predicted labels that equal ignore_index ----

    def test_a_predicted_class_counts_though_it_is_ignored_as_a_target(self):
        masks = {"pred": [[1, 1, 0]], "target": [[0, 0, 0]]}
        labels = self.post(DICE, masks, input_kind="labels", num_classes=2, ignore_index=1)
        planes = {"pred": [[[0.0, 0.0, 1.0], [1.0, 1.0, 0.0]]], "target": masks["target"]}
        probs = self.post(DICE, planes, input_kind="probs", ignore_index=1)
        self.assertEqual(labels["classes"][1]["status"], "pred_only")
        self.assertEqual((labels["value"], labels["classes"]), (probs["value"], probs["classes"]))

    def test_a_prediction_of_no_class_is_right_only_where_the_target_is_ignored(self):
        def masks(pred):
            return {"pred": [pred], "target": [[-100, 1, 0]]}

        for name in ("dice", "iou", "tversky", "focal_tversky", "generalized_dice"):
            path = f"/v1/losses/{name}"
            good = self.post(path, masks([-100, 1, 0]), input_kind="labels", num_classes=2)
            self.assertEqual(good["ignored"], 1)
            problem = self.refuse(path, masks([0, 1, -100]), 422, input_kind="labels", num_classes=2)
            self.assertIn("label -100 at index 2", problem["detail"])

    # ---- weights of merged states ----

    def test_states_of_other_weights_are_not_added(self):
        def state(path, weight):
            body = {"pred": [[[0.1, 0.9], [0.7, -2]]], "target": [[1, 1]]}
            if weight:
                body["weight"] = weight
            kind = {} if "_" in path else {"input_kind": "logits"}
            return self.post(path, body, state=True, **kind)["state"]

        for name in ("dice", "iou", "dice_cross_entropy", "dice_focal"):
            path = f"/v1/losses/{name}"
            merge = f"/v1/merge/losses/{name}"
            same = [state(path, [0.1, 0.3])] * 3
            self.assertEqual(self.post(merge, {"states": same})["status"], "ok")
            for other in ([50, 1], [0.1, 0.30000001], None):
                problem = self.refuse(merge, {"states": same + [state(path, other)]}, 422)
                self.assertIn("weights", problem["detail"])

    def test_a_prediction_that_is_nan_is_no_absent_one(self):
        raw = b'{"pred": [[[NaN, 0.8], [0.5, 0.1]]], "target": [[0, 1]]}'
        reply = self.ok(self.server.post(DICE, raw, input_kind="probs"))
        self.assertEqual(reply["classes"][0]["status"], "both")

    # ---- quotients of nothing ----

    def test_a_loss_of_nothing_by_nothing_has_a_warning(self):
        nothing = {"pred": [[[0.0], [0.0]]], "target": [[0]]}
        for name in ("dice", "iou"):
            reply = self.post(f"/v1/losses/{name}", nothing, input_kind="probs", smooth=0)
            self.assertEqual((reply["status"], reply["value"]), ("nonfinite", None))
            self.assertEqual(self.codes(reply), ["nonfinite"])

    def test_a_loss_of_zero_has_no_sign(self):
        right = {"pred": [1.0, 0.0], "target": [1.0, 0.0]}
        for reduction in ("mean", "none"):
            reply = self.server.post("/v1/losses/weighted_cross_entropy", right, reduction=reduction)
            self.ok(reply)
            self.assertNotIn(b"-0.0", reply.body)

    def test_matthews_of_one_class_follows_the_toolkit(self):
        pairs = (([0, 0], [0, 0]), ([0, 0], [1, 1]), ([0, 0, 0], [1, 0, 1]))
        for compat, values in (("", (None, None, None)), ("sklearn", (0, 0, 0)),
                               ("torchmetrics", (1, -1, 0))):
            rule = {"compat": compat} if compat else {}
            found = [self.post("/v1/metrics/classification", {"pred": pred, "target": target},
                               num_classes=2, **rule)["matthews"] for pred, target in pairs]
            self.assertEqual(found, list(values), compat)

    def test_specificity_of_torchmetrics(self):
        """0 where there are no negatives; a class in neither is in no mean."""
        def ask(pred, target, **params):
            reply = self.post("/v1/metrics/classification", {"pred": pred, "target": target}, num_classes=3, **params)
            return [row["specificity"] for row in reply["classes"]], reply["specificity"], reply["rules"]

        each, means, rules = ask([0, 0], [0, 0])
        self.assertEqual((each, means["macro"]), ([None, 1, 1], 1))
        self.assertNotIn("specificity", rules)
        each, means, rules = ask([0, 0], [0, 0], compat="torchmetrics")
        self.assertEqual((each, means["macro"], means["weighted"]), ([0, 1, 1], 0, 0))
        self.assertIn("TP + FP + FN > 0", rules["specificity"])
        each, means, _ = ask([0, 1, 0], [0, 0, 1], compat="torchmetrics")
        self.assertEqual((each, means["macro"]), ([0, 0.5, 1], 0.25))

    def test_each_mean_says_which_classes_it_averages(self):
        masks = {"pred": [[0, 1]], "target": [[0, 0]]}
        reply = self.post("/v1/metrics/segmentation", masks, num_classes=3,
                          compat="metrics_reloaded")
        self.assertIn("classes with TP + FP + FN > 0", reply["rules"]["mean_iou"])
        self.assertIn("all classes", reply["rules"]["mean_dice"])
        self.assertAlmostEqual(reply["mean_iou"], (1 / 2 + 0) / 2)
        self.assertAlmostEqual(reply["mean_dice"], (2 / 3 + 0 + 1) / 3)

    # ---- slopes at inputs that are no numbers ----

    def test_a_sorted_loss_has_no_slope_where_its_input_is_nan(self):
        for name, raw, kind in (
                ("lovasz_hinge", b'{"pred": [[NaN, 0.5, -0.3]], "target": [[1, 0, 1]]}', {}),
                ("lovasz_softmax", b'{"pred": [[[NaN, 0.5], [0.5, 0.5]]], "target": [[1, 0]]}',
                 {"input_kind": "probs"})):
            reply = self.ok(self.server.post(f"/v1/losses/{name}", raw, grad=True, **kind))
            self.assertEqual(reply["status"], "nonfinite")
            slopes = reply["grad"]["pred"]["data"]
            self.assertIsNone(slopes[0])
            self.assertTrue(all(slope is not None for slope in slopes[1:]))
