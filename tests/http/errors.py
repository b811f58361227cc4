"""Bad input of every kind: the right status, a reason that helps, and a server that goes on."""
import io
import json
import os
import socket
import struct
import unittest

import numpy as np

from bodies import RGB, multipart, npy, npy_header, png
from server import ROOT, Case, Reply

SEGMENTATION = "/v1/metrics/segmentation"
MSE = "/v1/losses/mse"
RELU = "/v1/activations/relu"
MASK = np.array([[0, 1, 2, 2], [1, 1, 0, 2]], "u1")
GOOD = {"pred": MASK.tolist(), "target": MASK.tolist()}


class Words(unittest.TestCase):
    def test_of_503_are_the_same_everywhere(self):
        for path, line in (("src/server/problems.def", '503, "busy"'), ("docs/errors.md", "503 | `busy`"),
                           ("api/openapi.yaml", "Full, ")):
            with self.subTest(path=path), open(os.path.join(ROOT, path), encoding="utf-8") as f:
                lines = [one.lower() for one in f if line in one]
                self.assertEqual(len(lines), 1)
                for word in ("full", "draining", "queued too long"):
                    self.assertIn(word, lines[0])


class Errors(Case):
    def problem(self, reply, *statuses):
        """A whole problem+json of one of these statuses."""
        self.assertIn(reply.status, statuses, repr(reply))
        self.assertEqual(reply.headers.get_content_type(), "application/problem+json")
        problem = reply.json()
        for key in ("type", "title", "detail", "instance", "error"):
            self.assertIsInstance(problem.get(key), str, key)
            self.assertTrue(problem[key], key)
        self.assertEqual(problem["status"], reply.status)
        self.assertEqual(problem["instance"], reply.headers["X-Request-Id"])
        for error in problem.get("errors", []):
            self.assertTrue(error["detail"])
        return problem

    def refuse(self, path, body, *statuses, headers=None, **params):
        return self.problem(self.server.post(path, body, headers, **params), *statuses)

    def pointer(self, problem):
        self.assertTrue(problem.get("errors"), problem)
        return problem["errors"][0]["pointer"]

    def tearDown(self):
        """Whatever was sent, the next request works."""
        self.assertEqual(self.ok(self.server.post(SEGMENTATION, GOOD, num_classes=3))["mean_iou"], 1)


class Bytes(Errors):
    """Bodies that are broken."""

    def parts(self, pred, *statuses):
        body, headers = multipart(("pred", pred), ("target", npy(MASK)))
        return self.refuse(SEGMENTATION, body, *statuses, headers=headers, num_classes=3)

    def test_png_cut_at_every_byte(self):
        whole = png(MASK)
        for size in range(len(whole)):
            self.parts(whole[:size], *((400,) if size >= 8 else (400, 415)))

    def test_npy_cut_at_every_byte(self):
        whole = npy(MASK)
        for size in range(len(whole)):
            self.parts(whole[:size], *((400,) if size >= 6 else (400, 415)))

    def test_bare_npy_cut_at_every_byte(self):
        whole = npy(np.arange(3.0))
        for size in range(len(whole)):
            self.refuse(RELU, whole[:size], *((400,) if size >= 6 else (400, 415)))

    def test_json_cut_at_every_byte(self):
        whole = json.dumps({**GOOD, "params": {"num_classes": 3}}).encode()
        kind = {"Content-Type": "application/json"}
        self.ok(self.server.post(SEGMENTATION, whole, kind))
        for size in range(len(whole)):
            self.refuse(SEGMENTATION, whole[:size], 400, headers=kind)

    def test_multipart_cut_at_every_byte(self):
        whole, headers = multipart(("pred", npy(MASK)), ("target", npy(MASK)))
        for size in range(0, len(whole) - 4):
            self.refuse(SEGMENTATION, whole[:size], 400, 415, headers=headers, num_classes=3)

    def test_png_with_a_damaged_byte(self):
        whole = bytearray(png(MASK))
        for i in range(8, len(whole)):
            whole[i] ^= 0x10
            body, headers = multipart(("pred", bytes(whole)), ("target", npy(MASK)))
            reply = self.server.post(SEGMENTATION, body, headers, num_classes=3)
            self.problem(reply, 400, 413, 415, 422)
            whole[i] ^= 0x10

    def test_garbage(self):
        self.refuse(SEGMENTATION, b"this is no tensor", 415, num_classes=3)
        self.refuse(SEGMENTATION, b"\0" * 64, 415, num_classes=3)
        self.refuse(SEGMENTATION, b"", 400, 415, num_classes=3)

    def test_rgb_png_is_refused_with_a_hint(self):
        problem = self.parts(png(np.zeros((2, 4, 3), "u1"), RGB), 415)
        self.assertIn("RGB", problem["detail"])

    def test_16_bit_png_is_uint16_labels(self):
        wide = np.array([[0, 299], [300, 65535]], "u2")
        body, headers = multipart(("pred", png(wide)), ("target", png(wide)))
        report = self.ok(self.server.post(SEGMENTATION, body, headers, num_classes=301,
                                          ignore_index=65535))
        self.assertEqual((report["pixels"], report["classes"][300]["tp"]), (3, 1))

    def test_npy_with_a_pickle(self):
        text = "{'descr': '|O', 'fortran_order': False, 'shape': (2, 4), }"
        self.parts(npy_header(text, b"\x80\x04N."), 415)

    def test_npy_with_a_shape_past_2_to_63(self):
        for shape in ("(4294967296, 4294967296)", "(9223372036854775808,)", "(3037000500, 3037000500, 2)",
                      "(0, 9223372036854775807, 9223372036854775807)", "(-1, 4)"):
            text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}"
            self.parts(npy_header(text, b"\0" * 16), 400, 413)

    def test_npy_that_announces_2_gib(self):
        text = "{'descr': '|u1', 'fortran_order': False, 'shape': (2147483648,), }"
        problem = self.parts(npy_header(text, b"\0" * 10), 400)
        self.assertIn("2147483648", problem["detail"].replace(",", ""))

    def test_npy_with_bytes_after_the_array(self):
        self.parts(npy(MASK) + b"\0", 400)

    def test_npy_of_a_dtype_that_is_not_taken(self):
        self.parts(npy(MASK.astype("c16")), 415)

    def test_npy_stripped_by_curl_d(self):
        stripped = npy(MASK).replace(b"\0", b"").replace(b"\r", b"").replace(b"\n", b"")
        problem = self.refuse(RELU, stripped, 400,
                              headers={"Content-Type": "application/x-www-form-urlencoded"})
        self.assertIn("--data-binary", problem["detail"])

    def test_rank_above_the_limit(self):
        self.refuse(RELU, npy(np.zeros((1,) * 9)), 400, 413)

    def test_raw_of_another_size(self):
        kind = "application/octet-stream; dtype=uint8; shape=2,4"
        body, headers = multipart(("pred", b"\0" * 7, kind), ("target", npy(MASK)))
        self.refuse(SEGMENTATION, body, 400, headers=headers, num_classes=3)


