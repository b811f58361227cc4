#!/usr/bin/python3
"""Writes tests/unit/codec_fixtures.h: NPY files by NumPy, and PNG files by hand with zlib, each
with the elements that must come out (little-endian, row-major)."""

import io
import os
import struct
import subprocess
import zlib

import numpy as np

HEADER = """/* codec_fixtures.h - written by tests/golden/make_codec_fixtures.py; do not edit. */
#pragma once

#include <stddef.h>

#include "tensor.h"

struct fixture {
    const char *name, *file;
    size_t file_size;
    enum sc_dtype dtype;
    int rank;
    int64_t dim[3];
    const char *elements;
    size_t elements_size;
};
"""


def literal(data):
    """A C string literal: octal escapes of three digits end by themselves."""
    lines, line = [], ""
    for byte in data:
        char = chr(byte)
        line += char if 32 <= byte < 127 and char not in '"\\?' else f"\\{byte:03o}"
        if len(line) > 72:
            lines.append(f'"{line}"')
            line = ""
    lines.append(f'"{line}"')
    return "\n     ".join(lines)


def fixture(name, file, array):
    dtype = f"SC_{array.dtype.name.upper()}"
    dims = ", ".join(str(n) for n in array.shape) or "0"
    elements = array.astype(array.dtype.newbyteorder("<")).tobytes(order="C")
    return (f'    {{"{name}",\n     {literal(file)},\n     {len(file)}, {dtype}, {array.ndim}, '
            f"{{{dims}}},\n     {literal(elements)},\n     {len(elements)}}},\n")


def values(dtype, shape):
    """The extremes of the dtype first, then small numbers."""
    count = int(np.prod(shape))
    if dtype == "b1":
        return (np.arange(count) % 3 == 1).reshape(shape)
    if dtype[0] == "f":
        info = np.finfo(dtype)
        out = np.arange(count, dtype=dtype) / 4 - 1
        out[:3] = info.max, -info.tiny, np.inf
    else:
        info = np.iinfo(dtype)
        out = np.arange(count).astype(dtype)
        out[:2] = info.max, info.min
    return out.reshape(shape)


def save(array, version=None):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=version)
    return file.getvalue()


def npy_fixtures():
    for dtype in "b1 u1 u2 u4 u8 i1 i2 i4 i8 f2 f4 f8".split():
        for order in "<>":
            for layout in "CF":
                array = values(dtype, (2, 3))
                file = save(np.asarray(array, dtype=order + dtype, order=layout))
                yield fixture(f"npy {order}{dtype} {layout}", file, array)
    cube = values("i4", (2, 3, 4))
    yield fixture("npy 3-D F", save(np.asfortranarray(cube)), cube)
    yield fixture("npy 3-D >F", save(np.asfortranarray(cube.astype(">i4"))), cube)
    yield fixture("npy scalar", save(np.float64(0.1)[()].reshape(())), np.array(0.1))
    yield fixture("npy empty", save(np.zeros((0, 3), "f4")), np.zeros((0, 3), "f4"))
    yield fixture("npy version 2", save(cube, (2, 0)), cube)
    yield fixture("npy version 3", save(cube, (3, 0)), cube)


def npy_by_hand(header, data):
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


def odd_npy_fixtures():
    three = np.arange(3, dtype="u1")
    for name, header in [
            ("Python 2", b"{'descr': '|u1', 'fortran_order': False, 'shape': (3L,), }\n"),
            ("other order", b"{'shape':(3,),'fortran_order':False,'descr':'u1'}"),
            ("double quotes", b'{"descr": "=u1", "fortran_order": False, "shape": (3,)}   \n')]:
        yield fixture(f"npy {name}", npy_by_hand(header, three.tobytes()), three)
    yield fixture("npy bool of 2 and 255",
                  npy_by_hand(b"{'descr':'|b1','fortran_order':False,'shape':(4,)}",
                              b"\x00\x01\x02\xff"), np.array([False, True, True, True]))


def chunk(kind, data):
    return (struct.pack(">I", len(data)) + kind + data +
            struct.pack(">I", zlib.crc32(kind + data)))


def pack_rows(samples, depth):
    """Rows of packed samples, each after filter byte 0."""
    out = b""
    for row in samples:
        bits = "".join(f"{sample:0{depth}b}" for pixel in row for sample in np.atleast_1d(pixel))
        bits += "0" * (-len(bits) % 8)
        out += b"\x00" + bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
    return out


ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
         (0, 1, 1, 2)]


def png(samples, depth, colour, interlaced):
    height, width = samples.shape[:2]
    if interlaced:
        passes = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7]
        raw = b"".join(pack_rows(p, depth) for p in passes if p.size)
    else:
        raw = pack_rows(samples, depth)
    palette = b""
    if colour == 3:
        entries = min(1 << depth, 40)
        palette = chunk(b"PLTE", bytes((i * 5) % 256 for i in range(3 * entries)))
    return (b"\x89PNG\r\n\x1a\n" +
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0,
                                       int(interlaced))) + chunk(b"tEXt", b"Comment\x00mask") +
            palette + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b""))


CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def png_fixtures(colours):
    depths = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
    for colour in colours:
        for depth in depths[colour]:
            for interlaced in (False, True):
                most = 40 if colour == 3 else 1 << depth
                shape = (7, 11) if CHANNELS[colour] == 1 else (7, 11, CHANNELS[colour])
                samples = (np.arange(np.prod(shape)) * 2654435761 >> 7) % min(most, 1 << depth)
                samples = samples.reshape(shape).astype("u2" if depth == 16 else "u1")
                name = f"png colour {colour} depth {depth} {'Adam7' if interlaced else 'plain'}"
                yield fixture(name, png(samples, depth, colour, interlaced), samples)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    path = os.path.join(here, "..", "unit", "codec_fixtures.h")
    with open(path, "w") as out:
        out.write(HEADER)
        for name, rows in [("npy_fixtures", [*npy_fixtures(), *odd_npy_fixtures()]),
                           ("png_fixtures", png_fixtures((0, 3))),
                           ("png_refused", png_fixtures((2, 4, 6)))]:
            out.write(f"\nstatic const struct fixture {name}[] = {{\n{''.join(rows)}}};\n")
    subprocess.run(["clang-format", "-i", path], check=True)


main()
