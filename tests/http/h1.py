#!/usr/bin/env python3
"""HTTP/1.1 as raw bytes: what must be refused, what must be taken, and what closes.

    h1.py HOST PORT     prints `ok NAME` or `FAIL NAME: DETAIL` a case; exit status 1 on a failure

A refusal passes with any of the statuses that the two generations of libmicrohttpd (0.9 and
1.0) give; the connection must then close, and no byte of the refused request may be answered as
a request of its own. The server answers GET /healthz with 200, and POST /v1/losses/mse of BODY.
"""

import socket
import sys
import time

BODY = b'{"pred":[1],"target":[2]}'
PATH = b"/v1/losses/mse"
SILENCE = 0.3  # seconds without a byte after which an open connection has said all
PATIENCE = 5.0  # seconds for anything to happen
SMUGGLED = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"

REFUSED = {400}
NO_CODING = {400, 501}


def head(*lines, method=b"POST", target=PATH, version=b"HTTP/1.1", host=b"a"):
    """A request head; `lines` are header lines without CRLF."""
    hosts = [] if host is None else [b"Host: " + host]
    first = b" ".join([method, target, version])
    return b"\r\n".join([first, *hosts, *lines, b"", b""])


def length(body=BODY):
    return b"Content-Length: %d" % len(body)


def chunks(*pieces, extension=b"", trailer=b""):
    """Pieces as a chunked body."""
    body = b"".join(b"%x%s\r\n%s\r\n" % (len(p), extension, p) for p in pieces)
    return body + b"0\r\n" + trailer + b"\r\n"


CHUNKED = b"Transfer-Encoding: chunked"
GET = dict(method=b"GET", target=b"/healthz")


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body


class Connection:
    """A socket, and the replies read from it."""

    def __init__(self, address):
        self.socket = socket.create_connection(address, timeout=PATIENCE)
        self.buffer = b""
        self.closed = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            self.closed = True

    def fill(self, timeout):
        """More bytes; False when none came in time, or the peer has closed."""
        self.socket.settimeout(timeout)
        try:
            data = self.socket.recv(65536)
        except socket.timeout:
            return False
        except OSError:
            data = b""
        self.buffer += data
        self.closed = self.closed or not data
        return bool(data)

    def reply(self, timeout=PATIENCE, bodyless=False):
        """The next reply that is not 100 Continue; None when there is none in time."""
        while b"\r\n\r\n" not in self.buffer:
            if not self.fill(timeout):
                return None
        text, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        first, *lines = text.split(b"\r\n")
        headers = [tuple(part.strip() for part in line.split(b":", 1)) for line in lines]
        headers = {name.lower(): value for name, value in (h for h in headers if len(h) == 2)}
        status = int(first.split(b" ")[1])
        size = 0 if bodyless or status in (100, 204, 304) else int(headers.get(b"content-length", 0))
        while len(self.buffer) < size and self.fill(timeout):
            pass
        body, self.buffer = self.buffer[:size], self.buffer[size:]
        return self.reply(timeout, bodyless) if status == 100 else Reply(status, headers, body)

    def ended(self):
        """Does the peer close, having sent nothing but what was read?"""
        deadline = time.monotonic() + PATIENCE
        while not self.closed and time.monotonic() < deadline:
            self.fill(SILENCE)
        return self.closed


def refuse(address, request, statuses, allow_silence=False):
    """The request is refused, the connection closes, and no second request was seen."""
    with Connection(address) as c:
        c.send(request)
        first = c.reply()
        if first is None:
            return "" if allow_silence and c.ended() else "no reply"
        if first.status not in statuses:
            return f"status {first.status}, not {sorted(statuses)}"
        if not c.ended():
            return f"open after {first.status}"
        # libmicrohttpd 0.9.75 may send its own refusal twice; never may it answer with success
        return "a second request was answered" if b" 200 " in c.buffer[:4096] else ""


def accept(address, request, count=1, statuses=frozenset({200}), bodyless=False):
    """`count` replies with one of the statuses, and a connection that can be used again."""
    with Connection(address) as c:
        c.send(request)
        for n in range(count):
            answer = c.reply(bodyless=bodyless)
            if answer is None:
                return f"no reply {n + 1}"
            if answer.status not in statuses:
                return f"status {answer.status} in reply {n + 1}: {answer.body[:80]!r}"
        return again(c)