class Json(Errors):
    """JSON that breaks a rule."""

    def text(self, text, *statuses, path=MSE):
        return self.refuse(path, text.encode(), *statuses,
                           headers={"Content-Type": "application/json"})

    def test_ten_thousand_deep(self):
        for opening in ("[", '{"a":'):
            self.text('{"pred":' + opening * 10000, 400, 413)
        self.text('{"pred":' + "[" * 10000 + "]" * 10000 + ',"target":0}', 400, 413)

    def test_grammar(self):
        for text in ('{"pred":[1,],"target":[1]}', '{"pred":[01],"target":[1]}', '{"pred":[1.],"target":[1]}',
                     '{"pred":[+1],"target":[1]}', '{"pred":[1] "target":[1]}', '{"pred":[0x1],"target":[1]}',
                     "{'pred':[1],'target':[1]}", '{"pred":[1],"target":[1]} x', '{"pred":[1],"target":[1]}}',
                     '{"pred":[1],"target":[1],}', '{"pred":[.5],"target":[1]}', '{"pred":[1e],"target":[1]}',
                     '{"pred":[nan],"target":[1]}', '{"pred":[1],"target":[1]}\0',
                     '{"pred":["1"],"target":[1]}', '{"pred":[1],"target":[1],"params":{"reduction":"\\x"}}'):
            with self.subTest(text=text):
                self.text(text, 400)

    def test_byte_order_mark(self):
        problem = self.text('\ufeff{"pred":[1],"target":[1]}', 400, 415)
        self.assertIn("byte order mark", problem["detail"])

    def test_no_object(self):
        for text in ("[1,2]", "1", '"x"', "null", "true"):
            with self.subTest(text=text):
                self.text(text, 400, 415)

    def test_repeated_key(self):
        self.text('{"pred":[1],"target":[1],"pred":[2]}', 400)
        self.text('{"pred":[1],"target":[1],"pr\\u0065d":[2]}', 400)

    def test_null_in_data(self):
        self.text('{"pred":[1,null],"target":[1,2]}', 400)

    def test_bool_among_numbers(self):
        self.text('{"pred":[1,true],"target":[1,2]}', 400)

    def test_a_list_for_an_activation(self):
        self.assertIn('{"x": ...} for an activation', self.text("[1, 2]", 400, path=RELU)["detail"])

    def test_ragged_lists(self):
        for pred in ("[[1,2],[3]]", "[[1],2]", "[1,[2]]", "[[],[1]]", "[[[1]],[[1,2]]]"):
            with self.subTest(pred=pred):
                self.text(f'{{"pred":{pred},"target":[[1,2],[3,4]]}}', 400)

    def test_integer_beyond_its_dtype(self):
        for dtype, value in (("uint8", 256), ("uint8", -1), ("int8", 128), ("int64", 2**63),
                             ("uint64", 2**64), ("bool", 2), ("int32", "1.5")):
            with self.subTest(dtype=dtype, value=value):
                self.text(f'{{"pred":{{"dtype":"{dtype}","shape":[1],"data":[{value}]}},"target":[1]}}', 400)

    def test_data_of_another_count(self):
        for shape in ("[3]", "[1]", "[2,2]", "[]", "[0]", "[-2]", '["2"]', "[1e9]", "[9223372036854775807,4]"):
            with self.subTest(shape=shape):
                self.text(f'{{"pred":{{"dtype":"uint8","shape":{shape},"data":[1,2]}},"target":[1,2]}}', 400, 413)

    def test_unknown_dtype(self):
        problem = self.text('{"pred":{"dtype":"float128","shape":[1],"data":[1]},"target":[1]}', 415)
        self.assertIn("dtype 'float128' is not taken; expected bool, uint8 to uint64", problem["detail"])
        kind = {"Content-Type": "application/octet-stream; dtype=float128; shape=1"}
        problem = self.refuse(RELU, b"\xff" * 16, 415, headers=kind)
        self.assertIn("dtype 'float128' in Content-Type is not taken; expected bool", problem["detail"])

    def test_broken_base64(self):
        for data in ("AA=", "A", "====", "AA==AA==", "A A=", "_w=="):
            with self.subTest(data=data):
                self.text(f'{{"pred":{{"dtype":"uint8","shape":[1],"base64":"{data}"}},"target":[1]}}', 400)

    def test_broken_utf8(self):
        self.refuse(MSE, b'{"pred":[1],"target":[1],"params":{"reduction":"\xff\xfe"}}', 400,
                    headers={"Content-Type": "application/json"})


