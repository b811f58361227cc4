"""Segmentation reports of real masks, in every way that they can be sent and read."""
import csv
import itertools
import json
import os
import unittest

import numpy as np

from bodies import PALETTE, multipart, npy, npy_header, png, tensor
from server import ROOT, Case

CAMVID = os.path.join(ROOT, "..", "shared", "data", "camvid")
PATH = "/v1/metrics/segmentation"
EXACT = {"num_classes": 11, "ignore_index": 11, "pred_ignored": "drop"}


def read(name):
    with open(os.path.join(CAMVID, name), "rb") as f:
        return f.read()


def expected():
    try:
        return json.loads(read("expected.json"))
    except OSError:
        return None


class Camvid(Case):
    """11 pairs of real masks; the expected numbers are NumPy's."""

    @classmethod
    def setUpClass(cls):
        if expected() is None:
            raise unittest.SkipTest("no CamVid masks in ../shared/data/camvid")
        super().setUpClass()

    def check(self, report, want):
        for key in ("pixels", "ignored", "confusion_matrix"):
            self.assertEqual(report[key], want[key], key)
        for key in ("pixel_accuracy", "mean_iou", "mean_dice"):
            self.close(report[key], want[key], key)
        for key in ("iou", "dice"):
            for row, value in zip(report["classes"], want[key]):
                self.close(row[key], value, f"{key} of class {row['class']}")

    def close(self, got, want, what):
        if want is None or got is None:
            self.assertEqual(got, want, what)
        else:
            self.assertAlmostEqual(got, want, delta=1e-12, msg=what)

    def check_pair(self, i):
        pair = expected()["pairs"][i]
        body, headers = multipart(("pred", read(pair["pred"]), "image/png"),
                                  ("target", read(pair["target"]), "image/png"))
        report = self.ok(self.server.post(PATH, body, headers, **EXACT))
        self.assertEqual(report["images"], 1)
        self.check(report, pair["report"])

    def test_repeated_parts_give_the_total(self):
        parts = []
        for pair in expected()["pairs"]:
            parts += [("pred", read(pair["pred"])), ("target", read(pair["target"]))]
        body, headers = multipart(*parts)
        report = self.ok(self.server.post(PATH, body, headers, **EXACT))
        self.assertEqual(report["images"], 11)
        self.check(report, expected()["total"])

    def test_order_of_parts_does_not_matter(self):
        pairs = expected()["pairs"][::-1]
        parts = [("target", read(p["target"])) for p in pairs] + [("pred", read(p["pred"])) for p in pairs]
        body, headers = multipart(*parts)
        self.check(self.ok(self.server.post(PATH, body, headers, **EXACT)), expected()["total"])


def camvid_test(i):
    return lambda self: self.check_pair(i)


for number in range(11):
    setattr(Camvid, f"test_pair_{number:02}", camvid_test(number))


def sample():
    random = np.random.RandomState(5)
    target = random.randint(0, 7, (17, 23))
    pred = np.where(random.rand(17, 23) < 0.7, target, random.randint(0, 7, (17, 23)))
    return pred, target


def confusion(pred, target, classes):
    return np.bincount((target * classes + pred).ravel(), minlength=classes**2).reshape(
        classes, classes).tolist()


