"""Request bodies: NPY, PNG, multipart."""
import io
import struct
import zlib

import numpy as np

GREY, RGB, PALETTE = 0, 2, 3


def npy(array):
    out = io.BytesIO()
    np.save(out, array, allow_pickle=False)
    return out.getvalue()


def npy_header(text, data=b""):
    """An NPY file with any header text."""
    text = text.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def png(array, colour=GREY):
    """An 8 or 16 bit PNG of [H, W], or [H, W, 3] with RGB."""
    depth = 16 if array.dtype.itemsize == 2 else 8
    rows = array.astype(">u2" if depth == 16 else "u1")
    data = b"".join(b"\0" + row.tobytes() for row in rows)

    def chunk(name, content):
        return (struct.pack(">I", len(content)) + name + content +
                struct.pack(">I", zlib.crc32(name + content)))

    size = struct.pack(">IIBBBBB", array.shape[1], array.shape[0], depth, colour, 0, 0, 0)
    colours = chunk(b"PLTE", bytes(range(256)) * 3) if colour == PALETTE else b""
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + colours +
            chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


BOUNDARY = "----scored-test-boundary"


def multipart(*parts):
    """(name, bytes) or (name, bytes, content type), in order: a body and its headers."""
    out = b""
    for name, data, *kind in parts:
        out += (f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; "
                f"filename=\"{name}\"\r\n").encode()
        out += f"Content-Type: {kind[0] if kind else 'application/octet-stream'}\r\n\r\n".encode()
        out += data + b"\r\n"
    out += f"--{BOUNDARY}--\r\n".encode()
    return out, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def tensor(array):
    """The JSON form of an array."""
    return {"dtype": str(array.dtype), "shape": list(array.shape), "data": array.ravel().tolist()}
