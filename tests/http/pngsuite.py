"""PNG in the manner of PngSuite: every colour type, depth, filter and interlacing, and files that are broken in
every way that its x*.png are."""
import io
import struct
import zlib

import numpy as np

from bodies import multipart, npy
from errors import Errors
from pngfiles import (CHANNELS, DEPTHS, GREY, PALETTE, RGB, SIGNATURE, chunk, header, join, palette, png, raw, split)

SAME = "/v1/activations/leaky_relu"  # with a slope of 1: what went in
MATRIX = "/v1/metrics/confusion_matrix"
SEGMENTATION = "/v1/metrics/segmentation"


def samples_of(colour, depth, height=9, width=13, seed=1):
    shape = (height, width, CHANNELS[colour]) if CHANNELS[colour] > 1 else (height, width)
    top = min(256, 1 << depth) if colour == PALETTE else 1 << depth
    return np.random.RandomState(seed).randint(0, top, shape).astype("u2" if depth == 16 else "u1")


class PngSuite(Errors):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.line = cls.server.connect()

    @classmethod
    def tearDownClass(cls):
        cls.line.close()
        super().tearDownClass()

    def ask(self, file, query="", accept="application/x-npy"):
        """(status, body) over one connection; a refused body may close it."""
        self.line.request("POST", f"{SAME}?negative_slope=1{query}", file, {"Accept": accept, "Content-Type": "image/png"})
        response = self.line.getresponse()
        return response.status, response.read()

    def read(self, file, query=""):
        status, body = self.ask(file, query)
        self.assertEqual(status, 200, body[:300])
        return np.load(io.BytesIO(body))

    def same(self, file, want, query=""):
        got = self.read(file, query)
        self.assertEqual(got.shape, want.shape)
        self.assertTrue((got == want).all())

    def bad(self, file, said="", statuses=(400,), query=""):
        status, body = self.ask(file, query)
        self.assertIn(status, statuses, body[:300])
        self.assertIn(said, body.decode())

    # ---- good ones ----

    def test_every_kind(self):
        for colour in (GREY, PALETTE):
            for depth in DEPTHS[colour]:
                for interlaced in (False, True):
                    samples = samples_of(colour, depth)
                    with self.subTest(colour=colour, depth=depth, interlaced=interlaced):
                        self.same(png(samples, colour, depth, interlaced, (0, 1, 2, 3, 4)), samples)

    def test_every_filter(self):
        for depth in (1, 8, 16):
            for kind in range(5):
                for interlaced in (False, True):
                    samples = samples_of(GREY, depth, seed=kind)
                    with self.subTest(depth=depth, kind=kind, interlaced=interlaced):
                        self.same(png(samples, GREY, depth, interlaced, (kind,)), samples)

    def test_every_size(self):
        """1 to 9 in each direction: passes of Adam7 that are empty, rows that end inside of a byte."""
        for size in range(1, 10):
            for depth, interlaced in ((1, True), (2, False), (4, True), (8, True)):
                for shape in ((size, size), (1, size), (size, 1)):
                    samples = samples_of(GREY, depth, *shape)
                    self.same(png(samples, GREY, depth, interlaced), samples)

    def test_what_changes_no_sample(self):
        """Transparency, gamma, background, comments, the significant bits; IDAT in pieces of one byte."""
        samples = samples_of(GREY, 8)
        for before in (chunk(b"tRNS", b"\0\5"), chunk(b"gAMA", struct.pack(">I", 220000)), chunk(b"bKGD", b"\0\1"),
                       chunk(b"tEXt", b"Title\0mask"), chunk(b"zTXt", b"a\0\0" + zlib.compress(b"x" * 9)),
                       chunk(b"sBIT", b"\4"), chunk(b"iCCP", b"broken"), chunk(b"prVt", b"anything"),
                       chunk(b"tIME", b"\x07\xd0\1\1\0\0\0"), chunk(b"pHYs", b"\0\0\0\1\0\0\0\4\0")):
            with self.subTest(before=before[4:8]):
                self.same(png(samples, before=before), samples)
        self.same(png(samples, pieces=10**6), samples)
        colours = samples_of(PALETTE, 8) % 4
        self.same(join([split(png(colours, PALETTE, 8))[0], (b"PLTE", bytes(range(12))), (b"tRNS", b"\0\x80"),
                        split(png(colours, PALETTE, 8))[2], (b"IEND", b"")]), colours)

    # ---- colours ----

    def test_colours_need_an_encoding(self):
        for depth in DEPTHS[RGB]:
            self.bad(png(samples_of(RGB, depth), RGB, depth), "encoding=coco_panoptic", (415,))
        self.bad(png(samples_of(RGB, 16), RGB, 16), "16", (415,), "&encoding=coco_panoptic")

    def test_alpha_is_refused(self):
        for colour in (4, 6):
            for depth in DEPTHS[colour]:
                for query in ("", "&encoding=ade20k_full"):
                    self.bad(png(samples_of(colour, depth), colour, depth), "without alpha", (415,), query)

    def test_encodings(self):
        for interlaced in (False, True):
            rgb = samples_of(RGB, 8, 11, 17)
            r, g, b = (rgb[..., i].astype("i8") for i in range(3))
            file = png(rgb, RGB, 8, interlaced, (0, 1, 2, 3, 4))
            self.same(file, r + 256 * g + 65536 * b, "&encoding=coco_panoptic")
            self.same(file, r // 10 * 256 + g, "&encoding=ade20k_full")
            grey = samples_of(GREY, 8)
            self.same(png(grey, GREY, 8, interlaced), grey, "&encoding=ade20k_full")
        extremes = np.array([[[255, 255, 255], [0, 0, 0], [255, 0, 0], [9, 255, 7], [10, 0, 0]]], "u1")
        self.same(png(extremes, RGB), np.array([[16777215, 0, 255, 65289 + 65536 * 7, 10]]), "&encoding=coco_panoptic")
        self.same(png(extremes, RGB), np.array([[25 * 256 + 255, 0, 25 * 256, 255, 256]]), "&encoding=ade20k_full")

    def test_encoding_in_every_place(self):
        rgb = np.zeros((4, 6, 3), "u1")
        rgb[1:3, 2:5] = (20, 1, 9)  # class 2 * 256 + 1
        want = self.ok(self.server.post(MATRIX, {"pred": (rgb[..., 1] > 0).astype(int).tolist(),
                                                 "target": (rgb[..., 1] > 0).astype(int).tolist()}, num_classes=2))
        parts = [("pred", png(rgb, RGB)), ("target", npy((rgb[..., 1] > 0).astype("u1")))]
        label_map = {"513": 1, "0": 0}
        params = ('{"encoding": "ade20k_full", "num_classes": 2, "pred_label_map": {"513": 1, "0": 0}}').encode()
        for order in (["params", "pred", "target"], ["pred", "target", "params"]):
            named = {"params": ("params", params, "application/json"), **{p[0]: p for p in parts}}
            body, headers = multipart(*[named[name] for name in order])
            self.assertEqual(self.ok(self.server.post(SEGMENTATION, body, headers))["confusion_matrix"],
                             want["confusion_matrix"])
        body, headers = multipart(*parts)
        got = self.ok(self.server.post(SEGMENTATION, body, headers, encoding="ade20k_full", num_classes=2,
                                       pred_label_map=",".join(f"{k}:{v}" for k, v in label_map.items())))
        self.assertEqual(got["confusion_matrix"], want["confusion_matrix"])
        self.refuse(SEGMENTATION, body, 415, headers=headers, num_classes=2)
        body, headers = multipart(*parts, ("params", b'{"encoding": "coco"}', "application/json"))
        problem = self.refuse(SEGMENTATION, body, 400, headers=headers, num_classes=2)
        self.assertEqual(problem["errors"][0]["pointer"], "#/params/encoding")
        body, headers = multipart(*parts, ("params", params, "application/json"))
        self.refuse(SEGMENTATION, body, 400, headers=headers, encoding="coco_panoptic")
        self.bad(png(rgb, RGB), "'encoding' is 'rgb'", (400,), "&encoding=rgb")
        state = self.ok(self.server.post("/v1/losses/mse", {"pred": [1], "target": [2]}, state=True))["state"]
        problem = self.refuse("/v1/merge/losses/mse", {"states": [state]}, 400, encoding="coco_panoptic")
        self.assertIn("no parameter 'encoding'", problem["detail"])

    def test_segments_as_classes(self):
        """The ids of COCO panoptic files become classes by a map, as docs/formats.md shows."""
        rgb = np.zeros((4, 6, 3), "u1")
        rgb[0], rgb[1] = (76, 61, 49), (128, 64, 128)
        ids = rgb[..., 0] + 256 * rgb[..., 1].astype("i8") + 65536 * rgb[..., 2].astype("i8")
        classes = {int(ids[0, 0]): 1, int(ids[1, 0]): 2, 0: -1}
        pred = np.zeros((4, 6), "u1")
        pred[0] = 1
        body, headers = multipart(("pred", npy(pred)), ("target", png(rgb, RGB)))
        got = self.ok(self.server.post(SEGMENTATION, body, headers, num_classes=3, encoding="coco_panoptic",
                                       target_label_map=",".join(f"{k}:{v}" for k, v in classes.items())))
        self.assertEqual(got["confusion_matrix"], [[0, 0, 0], [0, 6, 0], [6, 0, 0]])
        self.assertEqual(got["ignored"], 12)

    # ---- broken ones ----

    def test_every_cut(self):
        for file in (png(samples_of(GREY, 8, 5, 6)), png(samples_of(PALETTE, 4, 5, 6), PALETTE, 4, True),
                     png(samples_of(RGB, 8, 3, 4), RGB)):
            for size in range(8, len(file)):
                self.bad(file[:size], statuses=(400, 415), query="&encoding=ade20k_full")

    def test_every_flipped_bit(self):
        """Of a small file, any bit: the checksums tell."""
        file = png(np.arange(6, dtype="u1").reshape(2, 3))
        for at in range(8, len(file)):
            for bit in range(8):
                self.bad(file[:at] + bytes([file[at] ^ 1 << bit]) + file[at + 1:], statuses=(400, 413, 415))

    def test_signatures(self):
        """x*.png: what transfers as text do to the first bytes."""
        file = png(samples_of(GREY, 8))
        for new in (b"\x09PNG\r\n\x1a\n", b"\x89PNG\n\x1a\n", b"\x89PNG\r\r\n\x1a\n", b"\x89PNG\n\n\x1a\n",
                    b"\x89PNG\r\n\x1a", b"\x89png\r\n\x1a\n", b"\x89PNG       "):
            self.bad(new + file[8:], statuses=(400, 415))

    def test_chunks(self):
        samples = samples_of(GREY, 8)
        ihdr, idat, iend = split(png(samples))
        plte = (b"PLTE", bytes(12))
        colours = split(png(samples_of(PALETTE, 8), PALETTE))
        for name, chunks in (("no IHDR", [idat, iend]), ("IHDR second", [idat, ihdr, iend]), ("two IHDR", [ihdr, ihdr, idat, iend]),
                             ("no IDAT", [ihdr, iend]), ("no IEND", [ihdr, idat]), ("empty", []),
                             ("no PLTE", [colours[0], colours[2], iend]), ("PLTE late", [colours[0], colours[2], colours[1], iend]),
                             ("two PLTE", [colours[0], colours[1], colours[1], colours[2], iend]),
                             ("PLTE of 4 bytes", [colours[0], (b"PLTE", bytes(4)), colours[2], iend]),
                             ("PLTE of none", [colours[0], (b"PLTE", b""), colours[2], iend]),
                             ("IDAT apart", [ihdr, (b"IDAT", idat[1][:9]), (b"tEXt", b"a\0b"), (b"IDAT", idat[1][9:]), iend]),
                             ("critical", [ihdr, (b"ABCD", b""), idat, iend]), ("PLTE in grey", [ihdr, plte, idat, iend]),
                             ("IHDR of 12", [(b"IHDR", ihdr[1][:12]), idat, iend]), ("IHDR of 14", [(b"IHDR", ihdr[1] + b"\0"), idat, iend]),
                             ("IEND with data", [ihdr, idat, (b"IEND", b"x")]), ("name", [ihdr, (b"1234", b""), idat, iend])):
            with self.subTest(name):
                self.bad(join(chunks))

    def test_headers(self):
        idat = chunk(b"IDAT", zlib.compress(bytes(40))) + chunk(b"IEND", b"")
        for width, height, depth, colour, more in (
                (0, 4, 8, 0, {}), (4, 0, 8, 0, {}), (2**31, 4, 8, 0, {}), (4, 2**32 - 1, 8, 0, {}), (4, 4, 3, 0, {}), (4, 4, 0, 0, {}),
                (4, 4, 32, 0, {}), (4, 4, 8, 1, {}), (4, 4, 8, 5, {}), (4, 4, 8, 7, {}), (4, 4, 16, 3, {}), (4, 4, 4, 2, {}),
                (4, 4, 1, 6, {}), (4, 4, 8, 0, {"interlace": 2}), (4, 4, 8, 0, {"compression": 1}), (4, 4, 8, 0, {"filters": 1})):
            with self.subTest(width=width, height=height, depth=depth, colour=colour, **more):
                self.bad(SIGNATURE + header(width, height, depth, colour, **more) + idat, query="&encoding=ade20k_full")

    def test_checksums(self):
        samples = samples_of(PALETTE, 8)
        chunks = split(png(samples, PALETTE, before=chunk(b"tEXt", b"a\0b")))
        for i, (kind, _) in enumerate(chunks):
            file = SIGNATURE + b"".join(chunk(k, d, 0 if k == kind else None) for k, d in chunks)
            with self.subTest(kind=kind):
                self.bad(file, "PNG", (400,))

    def test_zlib(self):
        samples = samples_of(GREY, 8)
        ihdr, idat, iend = split(png(samples))
        data, plain = idat[1], raw(samples, 8)
        wrong = bytearray(plain)
        wrong[0] = 5  # a filter that does not exist
        for name, stream in (("method", b"\x79" + data[1:]), ("window", b"\xf8" + data[1:]), ("check bits", data[:1] + b"\0" + data[2:]),
                             ("dictionary", b"\x78\xbb" + data[2:]), ("Adler", data[:-1] + bytes([data[-1] ^ 1])),
                             ("cut", data[:-4]), ("half", data[:len(data) // 2]), ("none", b""), ("one byte", data[:1]),
                             ("a line too few", zlib.compress(plain[:-14])), ("a byte too few", zlib.compress(plain[:-1])),
                             ("a byte too many", zlib.compress(plain + b"\0")), ("much too many", zlib.compress(plain + bytes(10**5))),
                             ("behind the stream", data + b"1234"), ("block type 3", b"\x78\x9c\x07" + data[3:]),
                             ("filter", zlib.compress(bytes(wrong))), ("raw deflate", data[2:-4])):
            with self.subTest(name):
                self.bad(join([ihdr, (b"IDAT", stream), iend]))

    def test_what_stands_behind(self):
        file = png(samples_of(GREY, 8))
        for more in (b"\n", b"\0", file, b"PK\5\6" + bytes(18)):
            self.bad(file + more, "after its end")

    def test_indices_past_the_palette(self):
        """The raw sample is the label, whatever colours there are."""
        samples = samples_of(PALETTE, 8)
        chunks = split(png(samples, PALETTE))
        self.same(join([chunks[0], (b"PLTE", bytes(6)), *chunks[2:]]), samples)

    def test_claims_of_much(self):
        for side in (20000, 65500, 2**31 - 1):
            file = SIGNATURE + header(side, side, 16, GREY) + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")
            self.bad(file, statuses=(400, 413))
        self.bad(SIGNATURE + header(8, 8, 8, PALETTE) + palette() + struct.pack(">I4s", 2**31 - 1, b"IDAT"))
        self.bad(SIGNATURE + header(8, 8, 8, GREY) + struct.pack(">I4s", 2**32 - 1, b"IDAT") + bytes(20))
        self.bad(SIGNATURE + header(8, 8, 8, GREY) + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(10**7)))
                 + struct.pack(">I4s", 4, b"IDAT"))
