"""NPY as NumPy's own test_format.py tries it: every dtype, byte order, layout, version and shape by real NumPy, and
headers that are not as they should be."""
import io
import pickle
import struct

import numpy as np

from bodies import npy_header
from errors import Errors

SAME = "/v1/activations/leaky_relu"  # with a slope of 1: what went in
DTYPES = "b1 u1 u2 u4 u8 i1 i2 i4 i8 f2 f4 f8".split()
SHAPES = [(), (0,), (1,), (7,), (0, 3), (3, 0, 2), (2, 3), (3, 2, 4), (1, 1, 1), (2, 1, 3, 2), (2, 1, 1, 1, 2, 1, 1, 2)]
HEADER = "{'descr': %s, 'fortran_order': %s, 'shape': %s, }"


def save(array, version=None):
    out = io.BytesIO()
    np.lib.format.write_array(out, array, version)
    return out.getvalue()


class Npys(Errors):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.line = cls.server.connect()

    @classmethod
    def tearDownClass(cls):
        cls.line.close()
        super().tearDownClass()

    def ask(self, file):
        """(status, body) over one connection."""
        self.line.request("POST", f"{SAME}?negative_slope=1", file, {"Accept": "application/x-npy"})
        response = self.line.getresponse()
        return response.status, response.read()

    def same(self, file, want):
        status, body = self.ask(file)
        self.assertEqual(status, 200, body[:300])
        got = np.load(io.BytesIO(body))
        self.assertEqual(got.shape, want.shape)
        self.assertTrue(np.array_equal(got.astype("f8"), want.astype("f8"), equal_nan=True))

    def bad(self, file, said="", statuses=(400,)):
        status, body = self.ask(file)
        self.assertIn(status, statuses, body[:300])
        self.assertIn(said, body.decode())

    # ---- what NumPy writes ----

    def test_every_dtype_order_layout_and_shape(self):
        for dtype in DTYPES:
            for order in "<>":
                for shape in SHAPES:
                    array = (np.arange(np.prod(shape, dtype=int)) % 120).reshape(shape).astype(order + dtype)
                    for layout in "CF":
                        self.same(save(np.asarray(array, order=layout)), array)

    def test_versions(self):
        array = np.asfortranarray(np.arange(6.0).reshape(2, 3))
        for version in ((1, 0), (2, 0), (3, 0)):
            self.same(save(array, version), array)

    def test_views(self):
        array = np.arange(60, dtype="f4").reshape(5, 12)
        for view in (array.T, array[::2, 1::3], array[::-1], np.broadcast_to(array[:1], (3, 12)), array[0, 0], array[:, :0]):
            self.same(save(np.asarray(view)), np.asarray(view))

    def test_extremes(self):
        for dtype in ("f2", "f4", "f8"):
            info = np.finfo(dtype)
            array = np.array([info.max, info.min, info.tiny, info.smallest_subnormal, 0.0, np.inf, -np.inf, np.nan], dtype)
            status, body = self.ask(save(array.astype(">" + dtype)))
            self.assertEqual(status, 200)
            self.assertTrue(np.array_equal(np.load(io.BytesIO(body))[:5], array[:5]))

    # ---- what it refuses ----

    def test_every_cut(self):
        for array in (np.arange(4.0), np.asfortranarray(np.arange(6, dtype=">i2").reshape(2, 3))):
            file = save(array)
            for size in range(6, len(file)):
                self.bad(file[:size])
            self.bad(file + b"\0", "behind the array")
            self.bad(file + file, "behind the array")

    def test_magic_and_versions(self):
        file = save(np.arange(3.0))
        for new in (b"\x93NUMPX", b"\x92NUMPY", b"\x93numpy"):
            self.bad(new + file[6:], statuses=(415,))
        for major, minor in ((0, 0), (0, 3), (1, 1), (2, 2), (4, 0), (255, 255)):
            self.bad(file[:6] + bytes([major, minor]) + file[8:], "version", (415,))

    def test_objects_are_never_read(self):
        for array in (np.array([{}, None], object), np.array([1, "a"], object)):
            self.bad(save(array), "pickle", (415,))
        out = io.BytesIO()
        np.save(out, np.array([{}], object), allow_pickle=True)
        self.bad(out.getvalue(), "pickle", (415,))
        for protocol in range(2, 6):
            self.bad(pickle.dumps(np.arange(3), protocol), "pickle", (415,))

    def test_other_dtypes(self):
        for array in (np.array(["ab"]), np.array([b"ab"]), np.array([1j]), np.array(["2020-01-01"], "M8[D]"), np.zeros(2, "m8[s]"),
                      np.zeros(2, "V3"), np.zeros(2, [("a", "f4"), ("b", "i2")]), np.zeros(2, [("\u00e9", "f4")]),
                      np.zeros(2, np.longdouble), np.zeros((2,), [("a", "f4", (2, 3))])):
            self.bad(save(array), "NPY", (415,))

    def test_headers(self):
        keys = ["'descr': '<f8'", "'fortran_order': False", "'shape': (2,)"]
        data = np.arange(2.0).tobytes()
        for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
            self.same(npy_header("{" + ", ".join(keys[i] for i in order) + "}", data), np.arange(2.0))
        for missing in range(3):
            self.bad(npy_header("{" + ", ".join(keys[:missing] + keys[missing + 1:]) + "}", data), "missing")
        for more in ("'extra': 1", "'descr ': '<f8'", "1: 2", "'shape': (2,)"):
            self.bad(npy_header("{" + ", ".join(keys + [more]) + "}", data))
        for text in ("", " ", "None", "[]", "{}", "{{}}", "dict()", "{'descr'", HEADER % ("'<f8'", "False", "(2,)") * 2, "\0" * 40,
                     "{" * 5000, "(" * 60000, "__import__('os')", HEADER % ("'<f8'", "False", "(" * 1000 + "2,"),
                     HEADER % ("'<f8'", "False", "((2,),)"), HEADER % ("'<f8'", "False", "(2*1,)"), HEADER % ("'<f8'", "None", "(2,)"),
                     HEADER % ("'<f8'", "1", "(2,)"), HEADER % ("'<f8'", "False", "(-2,)"), HEADER % ("'<f8'", "False", "(True,)"),
                     HEADER % ("'<f8'", "False", "(2.0,)"), HEADER % ("'<f8'", "False", "('2',)"), HEADER % ("'<f8'", "False", "[2]"),
                     HEADER % ("'<f8'", "False", "2"), HEADER % ("'<f8'", "False", "(2_0,)"), HEADER % ("'<f8'", "False", "(0x2,)"),
                     HEADER % ("b'<f8'", "False", "(2,)"), HEADER % ("8", "False", "(2,)"), HEADER % ("'f8 '", "False", "(2,)"),
                     HEADER % ("'<f8', 'x'", "False", "(2,)")):
            self.bad(npy_header(text, data))

    def test_sizes(self):
        for shape, statuses in (("(3,)", (400,)), ("(1,)", (400,)), ("()", (400,)), ("(9223372036854775807,)", (400, 413)),
                                ("(9223372036854775808,)", (413,)), ("(4294967296, 4294967296)", (413,)),
                                ("(0, 18446744073709551616)", (413,)), ("(4611686018427387904, 0, 8)", (413,)),
                                ("(" + "1, " * 8 + "2)", (413,)), ("(" + "1, " * 64 + ")", (413,)), ("(2" + "0" * 60000 + ",)", (413,))):
            self.bad(npy_header(HEADER % ("'<f8'", "False", shape), np.arange(2.0).tobytes()), statuses=statuses)

    def test_lengths_of_headers(self):
        text = (HEADER % ("'<f8'", "False", "(2,)")).encode()
        data = np.arange(2.0).tobytes()
        for size in (len(text), len(text) + 1, 118, 10000, 65536):
            padded = text.ljust(size - 1) + b"\n" if size > len(text) else text
            for start in ([b"\x93NUMPY\1\0" + struct.pack("<H", size)] if size < 65536 else []) + [
                    b"\x93NUMPY\2\0" + struct.pack("<I", size), b"\x93NUMPY\3\0" + struct.pack("<I", size)]:
                self.same(start + padded + data, np.arange(2.0))
        for size in (65537, 2**20, 2**32 - 1):
            self.bad(b"\x93NUMPY\2\0" + struct.pack("<I", size) + text.ljust(70000) + data, statuses=(413,))
        self.bad(b"\x93NUMPY\1\0" + struct.pack("<H", 65535) + text + data, "cut off")
        self.bad(b"\x93NUMPY\1\0" + struct.pack("<H", len(text) - 1) + text + data)

    def test_python_2(self):
        self.same(npy_header(HEADER % ("'<f8'", "False", "(2L,)"), np.arange(2.0).tobytes()), np.arange(2.0))
