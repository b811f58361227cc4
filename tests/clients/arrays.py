"""Files of tensors by the libraries that users have: safetensors, a NumPy of today, ml_dtypes."""
import io

import ml_dtypes
import numpy as np
import safetensors
import safetensors.numpy

from server import Case

NPZ, SAFETENSORS = ({"Accept": f"application/x-{name}"} for name in ("npz", "safetensors"))
SAME = "/v1/activations/leaky_relu"  # with a slope of 1: what went in
RELU, SEGMENTATION, SCORE = "/v1/activations/relu", "/v1/metrics/segmentation", "/v1/score"
MASKS = {"pred": [[0, 1]], "target": [[0, 1]]}
DTYPES = ("bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16", "float32", "float64")


class Arrays(Case):
    def sent(self, path, body, headers, **params):
        reply = self.server.post(path, body, headers, **params)
        self.assertEqual(reply.status, 200, repr(reply))
        return reply.body

    def test_every_dtype(self):
        for dtype in DTYPES:
            x = np.array([[1, 0, 1]]).astype(dtype)
            body = safetensors.numpy.save({"x": x}, {"any": "text"})
            y = safetensors.numpy.load(self.sent(SAME, body, SAFETENSORS, negative_slope=1))["y"]
            self.assertEqual(y.tolist(), x.tolist(), dtype)
            out = io.BytesIO()
            np.savez_compressed(out, x=x)
            y = np.load(io.BytesIO(self.sent(SAME, out.getvalue(), NPZ, negative_slope=1)))["y"]
            self.assertEqual(y.tolist(), x.tolist(), dtype)

    def test_bfloat16(self):
        x = np.array([1.5, -2, 3], ml_dtypes.bfloat16)
        body = self.sent(RELU, safetensors.numpy.save({"x": x}), SAFETENSORS)
        (name, entry), = [(n, e) for n, e in safetensors.deserialize(body) if n == "y"]
        self.assertEqual((name, entry["dtype"]), ("y", "BF16"))
        self.assertEqual(np.frombuffer(entry["data"], ml_dtypes.bfloat16).tolist(), [1.5, 0, 3])
        out = io.BytesIO()
        np.save(out, x)  # as two bytes of anything
        reply = self.server.post(RELU, out.getvalue())
        self.assertEqual(reply.status, 415)
        self.assertIn("bfloat16", reply.json()["detail"])

    def test_reports(self):
        body = self.sent(SEGMENTATION, MASKS, SAFETENSORS, num_classes=3, class_names="a,b,c", state=True)
        arrays = safetensors.numpy.load(body)
        self.assertEqual(arrays["confusion_matrix"].tolist(), [[1, 0, 0], [0, 1, 0], [0, 0, 0]])
        self.assertEqual(arrays["mean_iou"], 1)
        self.assertEqual(arrays["classes.support"].tolist(), [1, 1, 0])
        with np.load(io.BytesIO(self.sent(SEGMENTATION, MASKS, NPZ, num_classes=3))) as z:
            self.assertEqual(z["classes.status"].tolist(), ["both", "both", "both_empty"])
            self.assertEqual(z["status"], "ok")
            self.assertTrue(np.isnan(z["classes.iou"][2]))

    def test_several(self):
        body = safetensors.numpy.save({"pred": np.array([0.5, 2.0]), "target": np.array([1.0, 2.0])})
        arrays = safetensors.numpy.load(self.sent(SCORE, body, SAFETENSORS, ops="losses/mse,losses/mae"))
        self.assertEqual(arrays["losses/mse.value"], 0.125)