class Meaning(Errors):
    """Well-formed, but it cannot be."""

    def test_shapes_that_differ(self):
        for pred, target in ((MASK, MASK[:1]), (MASK, MASK.T), (MASK, MASK[None]), (MASK, MASK.ravel())):
            problem = self.refuse(SEGMENTATION, {"pred": pred.tolist(), "target": target.tolist()}, 422,
                                  num_classes=3)
            self.assertIn(self.pointer(problem), ("#/pred", "#/target"))

    def test_label_out_of_range(self):
        for name in ("pred", "target"):
            for dtype, value in (("u1", 7), ("i4", -3), ("i8", 2**40), ("u8", 2**60), ("i2", 3)):
                masks = {"pred": MASK.astype(dtype), "target": MASK.astype(dtype)}
                masks[name][0, 3] = masks[name][1, 2] = value
                body, headers = multipart(*((k, npy(v)) for k, v in masks.items()))
                with self.subTest(name=name, value=value):
                    problem = self.refuse(SEGMENTATION, body, 422, headers=headers, num_classes=3)
                    error = problem["errors"][0]
                    self.assertEqual({k: error.get(k) for k in ("pointer", "value", "index", "count")},
                                     {"pointer": f"#/{name}", "value": value, "index": 3, "count": 2})

    def test_prediction_of_the_ignored_label(self):
        body = {"pred": [0, 9, 1], "target": [0, 1, 9]}
        problem = self.refuse(SEGMENTATION, body, 422, num_classes=2, ignore_index=9,
                              pred_ignored="error")
        self.assertEqual(problem["errors"][0]["index"], 1)
        self.assertEqual(problem["errors"][0]["count"], 1)
        self.assertIn("label 9 at index 1 of 'pred' is ignored", problem["detail"])

    def test_messages_have_labels_as_they_were_sent(self):
        big = 2**53 + 1
        problem = self.refuse(SEGMENTATION, {"pred": [0], "target": [big]}, 422, num_classes=2)
        self.assertIn(f"label {big} at index 0", problem["detail"])
        problem = self.refuse(SEGMENTATION, {"pred": [0], "target": [7]}, 422, num_classes=2,
                              label_map="7:5")
        self.assertIn("label 7", problem["detail"])
        self.assertIn("nor is what the label map makes of it", problem["detail"])

    def test_values_past_2_to_53_are_exact(self):
        for dtype, value in (("int64", 2**53 + 1), ("int64", -2**53 - 1), ("int64", 2**63 - 1), ("int64", -2**63),
                             ("uint64", 2**63 + 1), ("uint64", 2**64 - 1), ("int32", 100000)):
            for path, pred, good, params in ((SEGMENTATION, [0, 0], 0, {"num_classes": 2}),
                                             (SEGMENTATION, [0, 0], 0, {"num_classes": 2, "label_map": "7:0"}),
                                             ("/v1/losses/cross_entropy", [[1.0, 2.0]] * 2, 0, {}),
                                             ("/v1/losses/soft_margin", [1.0, 2.0], 1, {})):
                with self.subTest(path=path, value=value):
                    target = {"dtype": dtype, "shape": [2], "data": [good, value]}
                    problem = self.refuse(path, {"pred": pred, "target": target}, 422, **params)
                    self.assertEqual(problem["errors"][0]["value"], value)  # json reads integers exactly
                    self.assertIn(f"label {value} at index 1", problem["detail"])

    def test_messages_have_numbers_as_they_were_sent(self):
        problem = self.refuse("/v1/losses/binary_cross_entropy",
                              {"pred": [1.1], "target": [1]}, 422)
        self.assertIn("value 1.1 at index 0", problem["detail"])

    def test_weights_that_are_no_numbers(self):
        raw = b'{"pred": [[0, 1]], "target": [1], "weight": [1, NaN]}'
        problem = self.refuse("/v1/losses/cross_entropy", raw, 422)
        self.assertEqual((problem["type"], problem["errors"][0]["pointer"]),
                         ("urn:scored:problem:value-out-of-range", "#/weight"))

    def parts(self, path, *parts, status=400, **params):
        body, headers = multipart(*((k, npy(np.array(v))) for k, v in parts))
        return self.refuse(path, body, status, headers=headers, **params)

    def test_repeated_parts_that_are_not_added(self):
        pair = [("pred", [1.0, 2]), ("target", [1, 2])] * 2
        for param in ({"grad": True}, {"reduction": "none"}):
            self.assertIn("concatenate", self.parts(MSE, *pair, **param)["detail"])
        problem = self.parts("/v1/losses/lovasz_hinge", *pair)
        self.assertIn("losses/lovasz_hinge does not add up: concatenate", problem["detail"])
        self.assertEqual(self.pointer(problem), "#/pred")
        problem = self.parts(MSE, *pair, pair[0])
        self.assertIn("3 'pred' but 2 'target'", problem["detail"])
        classes = [("pred", [[1.0, 2]]), ("target", [1])]
        problem = self.parts("/v1/losses/cross_entropy", *classes * 2, *[("weight", [1, 1])] * 2)
        self.assertIn("one 'weight' is for all parts", problem["detail"])

    def test_messages_tell_which_of_several_parts(self):
        good, bad = ("target", [[0, 1]]), ("target", [[0, 9]])
        problem = self.parts(SEGMENTATION, *[("pred", [[0, 1]])] * 3, good, good, bad, status=422, num_classes=3)
        self.assertEqual(self.pointer(problem), "#/target/2")
        self.assertIn("pair 2 (the first is 0): label 9 at index 1", problem["detail"])

    def test_class_index_out_of_range(self):
        body = {"pred": [[1.0, 2.0], [3.0, 4.0]], "target": [0, 2]}
        problem = self.refuse("/v1/losses/cross_entropy", body, 422)
        error = problem["errors"][0]
        self.assertEqual((error["pointer"], error["value"], error["index"], error["count"]),
                         ("#/target", 2, 1, 1))

    def test_probability_out_of_range(self):
        body = {"pred": [[[0.5], [1.5]]], "target": [[0]], "params": {"input_kind": "probs"}}
        problem = self.refuse("/v1/losses/dice", body, 422)
        self.assertEqual(self.pointer(problem), "#/pred")
        self.assertEqual(problem["errors"][0]["value"], 1.5)

    def test_probabilities_of_labels_out_of_range(self):
        """Though the largest would be the same."""
        body = {"pred": [[0.5, 1.5], [0.2, -0.1]], "target": [0, 1]}
        for name in ("segmentation", "classification", "confusion_matrix"):
            path = f"/v1/metrics/{name}?num_classes=2"
            problem = self.refuse(f"{path}&input_kind=probs", body, 422)
            error = problem["errors"][0]
            self.assertEqual((error["pointer"], error["value"], error["index"], error["count"]), ("#/pred", 1.5, 1, 2))
            self.ok(self.server.post(f"{path}&input_kind=logits", body))

    def test_floating_masks(self):
        problem = self.refuse(SEGMENTATION, {"pred": [0.5, 1.0], "target": [0, 1]}, 422, 400,
                              num_classes=2)
        self.assertTrue(problem["detail"])

    def test_parameter_out_of_bounds(self):
        for value in (0, -1, 10**9):
            self.refuse(SEGMENTATION, GOOD, 422, 413, num_classes=value)


