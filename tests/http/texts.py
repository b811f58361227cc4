"""Texts of clients: in errors, in headers, and where others took them for names of things."""
import re

import numpy as np

from archives import archive
from bodies import multipart, npy, npy_header
from hazards import MSE, RELU, Hazards


class Texts(Hazards):
    """What a client sends is shown to it, cut and escaped, and is never a name of anything here."""

    def test_nothing_is_fetched_or_opened(self):
        for text in ("http://127.0.0.1:1/x.npy", "file:///etc/passwd", "/etc/passwd", "../../etc/passwd"):
            self.malformed(MSE, {"pred": text, "target": [1]})
            self.assertEqual(self.server.get(f"/v1/operations/losses/{text}").status, 404)
        for path in ("/../etc/passwd", "/%2e%2e/etc/passwd", "/v1/../../etc/passwd", "/openapi.yaml/../../x",
                     "//etc/passwd"):
            reply = self.server.get(path)
            self.assertEqual(reply.status, 404, reply)
            self.assertNotIn(b"root:", reply.body)

    def test_names_are_shown_cut_and_escaped(self):
        name = "\x00\x1b[31m\r\nSet-Cookie: a=b\r\n\r\n<script>\u202e" + "a" * 5000
        for body in ({name: [1]}, {"pred": [1], "target": [1], "params": {name: 1}}):
            reply = self.send(MSE, body)
            self.assertIn(reply.status, (400, 413), reply)
            self.assertIsNone(reply.headers["Set-Cookie"])
            self.assertLess(len(reply.body), 4096)
            self.assertIsNone(re.search(rb"[\x00-\x09\x0b-\x1f]", reply.body), reply)

    def test_bytes_that_are_no_text(self):
        odd = bytes(range(1, 9)) + bytes(range(128, 256))
        zipped = archive(("x.npy", npy(np.zeros(1))))
        bodies = [(zipped.replace(b"x.npy", b"\xff\xfe\xfd\xfc\xfb"), {}),
                  multipart(("x", npy_header("{'descr': '\x7f\xff'}"))),
                  (b"--B\r\nContent-Disposition: form-data; name=\"" + odd + b"\"\r\n\r\n1\r\n--B--",
                   {"Content-Type": "multipart/form-data; boundary=B"})]
        for body, headers in bodies:
            reply = self.send(RELU, body, headers)
            self.assertIn(reply.status, (400, 415), reply)
            reply.json()
        reply = self.send(RELU, {"x": 1}, {"Accept": "\xff\xfe/\x80", "X-Request-Id": "\xff"})
        self.assertEqual(reply.status, 406)
        reply.json()

    def test_headers_that_crash_others(self):
        for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Range", "Cookie", "Authorization", "TE", "Trailer",
                     "Upgrade", "If-None-Match", "If-Modified-Since", "Content-MD5", "Expect", "traceparent"):
            for value in ("", ",", ",,,,", "a" * 2000, "=;=;", "%00", "bytes=0-,1-,2-", "-1"):
                reply = self.server.post(MSE, {"pred": [1], "target": [3]}, {name: value})
                self.assertIn(reply.status, (200, 400, 401, 417), (name, value, reply))

    def test_media_types_that_break_readers(self):
        for kind in ("", ";", ";;;;", "=", "a" * 6000, "multipart/form-data; boundary=",
                     "multipart/form-data; boundary=\"", "multipart/form-data; boundary=\"\\",
                     "application/octet-stream; dtype=; shape=", "application/json; charset=\"",
                     "application/octet-stream; dtype=uint8; shape=" + ",".join(["1"] * 100),
                     "application/octet-stream; dtype=uint8; shape=" + "9" * 300):
            for body in (b"{}", b"\0" * 8, b""):
                reply = self.send(MSE, body, {"Content-Type": kind, "Accept": kind})
                self.assertIn(reply.status, (400, 406, 413, 415), (kind[:60], body, reply))