def again(c):
    """The connection is in step: one more request gets one more reply."""
    c.send(head(**GET))
    answer = c.reply()
    if answer is None or answer.status != 200:
        return "cannot be used again"
    return f"{len(c.buffer)} stray bytes" if c.buffer else ""


# ---- what must be refused: name, request, statuses ----

def framing():
    post, smuggled = BODY, SMUGGLED
    yield "two different Content-Length", head(length(), b"Content-Length: 0") + post + smuggled, REFUSED
    yield "the same Content-Length twice", head(length(), length()) + post + smuggled, REFUSED
    yield "Content-Length as a list", head(b"Content-Length: 25, 25") + post + smuggled, REFUSED
    yield "Content-Length with a plus", head(b"Content-Length: +25") + post, REFUSED
    yield "a negative Content-Length", head(b"Content-Length: -1") + post, REFUSED
    yield "Content-Length in hexadecimal", head(b"Content-Length: 0x19") + post, REFUSED
    yield "an empty Content-Length", head(b"Content-Length:") + post + smuggled, REFUSED
    yield "Content-Length of letters", head(b"Content-Length: abc") + post, REFUSED
    yield ("a Content-Length beyond 64 bits",
           head(b"Content-Length: 99999999999999999999999") + post, {400, 413})
    yield ("Content-Length, then Transfer-Encoding",
           head(length(), CHUNKED) + chunks(post) + smuggled, REFUSED)
    yield ("Transfer-Encoding, then Content-Length",
           head(CHUNKED, b"Content-Length: 3") + chunks(post) + smuggled, REFUSED)
    yield ("a space before the colon of Content-Length",
           head(b"Content-Length : %d" % len(smuggled)) + smuggled, REFUSED)
    yield ("a space before the colon of Transfer-Encoding",
           head(b"Transfer-Encoding : chunked") + chunks(smuggled), REFUSED)
    yield ("a folded Content-Length",
           head(b"Content-Length:\r\n %d" % len(smuggled)) + smuggled, REFUSED)
    yield ("a folded Transfer-Encoding",
           head(b"Transfer-Encoding:\r\n chunked") + chunks(smuggled), NO_CODING)
    yield "a Content-Length below 64 bits", head(b"Content-Length: -99999999999999999999999") + post, REFUSED
    yield ("Transfer-Encoding on the line of another field",
           head(b"X: y\r\n Transfer-Encoding: chunked") + chunks(smuggled), REFUSED | {501})
    yield ("Content-Length on the line of another field",
           head(b"X: y\r\n Content-Length: %d" % len(smuggled)) + smuggled, REFUSED)


def codings():
    for coding in (b"gzip, chunked", b"chunked, gzip", b"identity", b"xchunked", b"chunked, chunked",
                   b"chunked;q=1", b"gzip"):
        yield (f"Transfer-Encoding: {coding.decode()}",
               head(b"Transfer-Encoding: " + coding) + chunks(BODY) + SMUGGLED, NO_CODING)
    yield ("identity, and chunked on a line of its own",
           head(b"Transfer-Encoding: identity", CHUNKED) + chunks(BODY) + SMUGGLED, NO_CODING)
    yield ("chunked in HTTP/1.0",
           head(CHUNKED, version=b"HTTP/1.0") + chunks(BODY) + SMUGGLED, NO_CODING)


def heads():
    yield "no Host", head(host=None, **GET), REFUSED
    yield "two Hosts", head(b"Host: b", **GET), REFUSED
    yield "the same Host twice", head(b"Host: a", **GET), REFUSED
    for bad in (b"a b", b"a/b", b"user@a", b"a:b", b"a:99999", b"[::1", b"a,b", b""):
        yield f"Host: {bad.decode()}", head(host=bad, **GET), REFUSED
    yield "a folded Host", head(b"Host:\r\n a", host=None, **GET), REFUSED
    yield "a folded line behind Host", head(host=b"a\r\n  continued", **GET), REFUSED
    yield "a space before the colon of Host", head(b"Host : a", host=None, **GET), REFUSED
    yield "a space in a header name", head(b"Bad Header: value", **GET), REFUSED
    yield "a bracket in a header name", head(b"X[: 1", **GET), REFUSED
    yield "a header name that is not ASCII", head(b"X\xc3\xa9: 1", **GET), REFUSED
    yield "a header line without a colon", head(b"nothing", **GET), REFUSED
    yield "a space before the first header", b"GET /healthz HTTP/1.1\r\n Host: a\r\n\r\n", REFUSED
    yield "NUL in a header name", head(b"X\0Y: 1", **GET), REFUSED
    yield "CR in a header value", head(b"X: a\rb", **GET), REFUSED
    yield "a control character in a header value", head(b"X: a\x01b", **GET), REFUSED


