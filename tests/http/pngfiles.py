"""PNG files, written by hand (ISO 15948): every colour type, depth, filter, with Adam7 or without."""
import struct
import zlib

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
DEPTHS = {GREY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8), GREY_ALPHA: (8, 16), RGBA: (8, 16)}
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(kind, data, crc=None):
    crc = zlib.crc32(kind + data) if crc is None else crc
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)


def header(width, height, depth, colour, interlace=0, compression=0, filters=0):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, compression, filters, interlace))


def pack(row, depth):
    """A row of samples as bytes."""
    if depth >= 8:
        return row.astype(">u2" if depth == 16 else "u1").tobytes()
    bits = np.unpackbits(row.astype("u1").reshape(-1, 1), axis=1)[:, 8 - depth:]
    return np.packbits(bits.ravel()).tobytes()


def paeth(a, b, c):
    p = a + b - c
    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
    return a if pa <= pb and pa <= pc else b if pb <= pc else c


def filtered(line, above, kind, step):
    """A line under filter 0 to 4, its kind first."""
    out = bytearray([kind])
    for i, byte in enumerate(line):
        a, b, c = (line[i - step] if i >= step else 0), above[i], (above[i - step] if i >= step else 0)
        out.append((byte - (0, a, b, (a + b) // 2, paeth(a, b, c))[kind]) & 255)
    return bytes(out)


def lines(samples, depth, kinds):
    """One pass; row y has filter kinds[y % len(kinds)]."""
    step = max(1, depth * (samples.shape[2] if samples.ndim == 3 else 1) // 8)
    out, above = b"", None
    for y, row in enumerate(samples):
        line = pack(row.reshape(-1), depth)
        out += filtered(line, above or bytes(len(line)), kinds[y % len(kinds)], step)
        above = line
    return out


def raw(samples, depth, interlaced=False, kinds=(0,)):
    """What IDAT holds, not yet deflated."""
    if not interlaced:
        return lines(samples, depth, kinds)
    passes = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7]
    return b"".join(lines(part, depth, kinds) for part in passes if part.size)


def palette(entries=256):
    return chunk(b"PLTE", bytes((i * 7) % 256 for i in range(3 * entries)))


def png(samples, colour=GREY, depth=8, interlaced=False, kinds=(0,), before=b"", pieces=1):
    """`before`: chunks between IHDR and IDAT; `pieces`: of IDAT."""
    data = zlib.compress(raw(samples, depth, interlaced, kinds))
    size = -(-len(data) // pieces)
    if colour == PALETTE:
        before += palette(min(256, 1 << depth))
    idat = b"".join(chunk(b"IDAT", data[i:i + size]) for i in range(0, len(data), size))
    return (SIGNATURE + header(samples.shape[1], samples.shape[0], depth, colour, int(interlaced)) + before + idat +
            chunk(b"IEND", b""))


def split(file):
    """The chunks of a file: [(kind, data)]."""
    out, at = [], len(SIGNATURE)
    while at < len(file):
        size, kind = struct.unpack_from(">I4s", file, at)
        out.append((kind, file[at + 8:at + 8 + size]))
        at += 12 + size
    return out


def join(chunks):
    return SIGNATURE + b"".join(chunk(kind, data) for kind, data in chunks)
