#!/usr/bin/python3
"""make_texts.py - writes texts.tsv: texts that are JSON by RFC 8259 (y), that are not (n), and where the
RFC leaves it to us (i+ taken, i- refused). A line is: kind, name, the text between quotes, its backslashes and what is
not ASCII as \\x and two digits. The decoder (tests/unit/test_json_texts.c) and the server (tests/http/jsontexts.py) read it."""
import os
import sys

DEPTH = 32  # the limit json_depth


def numbers():
    for sign in ("", "-"):
        for whole in ("0", "7", "10", "90071992547409931", "1" * 40):
            for fraction in ("", ".0", ".5", ".000001", "." + "3" * 40):
                for exponent in ("", "e0", "E5", "e+2", "E-3", "e400", "e-400"):
                    if (len(whole) < 3 or not fraction) and (not exponent or len(fraction) < 4):
                        yield "y", "number", f"[{sign}{whole}{fraction}{exponent}]"
    for text in ("01", "-01", "00", "-", "--1", "+1", "1.", "-1.", ".5", "-.5", "1.e5", "1.5.2", "1e", "1e+", "1e-",
                 "1e5.2", "1e5e5", "1ee5", "1e+-2", "0x10", "0x", "1a", "1_000", "1,5.", "1 2", "- 1", "1 .5", "1. 5", "1 e5",
                 "1e 5", "0e", "0e+", "0.e1", "2.e3", "2.e+3", "1/2", "1+2", "1-2", "0-1", "Inf", "+Infinity", "nan", "NAN",
                 "-NaN", "Infinit", "Infinityx", "NaN1", "-nan", "1f", "1L", "1e1000x", "\u0661", "\uff11", "1\u00a02", "012.5",
                 "-012", "1.2.3e4", "e5", "E", ".", "-.", "..", "1..2", "0.1.", "#1", "$1", "1%"):
        yield "n", "number", f"[{text}]"
        if "," not in text:
            yield "n", "number alone", text
    for text in ("0", "-0", "12", "1.5e3", "-1E-2"):
        yield "y", "number alone", text
        yield "y", "number in blanks", f" \t\r\n{text}\n"
    for text in ("NaN", "Infinity", "-Infinity"):
        yield "i+", "not finite", f"[{text}]"


def strings():
    for text in ("", "a", " ", "\\\"", "\\\\", "\\/", "/", "\\b\\f\\n\\r\\t", "\\u0041", "\\u00e9\\u20AC", "\\uD834\\uDD1E",
                 "\\ud834\\udd1e", "\\u0000", "\\uFFFF", "\\u2028", "\\\\u0041", "\\\\\\\"", "a\\u0020b", "[", "]", "{", "}", ",",
                 ":", "//", "/* no */", "null", "\u00e9", "\u20ac", "\U0001d11e", "\uffff", "\ue000", "\u2028\u2029", "\x7f",
                 "\u0080", "\U0010ffff", "a" * 200, "\u00e9" * 100, "x" * 63 + "\\n" + "y" * 63):
        yield "y", "string", f'["{text}"]'
        yield "y", "string as a key", f'{{"{text}": 0}}'
        yield "y", "string alone", f'"{text}"'
    for text in ("\\", "\\a", "\\'", "\\v", "\\0", "\\x41", "\\u", "\\u1", "\\u12", "\\u123", "\\u123g", "\\uXYZW", "\\u 123", "\\U0041",
                 "\\ ", "\\\n", "\\\u00e9", "\x00", "\x01", "\x1f", "\n", "\t", "\r", "a\nb", "a\tb", "\b", "\x0c",
                 "x" * 70 + "\n" + "y" * 70, "x" * 64 + "\x00"):
        yield "n", "string", f'["{text}"]'
        yield "n", "string as a key", f'{{"{text}": 0}}'
    for text in ('["a', '["a]', '"', '"a', "['a']", "'a'", "[a]", "[\"a\" \"b\"]", '["a"b]', '[\\"a\\"]', "[\\u0041]", '["\\', '["\\u0041',
                 '["a\\"]', '{a: 0}', "{'a': 0}", '{"a: 0}'):
        yield "n", "quotes", text
    for text in ("\\ud800", "\\udc00", "\\ud800\\ud800", "\\ud800a", "\\ud800\\n", "\\udfff\\ud800", "\\ud834\\u0041", "a\\udbff"):
        yield "i-", "half of a pair", f'["{text}"]'
    for name, data in (("continuation", b"\x80"), ("continuation", b"\xbf"), ("cut after 1 of 2", b"\xc3"), ("cut after 1 of 3", b"\xe2"),
                       ("cut after 2 of 3", b"\xe2\x82"), ("cut after 3 of 4", b"\xf0\x9d\x84"), ("overlong", b"\xc0\x80"),
                       ("overlong", b"\xc1\xbf"), ("overlong", b"\xe0\x80\xaf"), ("overlong", b"\xe0\x9f\xbf"), ("overlong", b"\xf0\x80\x80\xaf"),
                       ("overlong", b"\xf0\x8f\xbf\xbf"), ("surrogate", b"\xed\xa0\x80"), ("surrogate", b"\xed\xbf\xbf"),
                       ("beyond U+10FFFF", b"\xf4\x90\x80\x80"), ("beyond U+10FFFF", b"\xf5\x80\x80\x80"), ("no such byte", b"\xfe"),
                       ("no such byte", b"\xff"), ("latin-1", b"caf\xe9"), ("five bytes", b"\xf8\x88\x80\x80\x80")):
        yield "i-", "UTF-8, " + name, b'["' + data + b'"]'
        yield "i-", "UTF-8 far in, " + name, b'["' + b"x" * 90 + data + b"y" * 90 + b'"]'