def lines():
    """Request lines, limits. libmicrohttpd 0.9.75 closes on some without a reply."""
    yield "HTTP/2.0", head(version=b"HTTP/2.0", **GET), {400, 505}
    yield "HTTP/1.7", head(version=b"HTTP/1.7", **GET), {400, 505}
    yield "HTTP/11", head(version=b"HTTP/11", **GET), {400, 505}
    yield "http/1.1", head(version=b"http/1.1", **GET), {400, 505}
    yield "no version", b"GET /healthz\r\nHost: a\r\n\r\n", {400, 505}
    yield "no target", b"GET HTTP/1.1\r\nHost: a\r\n\r\n", {400, 404, 505}
    yield "a space in the target", head(method=b"GET", target=b"/health z"), REFUSED
    yield "a method that is not a token", head(method=b"GE(T", target=b"/healthz"), {400, 405, 501}
    yield "bytes that are not HTTP", b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", {400, 505}
    yield "two CR before a LF", b"GET /healthz HTTP/1.1\r\r\nHost: a\r\r\n\r\r\n", REFUSED
    yield "a version on a line of its own", b"GET /healthz\r\n HTTP/1.1\r\nHost: a\r\n\r\n", {400, 505}
    yield "a target that is too long", head(method=b"GET", target=b"/" + b"a" * 200000), {414}
    yield "headers that are too large", head(b"X: " + b"a" * 200000, **GET), {431}
    yield "too many headers", head(*[b"X-%d: 1" % n for n in range(100)], **GET), {431}


# ---- what must be refused inside a body ----

def broken_chunks():
    for size in (b"-1", b"+1", b"0x1", b"g", b"1_0", b"FFFFFFFFFFFFFFFFF", b" 1", b""):
        yield (f"chunk size {size.decode()!r}",
               head(CHUNKED) + size + b"\r\na\r\n0\r\n\r\n" + SMUGGLED, {400, 413})
    yield ("a chunk whose end is missing",
           head(CHUNKED) + b"19\r\n" + BODY + b"0\r\n\r\n" + SMUGGLED, REFUSED)
    yield ("a chunk longer than its size",
           head(CHUNKED) + b"1\r\nab\r\n0\r\n\r\n" + SMUGGLED, REFUSED)


# ---- what must be taken: name, request, replies ----

def taken():
    post = head(length()) + BODY
    yield "GET", head(**GET), 1
    yield "POST with Content-Length", post, 1
    yield "a chunked POST", head(CHUNKED) + chunks(BODY), 1
    yield "one byte a chunk", head(CHUNKED) + chunks(*[BODY[n:n + 1] for n in range(len(BODY))]), 1
    yield "chunk sizes in upper case with zeros", head(CHUNKED) + b"0019\r\n" + BODY + b"\r\n0\r\n\r\n", 1
    yield "a trailer", head(CHUNKED) + chunks(BODY, trailer=b"X-Sum: 1\r\n"), 1
    yield "codings have no case", head(b"transfer-encoding: Chunked") + chunks(BODY), 1
    yield "an empty line before", b"\r\n" + head(**GET), 1
    yield "blanks around Host", b"GET /healthz HTTP/1.1\r\nHost:\ta \t \r\n\r\n", 1
    yield "Host with a port", head(host=b"localhost:8080", **GET), 1
    yield "Host as IPv6", head(host=b"[::1]:8080", **GET), 1
    yield "a header value with a tab and other bytes", head(b"X: a\tb\xff", **GET), 1
    yield "a header without a value", head(b"X:", **GET), 1
    yield "a URL as the target", head(method=b"GET", target=b"http://a/healthz"), 1
    yield "two requests at once", head(**GET) + head(**GET), 2
    yield "ten bodies at once", post * 10, 10
    yield "chunked and sized by turns", (head(CHUNKED) + chunks(BODY) + post) * 3, 6
    yield "keep-alive in HTTP/1.0", head(b"Connection: keep-alive", version=b"HTTP/1.0", **GET), 1


