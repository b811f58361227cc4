"""safetensors files, written by hand: the format, not a library."""
import json
import struct

import numpy as np

NAMES = {"bool": "BOOL", "uint8": "U8", "uint16": "U16", "uint32": "U32", "uint64": "U64", "int8": "I8",
         "int16": "I16", "int32": "I32", "int64": "I64", "float16": "F16", "float32": "F32", "float64": "F64"}
DTYPES = {name: dtype for dtype, name in NAMES.items()}


def entries(arrays):
    """The header as an object, and the data."""
    header, data = {}, b""
    for name, array in arrays.items():
        array = np.asarray(array)
        begin = len(data)
        data += np.ascontiguousarray(array).tobytes()
        header[name] = {"dtype": NAMES[str(array.dtype)], "shape": list(array.shape),
                        "data_offsets": [begin, len(data)]}
    return header, data


def pack(header, data=b"", align=8):
    """A file of a header, an object or JSON as it stands, and its data."""
    text = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % align)
    return struct.pack("<Q", len(text)) + text + data


def safetensors(**arrays):
    return pack(*entries(arrays))


def unpack(file):
    """{name: array}, {text: text}; each byte of the data must be of one tensor, and aligned."""
    size = struct.unpack_from("<Q", file)[0]
    assert size % 8 == 0 and file[8:9] == b"{"
    header, data = json.loads(file[8:8 + size]), file[8 + size:]
    texts, arrays, end = header.pop("__metadata__", {}), {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, until = entry["data_offsets"]
        assert begin == end, f"{name} begins at {begin}, not {end}"
        if entry["dtype"] == "BF16":
            array = np.frombuffer(data[begin:until], "<u2").astype("<u4") << 16
            array = array.view("<f4")
        else:
            array = np.frombuffer(data[begin:until], np.dtype(DTYPES[entry["dtype"]]).newbyteorder("<"))
        assert begin % array.itemsize == 0 or entry["dtype"] == "BF16"
        arrays[name], end = array.reshape(entry["shape"]), until
    assert end == len(data), f"{len(data) - end} bytes of no tensor"
    assert all(isinstance(text, str) for text in texts.values())
    return arrays, texts
