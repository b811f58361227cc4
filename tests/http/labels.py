"""Labels that are no class, of every dtype."""
import numpy as np

from bodies import multipart, npy
from hazards import SEGMENTATION, Hazards


class Labels(Hazards):
    """Class indices beyond the range, of every integer dtype: found before one of them counts anything. Some are in the
    range once their high bits are cut off."""

    CLASSES = 3
    DTYPES = ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]

    def beyond(self, dtype):
        if dtype == "bool":
            return []
        info = np.iinfo(dtype)
        wished = [self.CLASSES, -1, -2, 2**7, 2**8 + 1, 2**15, 2**16 + 1, 2**31 - 1, 2**31, 2**31 + 1, 2**32, 2**32 + 1,
                  2**33 + 2, -2**31, -2**32 + 1, 2**63 - 1, -2**63, -2**63 + 1, 2**63, 2**63 + 1, 2**64 - 1]
        return sorted({value for value in wished + [info.min, info.max]
                       if info.min <= value <= info.max and not 0 <= value < self.CLASSES})

    def told(self, path, arrays, name, value, headers=None, **params):
        body, headers = multipart(*[(key, npy(array)) for key, array in arrays.items()])
        error = self.refuse(422, "label-out-of-range", path, body, headers, **params)["errors"][0]
        self.assertEqual((error["pointer"], error["index"], error["count"]), (f"#/{name}", 5, 2), error)
        self.assertEqual(error["value"], value)

    def spoilt(self, dtype, value):
        labels = np.arange(8).astype("u1") % 2
        labels = labels.astype(dtype)
        labels[[5, 7]] = value
        return labels

    def test_metrics(self):
        for op in ("segmentation", "classification", "confusion_matrix"):
            for dtype in self.DTYPES:
                for value in self.beyond(dtype):
                    good = self.spoilt(dtype, 0)
                    for name in ("pred", "target"):
                        with self.subTest(op=op, dtype=dtype, value=value, input=name):
                            self.told(f"/v1/metrics/{op}", {"pred": good, "target": good,
                                      name: self.spoilt(dtype, value)}, name, value, num_classes=self.CLASSES)

    def test_losses(self):
        """All that take class indices, of pred or of target."""
        scores = np.full((8, self.CLASSES), 1 / self.CLASSES, "f4")
        for op in ("cross_entropy", "sparse_cross_entropy", "nll", "focal", "multi_margin", "dice", "iou", "tversky",
                   "focal_tversky", "generalized_dice", "lovasz_softmax", "dice_cross_entropy", "dice_focal"):
            params = {"input_kind": "probs"} if self.has(op, "input_kind") and "_" not in op else {}
            params = {"input_kind": "logits"} if self.has(op, "input_kind") and not params else params
            for dtype in self.DTYPES:
                for value in self.beyond(dtype):
                    with self.subTest(op=op, dtype=dtype, value=value):
                        self.told(f"/v1/losses/{op}", {"pred": scores, "target": self.spoilt(dtype, value)},
                                  "target", value, **params)

    def has(self, op, param):
        return any(p["name"] == param for p in self.operation(op)["params"])

    def operation(self, op):
        return self.server.get(f"/v1/operations/losses/{op}").json()["operations"][0]

    def test_ignored_labels_at_the_ends(self):
        """ignore_index may be anything that is an int64; it is compared, never used as an index."""
        labels = self.spoilt("int64", -2**63)
        for value in (-2**63, -2**63 + 1, 2**63 - 1, 2**32, -1):
            labels[[5, 7]] = value
            body = multipart(("pred", npy(self.spoilt("int64", 0))), ("target", npy(labels)))
            reply = self.send(SEGMENTATION, *body, num_classes=self.CLASSES, ignore_index=value)
            self.assertIn(reply.status, (200, 422), (value, reply))
            if reply.status == 200:
                self.assertEqual(reply.json()["ignored"], 2)
            reply = self.send("/v1/losses/cross_entropy", *multipart(
                ("pred", npy(np.zeros((8, self.CLASSES)))), ("target", npy(labels))), ignore_index=value)
            self.assertIn(reply.status, (200, 422), (value, reply))
            if reply.status == 200:
                self.assertEqual(reply.json()["ignored"], 2)

    def test_label_maps_to_the_ends(self):
        pair = {"pred": [0, 1], "target": [0, 1]}
        for key, value in ((0, 2**31), (0, 2**63 - 1), (2**63 - 1, 0), (-2**63, 0), (2**32, 1), (0, -2), (0, 3)):
            reply = self.send(SEGMENTATION, {**pair, "params": {
                "num_classes": self.CLASSES, "label_map": {str(key): value, "1": 1}}})
            self.assertIn(reply.status, (200, 422), (key, value, reply))
            self.assertEqual(reply.status == 200, 0 <= value < self.CLASSES, (key, value, reply))