# ---- what one generation of libmicrohttpd takes and the other refuses; both are in order ----

def either():
    yield "bare LF", (head(length()) + BODY).replace(b"\r\n", b"\n")
    # 1.0.1 counts the LF behind an extension as the first byte of the chunk, and so refuses it.
    yield "a chunk extension", head(CHUNKED) + chunks(BODY, extension=b";a=b")
    # 0.9.75 takes it for the end of the header block. A proxy in front must refuse it.
    yield "an empty header name", head(b": 1", **GET)
    # 0.9.75 cuts the value at the NUL before anybody sees it.
    yield "NUL in a header value", head(b"X: a\0b", **GET)


# ---- the rest ----

def byte_by_byte(address):
    with Connection(address) as c:
        request = head(length()) + BODY
        for n in range(len(request)):
            c.send(request[n:n + 1])
            time.sleep(0.001)
        answer = c.reply()
        return again(c) if answer and answer.status == 200 else "not answered with 200"


def head_method(address):
    request = head(method=b"HEAD", target=b"/healthz")
    return accept(address, request, bodyless=True)


def options(address):
    with Connection(address) as c:
        c.send(head(method=b"OPTIONS"))
        answer = c.reply()
        if answer is None or answer.status not in (200, 204) or b"allow" not in answer.headers:
            return "no Allow"
        return again(c)


def other_method(address):
    with Connection(address) as c:
        c.send(head(length(), method=b"DELETE") + BODY)
        answer = c.reply()
        return "" if answer and answer.status == 405 and b"allow" in answer.headers else "not 405"


def connect(address):
    """A target that is a host is for proxies; this one has no method that takes it."""
    with Connection(address) as c:
        c.send(head(method=b"CONNECT", target=b"example.com:443"))
        answer = c.reply()
        return "" if answer and answer.status == 405 and b"allow" in answer.headers else "not 405"


def lower_case_method(address):
    """Methods have case; the error says where it ends."""
    with Connection(address) as c:
        c.send(head(method=b"get", target=b"/healthz"))
        answer = c.reply()
        if answer is None or answer.status not in (400, 405) or b"content-length" not in answer.headers:
            return "not refused, or without an end"
        return "" if answer.status == 400 else again(c)


def asterisk(address):
    with Connection(address) as c:
        c.send(head(method=b"OPTIONS", target=b"*") + head(method=b"GET", target=b"*"))
        first, second = c.reply(), c.reply()
        if first is None or first.status != 204 or b"allow" not in first.headers:
            return "OPTIONS * has no Allow"
        if second is None or second.status != 405:
            return "GET * is not 405"
        return again(c)


def large_but_within(address):
    """Nine kilobytes of a line, or of a field, are within the limits."""
    with Connection(address) as c:
        c.send(head(method=b"GET", target=b"/" + b"a" * 9000))
        answer = c.reply()
        if answer is None or answer.status != 404:
            return "not 404"
        c.send(head(b"X-Big: " + b"x" * 9000, **GET))
        answer = c.reply()
        return again(c) if answer and answer.status == 200 else "not 200"


FIRST_PART = head(length()) + BODY
CUTS = {"method": 2, "target": 9, "version": 24, "name": 30, "value": 44, "head": len(FIRST_PART) - len(BODY) - 1,
        "body": len(FIRST_PART) - 3}


def fragments(address):
    """In two pieces, cut anywhere."""
    for name, at in CUTS.items():
        with Connection(address) as c:
            c.send(FIRST_PART[:at])
            if c.fill(0.02):
                return f"answered before the {name} was whole: {c.buffer[:40]!r}"
            c.send(FIRST_PART[at:])
            answer = c.reply()
            if answer is None or answer.status != 200:
                return f"cut in its {name}: not 200"
    return ""


def expect_continue(address):
    with Connection(address) as c:
        c.send(head(length(), b"Expect: 100-continue"))
        if not c.fill(PATIENCE) or not c.buffer.startswith(b"HTTP/1.1 100"):
            return f"no 100 Continue: {c.buffer[:40]!r}"
        c.send(BODY)
        answer = c.reply()
        return again(c) if answer and answer.status == 200 else "not answered with 200"


