#!/usr/bin/python3
"""power10.py - writes src/codec/power10.inc: 10^q as the top 128 bits of its binary digits, cut off."""
import sys

FIRST, LAST = -342, 324


def top_bits(q):
    """floor(10^q / 2^e) with the e that gives 128 bits."""
    if q >= 0:
        power = 10**q
        shift = power.bit_length() - 128
        return power >> shift if shift >= 0 else power << -shift
    power = 10**-q
    bits = power.bit_length() + 128
    value = (1 << bits) // power
    return value >> (value.bit_length() - 128)


def main(path="src/codec/power10.inc"):
    rows = [top_bits(q) for q in range(FIRST, LAST + 1)]
    with open(path, "w") as out:
        out.write(f"/* 10^{FIRST} to 10^{LAST}, written by tools/power10.py; do not edit. */\n")
        for i in range(0, len(rows), 2):
            out.write(", ".join(f"{{0x{r >> 64:016x}, 0x{r % 2**64:016x}}}" for r in rows[i : i + 2]) + ",\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