class Names(Errors):
    """Parameters, inputs and operations by wrong names."""

    def test_unknown_operation_suggests(self):
        reply = self.server.post("/v1/losses/cross_entrpy", GOOD)
        problem = self.problem(reply, 404)
        self.assertIn("cross_entropy", json.dumps(problem["suggestions"]))
        problem = self.problem(self.server.post("/v1/losses/segmentation", GOOD), 404)
        self.assertIn("metrics/segmentation", json.dumps(problem["suggestions"]))
        self.problem(self.server.get("/v1/operations/losses/mze"), 404)

    def test_unknown_path(self):
        for path in ("/v1", "/v2x", "/v1/losses", "/v1/losses/mse/x", "/V1/losses/mse", "/v1/losses/"):
            with self.subTest(path=path):
                self.problem(self.server.post(path, GOOD), 404, 405)

    def test_unknown_parameter(self):
        problem = self.refuse(SEGMENTATION, GOOD, 400, num_classes=3, ignore_indx=255)
        self.assertIn("ignore_index", problem["detail"])
        self.refuse(SEGMENTATION, {**GOOD, "params": {"num_classes": 3, "nonsense": 1}}, 400)

    def test_parameters_as_inputs(self):
        pair = [("pred", npy(MASK)), ("target", npy(MASK))]
        for path, name, value in ((SEGMENTATION, "num_classes", b"3"), (MSE, "state", b"true"),
                                  (MSE, "grad", b"true"), ("/v1/score?ops=losses/mse", "grad", b"true")):
            with self.subTest(path=path, name=name):
                body, headers = multipart(*pair, (name, value, "text/plain"))
                problem = self.refuse(path, body, 400, headers=headers)
                self.assertIn(f"'{name}' is a parameter, not an input", problem["detail"])
                self.assertEqual(self.pointer(problem), f"#/{name}")

    def test_near_names_of_options(self):
        for path, name, want in ((MSE, "stat", "state"), (MSE, "nonfinit", "nonfinite")):
            with self.subTest(name=name):
                problem = self.refuse(path, GOOD, 400, **{name: "x"})
                self.assertIn(f"did you mean '{want}'?", problem["detail"])
        self.assertIn("it takes reduction, grad, nonfinite, state, encoding",
                      self.refuse(MSE, GOOD, 400, zzzzzzzz=1)["detail"])

    def test_all_parameters_that_are_wrong_are_told_at_once(self):
        wrong = {"num_classes": 0, "absent": "none", "per_image": 1}
        problem = self.refuse(SEGMENTATION, {**GOOD, "params": wrong}, 422)
        self.assertEqual([e["pointer"] for e in problem["errors"]], [f"#/params/{name}" for name in wrong])
        self.assertEqual(problem["type"], "urn:scored:problem:parameter-out-of-bounds")
        self.assertEqual(problem["detail"], problem["errors"][0]["detail"])
        problem = self.refuse("/v1/losses/quantile", {"pred": [1], "target": [1]}, 422, q=2, reduction="all")
        self.assertEqual([e["pointer"] for e in problem["errors"]], ["#/params/q", "#/params/reduction"])
        problem = self.refuse("/v1/activations/threshold", {"x": [1], "params": {"grad": 1}}, 400)
        self.assertEqual([e["pointer"].split("/")[-1] for e in problem["errors"]], ["grad", "threshold", "value"])
        problem = self.refuse(SEGMENTATION, {**GOOD, "params": {"num_classes": "3"}}, 400)
        self.assertEqual(len(problem["errors"]), 1, "mistyped is not missing")
        problem = self.refuse("/v1/score", GOOD, 422, ops="losses/huber,losses/mse", delta=0, reduction="all")
        self.assertEqual([e["detail"].split(":")[0] for e in problem["errors"]], ["losses/huber"] * 2)
        many = {"params": {f"n{i}": 1 for i in range(100)}}
        self.assertEqual(len(self.refuse(MSE, {"pred": [1], "target": [1], **many}, 400)["errors"]), 1)

    def test_parameters_of_others(self):
        """The operation is named, and what it takes: no state where there is none."""
        detail = self.refuse(RELU, {"x": [1]}, 400, top_k=1)["detail"]
        self.assertEqual(detail, "activations/relu has no parameter 'top_k'; it takes compat, grad, nonfinite, encoding")

    def test_parameters_beside_the_inputs(self):
        for name, value, words in (("reduction", "sum", 'parameters go into "params"'),
                                   ("grad", True, "'grad' is a parameter, not an input")):
            problem = self.refuse(MSE, {"pred": [1], "target": [1], name: value}, 400)
            self.assertIn(words, problem["detail"])
            self.assertEqual(self.pointer(problem), f"#/{name}")

    def test_inputs_as_parameters(self):
        for path, words in (("/v1/losses/cross_entropy", "'weight' is an input, not a parameter: send it in the body"),
                            ("/v1/score?ops=losses/mse,losses/cross_entropy", "'weight' is an input, not a parameter")):
            with self.subTest(path=path):
                joint = "&" if "?" in path else "?"
                problem = self.refuse(f"{path}{joint}weight=1,2", {"pred": [[1.0, 2.0]], "target": [0]}, 400)
                self.assertIn(words, problem["detail"])
        problem = self.refuse("/v1/losses/cross_entropy?wieght=1,2", {"pred": [[1.0, 2.0]], "target": [0]}, 400)
        self.assertIn("did you mean 'weight'?", problem["detail"])

    def test_values_of_another_kind(self):
        pair = {"pred": [1], "target": [1]}
        for path, params, words in (
                (MSE, {"grad": "true"}, "the string 'true'; it takes true or false, without quotes"),
                (MSE, {"reduction": 1}, "the number '1'; it takes mean|sum|none"),
                (MSE, {"reduction": ["sum"]}, "a list of strings; it takes mean|sum|none"),
                ("/v1/losses/huber", {"delta": "1"}, "the string '1'; it takes a number, without quotes"),
                (SEGMENTATION, {"num_classes": 2, "class_names": [1, 2]}, "a list of numbers; it takes words"),
                (SEGMENTATION, {"num_classes": {"7": 0}}, "an object of integers; it takes an integer")):
            with self.subTest(params=params):
                problem = self.refuse(path, {**pair, "params": params}, 400)
                self.assertIn(words, problem["detail"])

    def test_numbers_past_every_bound(self):
        pair = {"pred": [1], "target": [1]}
        for path, name, value in ((SEGMENTATION, "num_classes", 10**23), (SEGMENTATION, "num_classes", -10**23),
                                  ("/v1/losses/huber", "delta", "1e999"), ("/v1/losses/nll", "ignore_index", 2**53 + 1)):
            with self.subTest(value=value):
                problem = self.refuse(path, pair, 422, **{name: value})
                self.assertEqual(self.pointer(problem), f"#/params/{name}")
                self.assertIn(str(value), problem["detail"])
        self.refuse(SEGMENTATION, pair, 400, num_classes=2, label_map=f"{10**23}:0")
        problem = self.refuse(SEGMENTATION, pair, 422, num_classes=2, ignore_index=",".join(map(str, range(65))))
        self.assertEqual(self.pointer(problem), "#/params/ignore_index")

    def test_messages_say_what_would_be_right(self):
        cases = (("/v1/losses/dice", {"pred": [[1.0]], "target": [[1]]}, {}, 400, "it takes logits|probs|labels"),
                 ("/v1/losses/dice", {"pred": [[1, 2]], "target": [1]}, {"input_kind": "logits"}, 422,
                  "'pred' is int64, but logits and probs are floating"),
                 ("/v1/losses/hinge", {"pred": [1], "target": [0]}, {}, 422, "0 and 1 are label_encoding=01"),
                 ("/v1/losses/soft_margin", {"pred": [1], "target": [0]}, {}, 422, "send -1 for 0"),
                 ("/v1/activations/softmax", {"x": [[1, 2]]}, {"dim": 5}, 422, "rank 2; it may be -2 to 1"),
                 ("/v1/metrics/classification", {"pred": [0], "target": [0]}, {"num_classes": 3, "top_k": 9}, 422,
                  "top_k has 9, which is above num_classes, 3"))
        for path, body, params, status, words in cases:
            with self.subTest(path=path):
                self.assertIn(words, self.refuse(path, body, status, **params)["detail"])

    def test_mistakes_with_masks(self):
        """What users of segmentation do: each is told what would be right."""
        scores = np.zeros((2, 3, 4, 5), "f4")  # [N, C, H, W]
        labels = np.zeros((2, 4, 5), "u1")
        last, void = scores.transpose(0, 2, 3, 1), np.full((2, 4, 5), 255, "u1")
        logits = {"num_classes": 3, "input_kind": "logits"}
        cross_entropy = "/v1/losses/cross_entropy"
        cases = ((SEGMENTATION, labels, void, {"num_classes": 3}, "ignore_index=255 leaves it out"),
                 (SEGMENTATION, labels, void, {"num_classes": 3}, "num_classes is too small"),
                 (SEGMENTATION, void, labels, {"num_classes": 3}, "num_classes is one more than the largest label"),
                 (cross_entropy, scores, void, {}, "ignore_index=255 leaves it out"),
                 (SEGMENTATION, last, labels, logits, "the classes seem to be last: move them to dimension 1"),
                 (cross_entropy, last, labels, {}, "the classes seem to be last: move them to dimension 1"),
                 ("/v1/losses/dice", last, labels, {"input_kind": "logits"}, "the classes seem to be last"),
                 ("/v1/losses/lovasz_softmax", last, labels, {}, "the classes seem to be last"),
                 ("/v1/losses/focal", last, labels, {}, "the classes seem to be last"),
                 (SEGMENTATION, scores[0], labels[0], logits, "the batch seems to be missing"),
                 (SEGMENTATION, labels.astype("f4"), labels, {"num_classes": 3}, "convert them, as to uint8"),
                 (SEGMENTATION, labels.astype("f4"), labels, logits, "of the shape of 'target'; scores have the classes"),
                 (SEGMENTATION, scores.astype("u1"), labels, {"num_classes": 3}, "integers are labels"),
                 (SEGMENTATION, scores, scores, logits, "of one-hot masks send the arg max"),
                 (cross_entropy, labels, labels, {}, "'pred' is scores, [N, C, ...], not labels"))
        for path, pred, target, params, words in cases:
            with self.subTest(path=path, words=words):
                body, headers = multipart(("pred", npy(np.ascontiguousarray(pred))), ("target", npy(target)))
                self.assertIn(words, self.refuse(path, body, 422, headers=headers, **params)["detail"])

    def test_a_label_out_of_a_map_gets_no_advice_for_labels_without_one(self):
        problem = self.refuse(SEGMENTATION, {"pred": [0], "target": [7]}, 422, num_classes=2, label_map="7:5")
        self.assertNotIn("ignore_index", problem["detail"])

    def test_mistakes_with_curl_and_numpy(self):
        good = ("target", npy(MASK))
        body, headers = multipart(("pred", b"city/pred.png", "text/plain"), good)  # -F pred=city/pred.png
        problem = self.refuse(SEGMENTATION, body, 400, headers=headers, num_classes=3)
        self.assertIn("-F NAME=@FILE", problem["detail"])
        problem = self.refuse(MSE, {"pred": [1], "target": [1], "reduction": "sum"}, 400)
        self.assertEqual(self.pointer(problem), "#/reduction")
        self.assertIn('parameters go into "params"', problem["detail"])
        out = io.BytesIO()
        np.savez(out, MASK, MASK)
        self.assertIn("numpy.savez names", self.refuse(SEGMENTATION, out.getvalue(), 400, num_classes=3)["detail"])
        cut = npy(MASK)[:7] + b"\x08" + npy(MASK)[8:]
        self.assertIn("--data-binary", self.refuse(RELU, cut, 415)["detail"])

    def test_exchanged_masks_are_a_warning(self):
        void = [[0, 1, 9], [1, 1, 9]]
        seen = [[0, 1, 1], [1, 1, 0]]
        for pred, target, codes in ((void, seen, ["only_pred_ignored"]), (seen, void, []), (void, void, [])):
            report = self.ok(self.server.post(SEGMENTATION, {"pred": pred, "target": target}, num_classes=2,
                                              ignore_index=9))
            self.assertEqual([warning["code"] for warning in report["warnings"]], codes)
        scores = np.eye(3, dtype="f4")[[[0, 2], [1, 2]]].transpose(0, 2, 1)  # of a model that knows the ignored class
        body, headers = multipart(("pred", npy(np.ascontiguousarray(scores))), ("target", npy(np.array([[0, 1], [1, 0]]))))
        report = self.ok(self.server.post(SEGMENTATION, body, headers, num_classes=3, ignore_index=2, input_kind="probs"))
        self.assertEqual(report["missed"], 2)
        self.assertNotIn("only_pred_ignored", [warning["code"] for warning in report["warnings"]])

    def test_composites_say_what_their_parts_take(self):
        """dice_cross_entropy and dice_focal: of logits of two or more classes."""
        for name, binary in (("dice_cross_entropy", "losses/binary_cross_entropy_with_logits"), ("dice_focal", "losses/focal")):
            path = f"/v1/losses/{name}"
            good = {"pred": [[1.5, 2], [0.5, -1]], "target": [1, 0]}
            self.assertEqual(self.ok(self.server.post(path, good)), self.ok(self.server.post(path, good, num_classes=2)))
            for body, params, status, words in (
                    (good, {"num_classes": 3}, 422, "'pred' has 2 classes, num_classes is 3"),
                    (good, {"multilabel": True}, 400, "has no parameter 'multilabel'; it takes input_kind, num_classes"),
                    (good, {"input_kind": "labels"}, 400, "parameter 'input_kind' is 'labels'; it takes logits"),
                    ({"pred": [[1, 2]], "target": [1]}, {}, 422, "float64; in JSON write 1.0, not 1, or say the dtype"),
                    ({"pred": [[1.5], [0.5]], "target": [1, 0]}, {}, 422, f"one foreground plane ask for losses/dice (sigmoid) and {binary}"),
                    ({"pred": good["pred"], "target": [[1, 0], [0, 1]]}, {}, 422,
                     "probabilities are floating" if binary != "losses/focal" else "class indices here, without dimension 1"),
                    ({"pred": [1.5, 2], "target": 1}, {}, 422, "it is [N, C, ...]")):
                with self.subTest(op=name, body=body, params=params):
                    self.assertIn(words, self.refuse(path, body, status, **params)["detail"])

    def test_region_losses_of_labels_need_num_classes(self):
        labels = {"pred": [[0, 1]], "target": [[0, 1]]}
        problem = self.refuse("/v1/losses/dice", labels, 400, input_kind="labels")
        self.assertEqual(self.pointer(problem), "#/params/num_classes")
        self.assertEqual(self.ok(self.server.post("/v1/losses/dice", labels, input_kind="labels", num_classes=2))["value"], 0)

    def test_null_for_a_parameter(self):
        problem = self.refuse("/v1/losses/huber", {"pred": [1], "target": [1], "params": {"delta": None}}, 400)
        self.assertEqual(self.pointer(problem), "#/params/delta")
        self.assertIn("leave the parameter out", problem["detail"])

    def test_missing_parameter(self):
        problem = self.refuse(SEGMENTATION, GOOD, 400)
        self.assertIn("num_classes", problem["detail"])

    def test_parameter_twice(self):
        for path in (f"{SEGMENTATION}?num_classes=3&num_classes=4",):
            self.refuse(path, GOOD, 400)
        self.ok(self.server.post(f"{SEGMENTATION}?num_classes=3&num_classes=3", GOOD))
        self.refuse(SEGMENTATION, {**GOOD, "params": {"num_classes": 4}}, 400, num_classes=3)
        self.ok(self.server.post(SEGMENTATION, {**GOOD, "params": {"num_classes": 3}}, num_classes=3))

    def test_mistyped_parameter(self):
        for value in ("three", "3.5", "", "3x", " 3", "0x3", "true", "nan"):
            with self.subTest(value=value):
                self.refuse(SEGMENTATION, GOOD, 400, num_classes=value)
        for value in ("3", [3, 3], None, True, {"a": 1}, 3.5):
            with self.subTest(value=value):
                self.refuse(SEGMENTATION, {**GOOD, "params": {"num_classes": value}}, 400)
        for value in ("yes", "1", "TRUE", ""):
            with self.subTest(grad=value):
                self.refuse(MSE, {"pred": [1], "target": [1]}, 400, grad=value)
        self.refuse(MSE, {"pred": [1], "target": [1]}, 400, reduction="median")

    def test_inputs(self):
        self.refuse(MSE, {"pred": [1]}, 400)
        self.refuse(MSE, {"pred": [1], "target": [1], "x": [1]}, 400)
        self.refuse(MSE, {}, 400)
        body, headers = multipart(("pred", npy(MASK)), ("target", npy(MASK)), ("pred", npy(MASK)))
        self.refuse(SEGMENTATION, body, 400, headers=headers, num_classes=3)
        body, headers = multipart(("pred", npy(MASK)), ("target", npy(MASK)), ("target", npy(MASK)),
                                  ("pred", npy(MASK)))
        self.refuse("/v1/losses/lovasz_hinge", body, 400, headers=headers)
        self.refuse(MSE, npy(MASK), 400)


