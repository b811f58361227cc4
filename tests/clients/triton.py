"""tritonclient as its users call it: over geventhttpclient and over aiohttp."""
import asyncio
import json

import ml_dtypes
import numpy as np
import tritonclient.http as triton
import tritonclient.http.aio as triton_aio
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

from server import Case

RNG = np.random.default_rng(7)
PRED = RNG.standard_normal((8, 5)).astype(np.float32)
TARGET = RNG.integers(0, 5, 8)
MASK = RNG.integers(0, 3, (2, 16, 16), dtype=np.uint8)


def tensor(name, array, binary=True):
    out = triton.InferInput(name, list(array.shape), np_to_triton_dtype(array.dtype))
    out.set_data_from_numpy(array, binary_data=binary)
    return out


def cross_entropy(pred, target):
    shifted = pred.astype(np.float64) - pred.max(axis=1, keepdims=True)
    return np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(target)), target]


class Sync(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client = triton.InferenceServerClient(f"127.0.0.1:{cls.server.port}", concurrency=8)

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        super().tearDownClass()

    def refused(self, status, word, *args, **more):
        with self.assertRaises(InferenceServerException) as caught:
            self.client.infer(*args, **more)
        self.assertEqual(caught.exception.status(), str(status))
        self.assertIn(word, caught.exception.message())

    def test_health_and_metadata(self):
        self.assertTrue(self.client.is_server_live())
        self.assertTrue(self.client.is_server_ready())
        self.assertTrue(self.client.is_model_ready("losses.mse"))
        self.assertTrue(self.client.is_model_ready("losses.mse", "1"))
        self.assertFalse(self.client.is_model_ready("losses.mse", "2"))
        self.assertFalse(self.client.is_model_ready("losses.nothing"))
        self.assertIn("binary_tensor_data", self.client.get_server_metadata()["extensions"])
        for model in self.client.get_model_repository_index():
            metadata = self.client.get_model_metadata(model["name"], model["version"])
            config = self.client.get_model_config(model["name"])
            self.assertEqual(metadata["name"], config["name"])

    def test_a_loss(self):
        want = cross_entropy(PRED, TARGET)
        for binary in (True, False):
            inputs = [tensor("pred", PRED, binary), tensor("target", TARGET, binary)]
            got = self.client.infer("losses.cross_entropy", inputs, request_id="7")
            self.assertEqual(got.get_response()["id"], "7")
            np.testing.assert_allclose(got.as_numpy("value"), [want.mean()], rtol=1e-6)
            self.assertEqual(got.as_numpy("count").tolist(), [8])
            got = self.client.infer("losses.cross_entropy", inputs, parameters={"reduction": "none"}, outputs=[
                triton.InferRequestedOutput("loss", binary_data=binary),
                triton.InferRequestedOutput("grad.pred", binary_data=not binary)])
            np.testing.assert_allclose(got.as_numpy("loss"), want, rtol=1e-5)
            self.assertEqual(got.as_numpy("grad.pred").shape, PRED.shape)

    def test_codings(self):
        x = np.linspace(-1, 1, 5000, dtype=np.float32)
        plain = triton.InferRequestedOutput("y", binary_data=False)
        for coding in ("gzip", "deflate"):
            for outputs in (None, [plain]):
                for binary in (True, False):
                    got = self.client.infer("activations.relu", [tensor("x", x, binary)], outputs=outputs,
                                            request_compression_algorithm=coding,
                                            response_compression_algorithm=coding).as_numpy("y")
                    np.testing.assert_array_equal(got, np.maximum(x, 0))

    def test_an_activation_in_every_dtype(self):
        x = np.array([[-1.5, 0, 2]])
        floats = (np.float16, np.float32, np.float64, ml_dtypes.bfloat16)
        for dtype in (*floats, np.int8, np.int64, np.uint8):
            array = np.abs(x).astype(dtype) if dtype is np.uint8 else x.astype(dtype)
            got = self.client.infer("activations.relu", [tensor("x", array)]).as_numpy("y")
            self.assertEqual(got.dtype, dtype if dtype in floats else np.float64)
            self.assertEqual(got.tolist(), np.maximum(array, 0).tolist())
        got = self.client.infer("activations.relu", [tensor("x", np.zeros((0, 4), np.float32))])
        self.assertEqual(got.as_numpy("y").shape, (0, 4))

    def test_nonfinite_values(self):
        x = np.array([np.nan, np.inf, -1], np.float32)
        plain = triton.InferRequestedOutput("y", binary_data=False)
        for binary in (True, False):
            got = self.client.infer("activations.relu", [tensor("x", x, binary)]).as_numpy("y")
            np.testing.assert_array_equal(got, [np.nan, np.inf, 0])
            got = self.client.infer("activations.relu", [tensor("x", x, binary)], outputs=[plain],
                                    parameters={"nonfinite": "token"}).as_numpy("y")
            np.testing.assert_array_equal(got, [np.nan, np.inf, 0])

    def test_the_segmentation_report(self):
        pred = MASK.copy()
        pred[0, :4] = 0
        got = self.client.infer("metrics.segmentation", [tensor("pred", pred), tensor("target", MASK)],
                                parameters={"num_classes": 3, "report": True})
        matrix = got.as_numpy("confusion_matrix")
        want = np.zeros((3, 3), np.int64)
        np.add.at(want, (MASK.ravel(), pred.ravel()), 1)
        np.testing.assert_array_equal(matrix, want)
        iou = np.diag(want) / (want.sum(0) + want.sum(1) - np.diag(want))
        np.testing.assert_allclose(got.as_numpy("iou"), iou, rtol=1e-12)
        report = json.loads(got.get_response()["parameters"]["report"])
        self.assertEqual(report["confusion_matrix"], want.tolist())
        self.assertEqual([row["support"] for row in report["classes"]], want.sum(1).tolist())

    def test_errors(self):
        pair = [tensor("pred", PRED), tensor("target", PRED)]
        self.refused(404, "losses.mze", "losses.mze", pair)
        self.refused(400, "target", "losses.mse", pair[:1])
        self.refused(400, "delta", "losses.mse", pair, parameters={"delta": 1})
        self.refused(400, "nothing", "losses.mse", pair, outputs=[triton.InferRequestedOutput("nothing")])
        self.refused(422, "shape", "losses.mse", [pair[0], tensor("target", PRED[:2])])
        self.refused(422, "7", "losses.cross_entropy", [pair[0], tensor("target", TARGET * 0 + 7)])
        self.refused(504, "deadline", "losses.mse", pair, timeout=1)

    def test_many_at_once(self):
        asked = [self.client.async_infer("activations.relu", [tensor("x", np.full((4, 1000), n, np.float32))])
                 for n in range(200)]
        for n, one in enumerate(asked):
            np.testing.assert_array_equal(one.get_result().as_numpy("y"), np.full((4, 1000), n))

    def test_large_tensors(self):
        x = RNG.standard_normal((64, 100_000)).astype(np.float32)
        got = self.client.infer("activations.relu", [tensor("x", x)]).as_numpy("y")
        np.testing.assert_array_equal(got, np.maximum(x, 0))

    def test_statistics(self):
        self.client.infer("losses.mae", [tensor("pred", PRED), tensor("target", PRED)])
        stats = self.client.get_inference_statistics("losses.mae")["model_stats"][0]
        self.assertGreaterEqual(stats["inference_stats"]["success"]["count"], 1)
        self.assertGreater(len(self.client.get_inference_statistics()["model_stats"]), 50)


class Async(Case):
    def test_everything_again(self):
        asyncio.run(self.everything())

    async def everything(self):
        async with triton_aio.InferenceServerClient(f"127.0.0.1:{self.server.port}") as client:
            self.assertTrue(await client.is_server_live())
            self.assertTrue(await client.is_server_ready())
            self.assertTrue(await client.is_model_ready("losses.mse", "1"))
            self.assertEqual((await client.get_server_metadata())["name"], "scored")
            self.assertTrue(await client.get_model_repository_index())
            self.assertTrue(await client.get_model_metadata("losses.mse"))
            self.assertTrue(await client.get_model_config("losses.mse"))
            self.assertTrue(await client.get_inference_statistics())
            pair = [tensor("pred", PRED), tensor("target", TARGET)]
            many = [client.infer("losses.cross_entropy", pair, request_id=str(n)) for n in range(100)]
            for n, got in enumerate(await asyncio.gather(*many)):
                self.assertEqual(got.get_response()["id"], str(n))
                np.testing.assert_allclose(got.as_numpy("value"), [cross_entropy(PRED, TARGET).mean()], rtol=1e-6)
            with self.assertRaises(InferenceServerException) as caught:
                await client.infer("losses.mse", pair)
            self.assertEqual(caught.exception.status(), "422")
