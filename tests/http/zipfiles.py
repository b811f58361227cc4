"""ZIP archives, written by hand (APPNOTE 6.3.10), so that every field can lie."""
import struct
import zlib

STORED, DEFLATED = 0, 8


def deflate(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


class Member:
    """A member; what is given by name replaces what would be right: in both headers, or, as local_X or central_X,
    in one."""

    def __init__(self, name, data, method=STORED, **lies):
        self.packed = deflate(data) if method == DEFLATED else data
        self.fields = {"name": name.encode() if isinstance(name, str) else name, "flags": 0, "method": method,
                       "crc": zlib.crc32(data), "packed": len(self.packed), "size": len(data), "extra": b"", "disk": 0,
                       "before": b"", "behind": b"", "offset": None}
        self.lies = lies

    def of(self, side, field):
        return self.lies.get(f"{side}_{field}", self.lies.get(field, self.fields[field]))

    def local(self):
        get = lambda field: self.of("local", field)  # noqa: E731
        return (get("before") + struct.pack("<4s5H3I2H", b"PK\3\4", 20, get("flags"), get("method"), 0, 33, get("crc"),
                                            get("packed"), get("size"), len(get("name")), len(get("extra"))) +
                get("name") + get("extra") + self.packed + get("behind"))

    def central(self, offset):
        get = lambda field: self.of("central", field)  # noqa: E731
        offset = offset + len(self.of("local", "before")) if get("offset") is None else get("offset")
        return (struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, get("flags"), get("method"), 0, 33, get("crc"), get("packed"),
                            get("size"), len(get("name")), len(get("extra")), 0, get("disk"), 0, 0, offset) +
                get("name") + get("extra"))


def archive(*members, comment=b"", prefix=b"", gap=b"", **lies):
    """Lies of the end: count, total, size, offset, disk; `end64`: True, or fields of the zip64 record that lie."""
    body, directory = prefix, b""
    for member in members:
        directory += member.central(len(body))
        body += member.local()
    body += gap
    offset, end = lies.get("offset", len(body)), b""
    count, size = lies.get("count", len(members)), lies.get("size", len(directory))
    if "end64" in lies:
        wide = {"count": len(members), "total": len(members), "size": len(directory), "offset": len(body), "disk": 0,
                "record": len(body) + len(directory), "bytes": 44, **(lies["end64"] if lies["end64"] is not True else {})}
        end = struct.pack("<4sQ2H2I4Q", b"PK\6\6", wide["bytes"], 45, 45, wide["disk"], 0, wide["count"], wide["total"],
                          wide["size"], wide["offset"])
        end += struct.pack("<4sIQI", b"PK\6\7", 0, wide["record"], 1)
    end += struct.pack("<4s4H2IH", b"PK\5\6", lies.get("disk", 0), 0, count, lies.get("total", count), size, offset,
                       len(comment))
    return body + directory + end + comment


def wide(*values):
    """A zip64 field."""
    return struct.pack(f"<2H{len(values)}Q", 1, 8 * len(values), *values)