class Http(Errors):
    """What HTTP itself refuses."""

    OPTIONS = ("--limit-body-bytes", "1M")

    def test_get_on_a_post_path(self):
        for method in ("GET", "PUT", "DELETE", "PATCH"):
            reply = self.server.ask(method, MSE)
            self.problem(reply, 405)
            self.assertIn("POST", reply.headers["Allow"])
        reply = self.server.ask("POST", "/v1/limits", b"")
        self.problem(reply, 405)
        self.assertIn("GET", reply.headers["Allow"])

    def test_options_and_head(self):
        reply = self.server.ask("OPTIONS", MSE)
        self.assertIn(reply.status, (200, 204))
        self.assertIn("POST", reply.headers["Allow"])
        got = self.server.get("/v1/operations")
        reply = self.server.ask("HEAD", "/v1/operations")
        self.assertEqual((reply.status, reply.body), (200, b""))
        self.assertEqual(reply.headers["Content-Length"], str(len(got.body)))

    def test_accept_that_cannot_be(self):
        self.refuse(SEGMENTATION, GOOD, 406, headers={"Accept": "image/jpeg",
                                                      "Content-Type": "application/json"}, num_classes=3)

    def test_content_encoding(self):
        reply = self.server.post(SEGMENTATION, b"x", {"Content-Encoding": "br"}, num_classes=3)
        self.problem(reply, 415)

    def test_request_id(self):
        reply = self.server.post(MSE, {"pred": [1]}, {"X-Request-Id": "my-own.id/7"})
        self.assertEqual(self.problem(reply, 400)["instance"], "my-own.id/7")

    def speak(self, head, body=b"", wait=True):
        """A raw request; the reply, and whether a 100 Continue came before it."""
        with socket.create_connection(("127.0.0.1", self.server.port), 30) as s:
            s.sendall(head)
            try:
                s.sendall(body)
            except ConnectionError:
                pass  # it may close as soon as it has answered
            return s.makefile("rb").read() if wait else b""

    def head(self, length, *more):
        lines = [f"POST {SEGMENTATION}?num_classes=3 HTTP/1.1", "Host: x", f"Content-Length: {length}",
                 "Content-Type: application/octet-stream", *more, "Connection: close", "", ""]
        return "\r\n".join(lines).encode()

    def test_body_over_the_limit_with_expect(self):
        answer = self.speak(self.head(2**20 + 1, "Expect: 100-continue"))
        self.assertTrue(answer.startswith(b"HTTP/1.1 413 "), answer[:300])
        self.assertIn(b"1048576", answer)

    def test_body_over_the_limit_without_expect(self):
        answer = self.speak(self.head(2**20 + 1), b"\0" * (2**20 + 1))
        self.assertTrue(answer.startswith(b"HTTP/1.1 413 "), answer[:300])

    def test_2_gib_announced_and_10_bytes_sent(self):
        answer = self.speak(self.head(2**31), b"\0" * 10)
        self.assertTrue(answer.startswith(b"HTTP/1.1 413 "), answer[:300])

    def test_chunked_body_over_the_limit(self):
        head = (f"POST {SEGMENTATION}?num_classes=3 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                "Connection: close\r\n\r\n").encode()
        chunk = b"10000\r\n" + b"\0" * 65536 + b"\r\n"
        answer = self.speak(head, chunk * 20 + b"0\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 413 "), answer[:300])

    def test_chunked_body(self):
        body, headers = multipart(("pred", npy(MASK)), ("target", npy(MASK)))
        pieces = (body[i:i + 7] for i in range(0, len(body), 7))
        connection = self.server.connect()
        connection.request("POST", f"{SEGMENTATION}?num_classes=3", pieces, headers, encode_chunked=True)
        self.assertEqual(self.ok(Reply(connection.getresponse()))["pixels"], 8)
        connection.close()

    def test_clients_that_leave(self):
        body = json.dumps(GOOD).encode()
        for part in range(0, len(body), 9):
            self.speak(self.head(len(body)), body[:part], wait=False)
        with socket.create_connection(("127.0.0.1", self.server.port), 30) as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            s.sendall(self.head(len(body)) + body)

    def test_errors_keep_the_connection(self):
        connection = self.server.connect()
        for _ in range(3):
            connection.request("POST", MSE, b'{"pred":[1]}', {"Content-Type": "application/json"})
            self.problem(Reply(connection.getresponse()), 400)
            connection.request("POST", MSE, b'{"pred":[1],"target":[3]}', {"Content-Type": "application/json"})
            self.assertEqual(self.ok(Reply(connection.getresponse()))["value"], 4)
        connection.close()