class Forms(Case):
    """One pair of masks in every form gives one report."""

    def setUp(self):
        self.pred, self.target = sample()
        self.matrix = confusion(self.pred, self.target, 7)

    def check(self, body, headers=None, **params):
        report = self.ok(self.server.post(PATH, body, headers, num_classes=7, **params))
        self.assertEqual(report["confusion_matrix"], self.matrix)
        return report

    def parts(self, encode, **params):
        body, headers = multipart(("pred", encode(self.pred)), ("target", encode(self.target)))
        return self.check(body, headers, **params)

    def test_json_lists(self):
        report = self.check({"pred": self.pred.tolist(), "target": self.target.tolist()})
        self.assertEqual(report["pixels"], 17 * 23)

    def test_json_tensors_and_params(self):
        body = {"pred": tensor(self.pred.astype("u1")), "target": tensor(self.target.astype("i2")),
                "params": {"ignore_index": 200}}
        self.check(body)

    def test_json_without_a_content_type(self):
        body = json.dumps({"pred": self.pred.tolist(), "target": self.target.tolist()}).encode()
        self.check(body, {"Content-Type": "application/x-www-form-urlencoded"})

    def test_json_base64(self):
        import base64

        def form(a, dtype):
            return {"dtype": dtype, "shape": list(a.shape),
                    "base64": base64.b64encode(a.astype(dtype).astype(np.dtype(dtype).newbyteorder("<"))
                                               .tobytes()).decode()}
        self.check({"pred": form(self.pred, "int32"), "target": form(self.target, "uint8")})

    def test_png(self):
        self.parts(lambda a: png(a.astype("u1")))

    def test_masks_without_pixels(self):
        """A run-length code of none is what an array of that shape is."""
        empty = {"dtype": "uint8", "shape": [0, 3], "data": []}
        want = self.ok(self.server.post(PATH, {"pred": empty, "target": empty}, num_classes=2))
        self.assertEqual((want["status"], want["pixels"], want["mean_iou"]), ("empty", 0, None))
        for counts in ([], [0], "", "0"):
            runs = {"size": [0, 3], "counts": counts}
            self.assertEqual(self.ok(self.server.post(PATH, {"pred": runs, "target": runs}, num_classes=2)), want)

    def test_png_palette(self):
        self.parts(lambda a: png(a.astype("u1"), PALETTE))

    def test_png_16_bit(self):
        self.parts(lambda a: png(a.astype("u2")))

    def test_raw(self):
        kind = "application/octet-stream; dtype=uint8; shape=17,23"
        body, headers = multipart(("pred", self.pred.astype("u1").tobytes(), kind),
                                  ("target", self.target.astype("u1").tobytes(), kind))
        self.check(body, headers)

    def test_params_part(self):
        body, headers = multipart(("pred", npy(self.pred)), ("target", npy(self.target)),
                                  ("params", b'{"num_classes": 7, "class_names": ["a","b","c","d","e","f","g"]}',
                                   "application/json"))
        report = self.ok(self.server.post(PATH, body, headers))
        self.assertEqual([row["name"] for row in report["classes"]], list("abcdefg"))

    def test_mixed_forms(self):
        body, headers = multipart(("pred", png(self.pred.astype("u1"))), ("target", npy(self.target)))
        self.check(body, headers)

    def test_images_of_different_sizes(self):
        body, headers = multipart(("pred", npy(self.pred[:5])), ("target", npy(self.target[:5])),
                                  ("pred", npy(self.pred[5:])), ("target", npy(self.target[5:])))
        self.assertEqual(self.check(body, headers)["images"], 2)

    def test_values_of_each_image(self):
        body, headers = multipart(("pred", npy(self.pred[:5])), ("target", npy(self.target[:5])),
                                  ("pred", npy(self.pred[5:])), ("target", npy(self.target[5:])))
        report = self.check(body, headers, per_image=True)
        self.assertEqual([row["pixels"] for row in report["per_image"]], [5 * 23, 12 * 23])
        for row, part in zip(report["per_image"], (slice(None, 5), slice(5, None))):
            alone = self.ok(self.server.post(PATH, {"pred": self.pred[part].tolist(),
                                                    "target": self.target[part].tolist()},
                                             num_classes=7))
            for key in report["image_mean"]:
                self.assertEqual(row[key], alone[key], key)
        self.assertEqual(report["image_mean"]["mean_iou"]["count"], 2)
        self.assertAlmostEqual(report["image_mean"]["mean_iou"]["value"],
                               sum(row["mean_iou"] for row in report["per_image"]) / 2, delta=1e-15)

    def test_an_image_without_pixels_is_an_image(self):
        nothing = np.zeros((0, 4), "u1")
        body, headers = multipart(("pred", npy(nothing)), ("target", npy(nothing)),
                                  ("pred", npy(self.pred)), ("target", npy(self.target)))
        report = self.check(body, headers, per_image=True)
        self.assertEqual(report["images"], 2)
        self.assertEqual([row["pixels"] for row in report["per_image"]], [0, self.pred.size])
        self.assertEqual(report["image_mean"]["mean_iou"]["count"], 1)

    def test_some_images_without_pixels_are_rows(self):
        nothing = npy(np.zeros((3, 0, 4), "u1"))
        report = self.ok(self.server.post(PATH, *multipart(("pred", nothing), ("target", nothing)), num_classes=7,
                                          per_image=True))
        self.assertEqual((report["status"], report["images"], len(report["per_image"])), ("empty", 3, 3))
        self.assertEqual(report["per_image"][2]["mean_iou"], None)

    def test_many_images_without_pixels_are_no_rows(self):
        many = npy_header("{'descr': '|u1', 'fortran_order': False, 'shape': (1000000000, 0, 4), }")
        body, headers = multipart(("pred", many), ("target", many))
        reply = self.server.post(PATH, body, headers, num_classes=7, per_image=True)
        self.assertEqual(reply.status, 422, reply)
        report = self.ok(self.server.post(PATH, body, headers, num_classes=7))
        self.assertEqual((report["status"], report["images"]), ("empty", 1000000000))

    def test_label_map_in_query_and_in_json(self):
        old = {"pred": (self.pred + 30).tolist(), "target": (self.target + 30).tolist()}
        renamed = {str(label + 30): label for label in range(7)}
        self.check({**old, "params": {"label_map": renamed}})
        self.check(old, label_map=renamed)

    def test_rows_of_the_report_add_up(self):
        report = self.check({"pred": self.pred.tolist(), "target": self.target.tolist()})
        matrix = np.array(self.matrix)
        for row in report["classes"]:
            c = row["class"]
            self.assertEqual(row["tp"], matrix[c, c])
            self.assertEqual(row["tp"] + row["fn"], row["support"])
            self.assertEqual(row["tp"] + row["fp"], row["predicted"])
            self.assertEqual(row["tp"] + row["fp"] + row["fn"] + row["tn"], report["pixels"])
            self.assertEqual(row["iou"], row["tp"] / (row["tp"] + row["fp"] + row["fn"]))

    def test_csv(self):
        body = {"pred": self.pred.tolist(), "target": self.target.tolist()}
        report = self.check(body)
        reply = self.server.post(PATH, body, {"Accept": "text/csv"}, num_classes=7)
        self.assertEqual((reply.status, reply.headers.get_content_type()), (200, "text/csv"))
        rows = list(csv.DictReader(reply.body.decode().splitlines()))
        self.assertEqual(len(rows), 7)
        for got, want in zip(rows, report["classes"]):
            for key in ("iou", "dice", "tp", "fp", "fn", "tn", "support", "predicted"):
                self.assertEqual(float(got[key]), want[key], key)

    def test_plain_text(self):
        body = {"pred": self.pred.tolist(), "target": self.target.tolist()}
        reply = self.server.post(PATH, body, {"Accept": "text/plain"}, num_classes=7)
        self.assertEqual((reply.status, reply.headers.get_content_type()), (200, "text/plain"))
        text = reply.body.decode()
        for word in ("mean_iou", "iou", "dice", "support"):
            self.assertIn(word, text)

    def test_npy_reply_is_the_confusion_matrix(self):
        import io
        body = {"pred": self.pred.tolist(), "target": self.target.tolist()}
        reply = self.server.post(PATH, body, {"Accept": "application/x-npy"}, num_classes=7)
        self.assertEqual(reply.status, 200, repr(reply))
        self.assertEqual(np.load(io.BytesIO(reply.body)).tolist(), self.matrix)


def npy_test(dtype, order, fortran):
    def test(self):
        def encode(a):
            a = a.astype(np.dtype(dtype).newbyteorder(order))
            return npy(np.asfortranarray(a) if fortran else np.ascontiguousarray(a))
        self.parts(encode)
    return test


for kind, order, fortran in itertools.product(
        ("u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8"), "<>", (False, True)):
    label = f"{kind}_{'little' if order == '<' else 'big'}_{'fortran' if fortran else 'c'}"
    setattr(Forms, f"test_npy_{label}", npy_test(kind, order, fortran))
