"""Archives that two readers could see differently, or that claim what is not there: each is refused, and says why."""
import struct

import numpy as np

from bodies import npy
from errors import Errors
from zipfiles import DEFLATED, Member, archive, deflate, wide

MSE = "/v1/losses/mse"
PRED, TARGET = npy(np.array([1.0, 2.0])), npy(np.array([1.0, 4.0]))
MASK32, DESCRIBED = 0xffffffff, 1 << 3


def pred(*args, **lies):
    return Member("pred.npy", PRED, *args, **lies)


def target(*args, **lies):
    return Member("target.npy", TARGET, *args, **lies)


def descriptor(member, data, form="<4s3I"):
    values = (member.fields["crc"], len(member.packed), len(data))
    return struct.pack(form, *((b"PK\7\x08",) if "s" in form else ()), *values)


def described(form, method=DEFLATED):
    """A member whose sizes come behind it."""
    member = pred(method)
    return pred(method, flags=DESCRIBED, local_crc=0, local_packed=0, local_size=0, behind=descriptor(member, PRED, form))


class Zips(Errors):
    def good(self, *members, **lies):
        body = members[0] if isinstance(members[0], bytes) else archive(*members, **lies)
        self.assertEqual(self.ok(self.server.post(MSE, body))["value"], 2)

    def bad(self, body, said, status=400):
        problem = self.refuse(MSE, body, status)
        self.assertIn(said, problem["detail"])

    def test_good_ones(self):
        self.good(pred(), target())
        self.good(pred(DEFLATED), target(DEFLATED))
        self.good(archive(target(), pred(extra=struct.pack("<2H4s", 0xd935, 4, b"\0\0\0\0"))))
        self.good(pred(), target(), end64=True)
        self.good(pred(), target(), end64=True, offset=MASK32, count=0xffff)
        self.good(pred(local_extra=wide(len(PRED), len(PRED)), local_packed=MASK32, local_size=MASK32), target())
        self.good(pred(extra=wide(len(PRED), len(PRED)), packed=MASK32, size=MASK32), target())
        self.good(pred(), target(central_offset=MASK32, central_extra=wide(len(pred().local()))))
        for form in ("<4s3I", "<3I", "<4sI2Q", "<I2Q"):
            self.good(described(form), target())

    def test_overlaps(self):
        inner = target().local()
        quoted = Member("pred.npy", PRED + inner)  # holds the other member in its own data
        self.bad(archive(quoted, Member("target.npy", TARGET, central_offset=30 + 8 + len(PRED), local_before=b"")), "")
        body = quoted.local()
        directory = quoted.central(0) + target().central(30 + 8 + len(PRED))
        end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 2, 2, len(directory), len(body), 0)
        self.bad(body + directory + end, "overlap")
        twice = pred().local()
        directory = pred().central(0) * 2
        self.bad(twice + directory + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 2, 2, len(directory), len(twice), 0), "overlap")
        # a member that reaches into the directory
        self.bad(archive(pred(), target(packed=len(TARGET) + 10, size=len(TARGET) + 10)), "cut off")
        # a deflated member that is also within another's stream: the kernel of the 2019 bombs
        kernel = deflate(bytes(1000))
        outer = Member("a.npy", b"\0" * 5 + kernel)
        self.bad(archive(outer, Member("b.npy", bytes(1000), DEFLATED, central_offset=35)), "not where it should be")

    def test_names(self):
        self.bad(archive(pred(), pred()), "two members are named 'pred.npy'")
        self.bad(archive(pred(), target(), Member("pred", PRED)), "two tensors of the NPZ are named 'pred'")
        for name in ("", ".npy"):
            self.bad(archive(Member(name, PRED), target()), "a name is empty")
        self.bad(archive(pred(local_name=b"evil.npy"), target()), "another name")
        self.bad(archive(pred(local_name=b"pred.np"), target()), "another name")
        for name in (b"pred\0.npy", b"pred\n.npy", b"\x7f.npy"):
            self.bad(archive(Member(name, PRED), target()), "control character")
        self.refuse(MSE, archive(Member("../pred.npy", PRED), target()), 400)

    def test_sizes(self):
        for method in (0, DEFLATED):
            for change in (-1, 1, 1000, 10**9, 2**31):
                size = max(0, len(PRED) + change)
                self.refuse(MSE, archive(pred(method, size=size), target()), 400, *([413] if change >= 10**9 else []))
                packed = max(0, len(pred(method).packed) + change)
                self.refuse(MSE, archive(pred(method, packed=packed), target()), 400)
        self.bad(archive(pred(size=MASK32, packed=MASK32), target()), "64-bit sizes")
        self.bad(archive(pred(size=MASK32, packed=MASK32, extra=wide(len(PRED))), target()), "64-bit sizes")
        self.bad(archive(pred(size=MASK32, packed=MASK32, extra=struct.pack("<2H", 1, 100)), target()), "64-bit sizes")
        for value in (2**63, 2**64 - 1, 2**62):
            self.refuse(MSE, archive(pred(size=MASK32, packed=MASK32, extra=wide(value, value)), target()), 400)
            self.refuse(MSE, archive(pred(DEFLATED, size=MASK32, extra=wide(value)), target()), 400, 413)

    def test_checksums(self):
        for method in (0, DEFLATED):
            self.bad(archive(pred(method, crc=1), target()), "wrong checksum")
        self.bad(archive(Member("pred.npy", deflate(PRED)[:-3], method=0, central_method=DEFLATED, local_method=DEFLATED,
                                size=len(PRED)), target()), "does not inflate")
        tail = Member("pred.npy", PRED, DEFLATED)
        tail.packed += b"more"
        tail.fields["packed"] += 4
        self.bad(archive(tail, target()), "does not inflate")

    def test_local_headers(self):
        """The same checksum and sizes as in the directory, or 64-bit ones in their place."""
        size, large = len(PRED), {"local_packed": MASK32, "local_size": MASK32}
        for method in (0, DEFLATED):
            for field in ("crc", "packed", "size"):
                for value in (0, 1, MASK32 - 1):
                    self.bad(archive(pred(method, **{f"local_{field}": value}), target()), "in its own header")
            self.bad(archive(pred(method, central_crc=1), target()), "in its own header")
            self.bad(archive(pred(method, **large), target()), "64-bit sizes")
            self.bad(archive(pred(method, local_extra=wide(size), **large), target()), "64-bit sizes")
        # as Python 3.11 has them, and as later ones
        self.good(pred(local_extra=wide(size, size)), target())
        self.good(pred(local_extra=wide(size, size), **large), target())
        for values in ((size, size + 1), (size + 1, size), (0, 0), (2**64 - 1, 2**64 - 1)):
            self.bad(archive(pred(local_extra=wide(*values), **large), target()), "in its own header")

    def test_descriptors(self):
        """Behind a member whose sizes come later nothing but these, and the values of the directory."""
        for form in ("<4s3I", "<3I", "<4sI2Q", "<I2Q"):
            member = described(form)
            right = member.lies["behind"]
            for at in range(len(right)):
                member.lies["behind"] = right[:at] + bytes([right[at] ^ 1]) + right[at + 1:]
                self.bad(archive(member, target()), "data descriptor")
            for wrong in (b"", right[:-1], right + b"\0", right[:8], right * 2, bytes(len(right))):
                member.lies["behind"] = wrong
                self.bad(archive(member, target()), "data descriptor")
                self.bad(archive(target(), member), "data descriptor")

    def test_methods_and_flags(self):
        for method in (1, 6, 9, 12, 14, 93, 95, 99):
            self.bad(archive(pred(method=method), target()), f"method {method}", 415)
        self.bad(archive(pred(DEFLATED, local_method=0), target()), "method in its own header")
        for bit in (0, 6, 13):
            self.bad(archive(pred(flags=1 << bit), target()), "encrypted", 415)
        self.bad(archive(pred(local_flags=1), target()), "own header")

    def test_disks(self):
        self.bad(archive(pred(disk=1), target()), "several disks", 415)
        self.bad(archive(pred(), target(), disk=1), "several disks", 415)
        self.bad(archive(pred(), target(), total=3), "several disks", 415)
        self.bad(archive(pred(), target(), end64={"disk": 1}), "several disks", 415)

    def test_counts_and_places(self):
        self.bad(archive(pred(), target(), count=1), "more than its members")
        self.bad(archive(pred(), target(), count=3), "directory is broken")
        self.bad(archive(pred(), target(), count=65), "limit npz_members", 413)
        for lie in ({"size": 1}, {"size": 0}, {"offset": 0}, {"offset": 2**31}, {"size": MASK32}):
            self.bad(archive(pred(), target(), **lie), "not where it says")
        for lie, said in (({"record": 0}, "locator"), ({"record": 2**63}, "locator"), ({"bytes": 45}, "locator"),
                          ({"offset": 2**64 - 1}, "not where"), ({"size": 2**64 - 1}, "not where"),
                          ({"count": 3, "total": 3}, "directory is broken")):
            self.bad(archive(pred(), target(), end64=lie), said)
        self.bad(archive(pred(), target(), end64={"count": 2**64 - 1, "total": 2**64 - 1}), "limit npz_members", 413)

    def test_what_surrounds(self):
        end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0, 0, 0, 0, 0)
        whole = archive(pred(), target())
        self.bad(whole + b"\0", "behind its directory")
        self.bad(archive(pred(), target(), comment=b"made by hand"), "behind its directory")
        # a comment that is itself an end, of an archive without members, or of another
        self.bad(archive(pred(), target(), comment=end), "not where it says")
        self.bad(archive(pred(), target(), comment=archive(pred(), target())), "not where it says")
        self.bad(archive(pred(), target(), prefix=b"PK\3\4" + bytes(26)), "of no member")
        self.bad(archive(pred(), target(), gap=b"hidden"), "of no member")
        self.bad(archive(pred(), target(local_before=b"hidden")), "of no member")
        self.bad(archive(pred(behind=bytes(12)), target()), "of no member")
        self.bad(archive(pred(flags=DESCRIBED, behind=bytes(25)), target()), "data descriptor")
        self.bad(whole + whole, "not where it says")

    def test_every_cut(self):
        for body in (archive(described("<4sI2Q"), target()), archive(pred(), target(), end64=True)):
            for size in range(4, len(body)):
                self.assertEqual(self.server.post(MSE, body[:size]).status, 400, size)