def structures():
    for text in ("[]", "{}", "[[]]", "[{}]", '{"a":[]}', '{"a":{}}', "[[],[[]]]", " [ ] ", "\t{\n}\r", '{"a" : 1 , "b" : 2}', "[1 ,\n2\t,\r3]",
                 "[null]", "[true]", "[false]", "null", "true", "false", '[null,1,"a",{},[],true]', '{"":0}', '{"a":{"a":{"a":0}}}',
                 '[{"a":0},{"a":0}]', "[" + "1," * 500 + "1]", "[" + "[0]," * 300 + "[0]]", '{"a":"b"}', '[""]', "[-0,-0.0]", '{"\\u0061":1}'):
        yield "y", "structure", text
    for text in ("", " ", "\n", "[", "]", "{", "}", "[1", "[1,", "[,", "[,]", "[,1]", "[1,]", "[1,,2]", "[1,,]", "[1 2]", "[1]]", "[[1]", "[1}", "{1]",
                 "{]", "[}", "][", "}{", ",", ":", '{"a"}', '{"a":}', '{"a",}', '{"a":1,}', '{,"a":1}', '{"a":1,,"b":2}', '{"a":1 "b":2}',
                 '{"a" 1}', '{"a"::1}', '{"a":1:2}', "{:1}", "{1:1}", "{null:1}", "{true:1}", "{[]:1}", '{"a":1', '{"a":', '{"a"', '{"a":1}}',
                 "[1]x", "[1] 2", "[] []", "{} {}", "1 2", "null null", '"a" "b"', "[1];", "[1]#", "[1]//", "[1]/**/", "/**/[1]", "[1/**/]",
                 "//x\n[1]", "[1]\x00", "\x00[1]", "[\x00]", "[1,\x00 2]", "[1\x00]", "nul", "nulll", "Null", "NULL", "tru", "truE", "True",
                 "fals", "False", "undefined", "[nul]", "[true,fals]", "[trueish]", "[truefalse]", "[null1]", "<null>", "<a>[1]</a>", "[1]<",
                 "(1)", "[1;2]", "[1:2]", "[*]", "[&]", "[...]", "\x0c[1]", "\x0b[1]", "[1]\x0c", "[\x0b1]", "\u00a0[1]", "[1]\u00a0", "\u2060[1]",
                 "[\u2003 1]", "\u3000[1]", "{\"a\":1}}", "[[[[]]]", '{"a":[}', '{"a":[1,}', '[{"a":1]', "[1,2", "[\"a\",", '{"a":"b', "[" + "1," * 500 + "]",
                 "[" + "1," * 500 + "1", "[" + "1," * 500 + "1]]", "[" + "1, " * 400 + "01]", "[" + "1, " * 400 + "1.]", "[" + "1," * 400 + ",1]",
                 "[" + "1 " * 400 + "1]", "[" + "1.5e3," * 200 + "1.5e]", "[" + "[1,2]," * 200 + "[1,2]", "[" + "[1,2]," * 200 + "[1 2]]"):
        yield "n", "structure", text
    for text in ('{"a":1,"a":1}', '{"a":1,"a":2}', '{"a":{},"b":0,"a":[]}', '{"a":1,"\\u0061":2}', '[{"b":{"a":1,"a":1}}]', '{"":0,"":0}'):
        yield "i-", "a key twice", text
    for size, kind in ((1, "y"), (DEPTH, "y"), (DEPTH + 1, "i-"), (500, "i-"), (100000, "i-")):
        yield kind, f"arrays {size} deep", "[" * size + "]" * size
        yield kind, f"objects {size} deep", '{"a":' * (size - 1) + "{}" + "}" * (size - 1)
    for size in (DEPTH, 200, 100000):
        yield "n" if size <= DEPTH else "i-", f"{size} arrays that stay open", "[" * size
    yield "i-", "objects that stay open", '{"a":' * 50000


def encodings():
    text = '[1, "a"]'
    for name in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        yield "n", name, text.encode(name)
    for name, bom in (("UTF-8", b"\xef\xbb\xbf"), ("UTF-16", b"\xff\xfe"), ("UTF-16", b"\xfe\xff")):
        yield "i-", name + " byte order mark", bom + text.encode("utf-8" if name == "UTF-8" else "utf-16-le")
    yield "i-", "a byte order mark and nothing", b"\xef\xbb\xbf"
    yield "n", "half of a byte order mark", b"\xef\xbb[1]"
    yield "n", "a byte order mark inside", b"[\xef\xbb\xbf1]"
    yield "n", "not ASCII outside of a string", "[\u00e9]"
    yield "n", "a byte that is nothing", b"[\xff]"
    yield "n", "a byte that is nothing", b"\xe5"


def texts():
    for kind, name, text in (case for part in (numbers, strings, structures, encodings) for case in part()):
        yield kind, name, text if isinstance(text, bytes) else text.encode()


def line(kind, name, data):
    return f'{kind}\t{name}\t"' + "".join(chr(b) if 32 <= b < 127 and b != 92 else f"\\x{b:02x}" for b in data) + '"\n'


def whole():
    return "".join(line(*case) for case in texts() if len(case[2]) <= 2000)


if __name__ == "__main__":
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "texts.tsv")
    with open(path, "w", encoding="ascii") as f:
        f.write(whole())
    sys.exit(0)
