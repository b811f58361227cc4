"""NPZ: those of NumPy, and archives that lie."""
import io
import struct
import zipfile
import zlib

import numpy as np

from bodies import multipart, npy
from errors import Errors
from server import SANITIZED, Server

MSE, RELU, SEGMENTATION = "/v1/losses/mse", "/v1/activations/relu", "/v1/metrics/segmentation"
PRED, TARGET = np.array([1.0, 2.0]), np.array([1.0, 4.0])
MIB = 1 << 20


def npz(save=np.savez, **arrays):
    out = io.BytesIO()
    save(out, **arrays)
    return out.getvalue()


def archive(*members, compression=zipfile.ZIP_STORED, comment=b""):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as z:
        for name, data in members:
            z.writestr(name, data)
        z.comment = comment
    return out.getvalue()


def pair():
    return [("pred.npy", npy(PRED)), ("target.npy", npy(TARGET))]


def changed(data, at, new):
    return data[:at] + new + data[at + len(new):]


class Archives(Errors):
    def value(self, body, **params):
        return self.ok(self.server.post(MSE, body, **params))["value"]

    # ---- good ones ----

    def test_numpys(self):
        for save in (np.savez, np.savez_compressed):
            self.assertEqual(self.value(npz(save, pred=PRED, target=TARGET)), 2)
            y = self.ok(self.server.post(RELU, npz(save, x=np.array([[-1, 2]], ">f4"))))["y"]
            self.assertEqual((y["dtype"], y["shape"], y["data"]), ("float32", [1, 2], [0, 2]))

    def test_the_same_bytes_as_json(self):
        random = np.random.RandomState(1)
        masks = {"pred": random.randint(0, 4, (90, 70)).astype("u1"),
                 "target": np.asfortranarray(random.randint(0, 4, (90, 70)))}
        want = self.server.post(SEGMENTATION, {k: v.tolist() for k, v in masks.items()}, num_classes=4)
        for save in (np.savez, np.savez_compressed):
            got = self.server.post(SEGMENTATION, npz(save, **masks), num_classes=4)
            self.assertEqual(got.body, want.body)

    def test_zip64_and_streams(self):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as z:
            for name, data in pair():
                with z.open(name, "w", force_zip64=True) as member:
                    member.write(data)
        self.assertEqual(self.value(out.getvalue()), 2)

        class Stream(io.RawIOBase):  # that cannot seek: sizes come behind the data
            data = b""

            def writable(self):
                return True

            def write(self, more):
                self.data += bytes(more)
                return len(more)

        stream = Stream()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as z:
            for name, data in pair():
                z.writestr(name, data)
        self.assertEqual(self.value(stream.data), 2)

    def test_as_a_part(self):
        body, headers = multipart(("pred", npz(a=PRED)), ("target", npz(pred=PRED, target=TARGET)))
        self.assertEqual(self.ok(self.server.post(MSE, body, headers))["value"], 2)
        body, headers = multipart(("pred", npz(a=PRED, b=PRED)), ("target", npy(TARGET)))
        problem = self.refuse(MSE, body, 400, headers=headers)
        self.assertIn("none of that name", problem["detail"])

    def test_names(self):
        self.refuse(MSE, npz(pred=PRED, target=TARGET, more=PRED), 400)
        self.refuse(MSE, archive(), 400)

    # ---- bad ones ----

    def bad(self, body, status, said):
        problem = self.refuse(MSE, body, status)
        self.assertIn(said, problem["detail"])

    def test_every_cut(self):
        for body in (npz(pred=PRED, target=TARGET), npz(np.savez_compressed, pred=PRED, target=TARGET)):
            for size in range(4, len(body)):
                self.assertEqual(self.server.post(MSE, body[:size]).status, 400, size)
        self.assertEqual(self.value(npz(pred=PRED, target=TARGET)), 2)

    def test_every_byte(self):
        """Whatever changes: refused, or the answer, or that of the numbers as they are now."""
        body = npz(np.savez_compressed, pred=PRED, target=TARGET)
        for at in range(len(body)):
            reply = self.server.post(MSE, changed(body, at, bytes([body[at] ^ 0xff])))
            self.assertIn(reply.status, (200, 400, 413, 415, 422), repr(reply))
            if reply.status == 200:
                self.assertEqual(reply.json()["value"], 2)

    def test_what_surrounds(self):
        body = archive(*pair())
        self.bad(body + b"x", 400, "behind its directory")
        self.bad(archive(*pair(), comment=b"hi"), 400, "behind its directory")
        self.bad(b"PK\3\4" + body, 400, "not where it says")
        self.refuse(MSE, b"x" + body, 415)

    def test_members(self):
        self.bad(archive(("pred.npy", b"hello"), pair()[1]), 415, "is no NPY")
        self.bad(archive(("pred.npy", npy(PRED)[:-1]), pair()[1]), 400, "member 'pred' of the NPZ: NPY")
        self.bad(archive(*pair(), compression=zipfile.ZIP_BZIP2), 415, "method 12")
        with self.assertWarns(UserWarning):
            self.bad(archive(*pair(), pair()[0]), 400, "two members are named 'pred.npy'")
        self.bad(archive(("pred\1", b"")), 400, "control character")
        many = archive(*[(f"{i}.npy", npy(PRED)) for i in range(65)])
        self.bad(many, 413, "limit npz_members")
        torch = archive(("archive/data.pkl", b"\x80\x02."), ("archive/data/0", b""))
        self.bad(torch, 415, "torch.save")

    def test_lies(self):
        body = archive(*pair())
        central = body.index(b"PK\1\2")
        for at, new, status, said in (
                (central + 8, b"\1\0", 415, "encrypted"),
                (central + 16, b"\0\0\0\0", 400, "own header"),
                (central + 24, b"\1\0\0\0", 400, "two sizes"),
                (central + 20, b"\1\0\0\0\1\0\0\0", 400, "own header"),
                (central + 20, b"\xff\xff\xff\x7f\xff\xff\xff\x7f", 400, "cut off"),
                (central + 20, b"\xff\xff\xff\xff\xff\xff\xff\xff", 400, "64-bit sizes"),
                (central + 34, b"\1\0", 415, "several disks"),
                (central + 42, b"\1\0\0\0", 400, "not where it should be"),
                (30, b"q", 400, "another name"),
                (len(body) - 6, b"\0\0\0\0", 400, "not where it says"),
                (len(body) - 14, b"\1\0\1\0", 400, "more than its members")):
            self.bad(changed(body, at, new), status, said)

    def test_overlaps(self):
        """Two entries of one member: the bomb that grows by the number of entries."""
        body = archive(("pred.npy", npy(PRED)), ("pres.npy", npy(PRED)))
        central = body.index(b"PK\1\2")
        second = body.index(b"PK\1\2", central + 1)
        self.bad(changed(body, second + 42, b"\0\0\0\0"), 400, "another name")
        same = changed(changed(body, second + 42, b"\0\0\0\0"), second + 46, b"pred.npy")
        self.bad(same, 400, "overlap")

    def test_bombs(self):
        zeros = npy(np.zeros(300 * MIB, "u1"))
        bomb = archive(("x.npy", zeros), compression=zipfile.ZIP_DEFLATED)
        self.assertLess(len(bomb), MIB)
        liar = bytearray(bomb)  # claims to be small
        central = bomb.index(b"PK\1\2")
        struct.pack_into("<I", liar, central + 24, 1000)
        several = archive(*[(f"{i}.npy", npy(np.zeros(30 * MIB, "u1"))) for i in range(8)], compression=zipfile.ZIP_DEFLATED)
        with Server("--memory", "96M") as server:
            idle = server.memory("VmRSS")
            for body, status in ((bomb, 413), (bytes(liar), 400), (several, 413)):
                self.assertEqual(server.post(RELU, body).status, status)
                self.assertEqual(server.post(MSE, npz(pred=PRED, target=TARGET)).status, 200)
            if not SANITIZED:
                self.assertLess(server.memory(), idle + 128 * MIB)
        with Server("--limit-body-bytes", "10M") as server:
            problem = self.problem(server.post(RELU, bomb), 413)
            self.assertIn("limit body_bytes", problem["detail"])

    def test_claims_of_much(self):
        """Sizes that are claimed take no memory before they are there."""
        deflated = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = deflated.compress(npy(PRED)) + deflated.flush()
        local = struct.pack("<4s5HIIIHH", b"PK\3\4", 45, 0, 8, 0, 0, 0, len(packed), 2**30, 5, 0) + b"x.npy"
        entry = struct.pack("<4s6H3I5HII", b"PK\1\2", 45, 45, 0, 8, 0, 0, 0, len(packed), 2**29, 5, 0, 0, 0, 0, 0, 0)
        data = local + packed
        body = data + entry + b"x.npy" + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, 51, len(data), 0)
        with Server("--memory", "1G") as server:
            self.problem(server.post(RELU, body), 400)
            if not SANITIZED:
                self.assertLess(server.memory("VmHWM"), 64 * MIB)