def expect_refused(address):
    """The refusal comes before a body that was not sent; it never comes."""
    with Connection(address) as c:
        c.send(head(length(), b"Expect: 100-continue", target=b"/nowhere"))
        answer = c.reply()
        if answer is None or answer.status != 404:
            return "not 404"
        return "" if c.ended() else "open, though the body may still come"


def refused_body_is_no_request(address):
    """A path that is not there: the body is read away, and the connection stays in step."""
    with Connection(address) as c:
        c.send(head(length(SMUGGLED), target=b"/nowhere") + SMUGGLED)
        answer = c.reply()
        if answer is None or answer.status != 404:
            return "not 404"
        if answer.headers.get(b"connection") == b"close":
            return "" if c.ended() and not c.buffer else "the body was answered"
        return again(c)


def close_is_honoured(address):
    with Connection(address) as c:
        c.send(head(b"Connection: close", **GET) + head(**GET))
        answer = c.reply()
        if answer is None or answer.status != 200:
            return "not 200"
        return "" if c.ended() and not c.buffer else "open after Connection: close"


def http_1_0_closes(address):
    with Connection(address) as c:
        c.send(head(version=b"HTTP/1.0", host=None, **GET))
        answer = c.reply()
        return "" if answer and answer.status == 200 and c.ended() else "open, or not 200"


def half_closed(address):
    """A client that has finished sending, as `nc` does, still gets its answer."""
    with Connection(address) as c:
        c.send(head(length()) + BODY)
        c.socket.shutdown(socket.SHUT_WR)
        answer = c.reply()
        return "" if answer and answer.status == 200 else "no answer"


def request_id(address):
    with Connection(address) as c:
        c.send(head(b"X-Request-Id: my-id.1", **GET) + head(b"X-Request-Id: a b", **GET))
        mine, other = c.reply(), c.reply()
        if mine.headers.get(b"x-request-id") != b"my-id.1":
            return "not echoed"
        return "" if other.headers.get(b"x-request-id") not in (None, b"a b") else "bad one echoed"


SPECIAL = [
    ("one byte at a time", byte_by_byte),
    ("HEAD", head_method),
    ("OPTIONS", options),
    ("OPTIONS *, GET *", asterisk),
    ("CONNECT", connect),
    ("a method in lower case", lower_case_method),
    ("nine kilobytes", large_but_within),
    ("in two pieces", fragments),
    ("another method", other_method),
    ("Expect: 100-continue", expect_continue),
    ("Expect: 100-continue, refused", expect_refused),
    ("the body of a refused request", refused_body_is_no_request),
    ("Connection: close", close_is_honoured),
    ("HTTP/1.0 closes", http_1_0_closes),
    ("a half-closed client", half_closed),
    ("X-Request-Id", request_id),
]


def cases():
    """(name, judge); judge(address) says what is wrong, "" when nothing is."""
    for group in (framing, codings, heads):
        for name, *request in group():
            yield name, lambda address, r=request: refuse(address, *r)
    for group in (lines, broken_chunks):
        for name, *request in group():
            yield name, lambda address, r=request: refuse(address, *r, allow_silence=True)
    for name, *request in taken():
        yield name, lambda address, r=request: accept(address, *r)
    for name, request in either():
        yield name, lambda address, r=request: accept(address, r) and refuse(address, r, REFUSED)
    yield from SPECIAL


def run(host, port):
    """All cases: a list of (name, ok, detail)."""
    details = [(name, judge((host, port))) for name, judge in cases()]
    return [(name, detail == "", detail) for name, detail in details]


def load_tests(loader, _tests, _pattern):
    """Each case as a test of run.py, against a server of its own."""
    from server import Case

    class Http11(Case):
        pass

    for n, (name, judge) in enumerate(cases()):
        def test(self, judge=judge):
            self.assertEqual(judge(("127.0.0.1", self.server.port)), "")
        test.__doc__ = name
        setattr(Http11, f"test_{n:03}", test)
    return loader.loadTestsFromTestCase(Http11)


def main():
    results = run(sys.argv[1], int(sys.argv[2]))
    for name, ok, detail in results:
        print(f"ok {name}" if ok else f"FAIL {name}: {detail}")
    failed = sum(not ok for _, ok, _ in results)
    print(f"h1: {len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
