"""A large mail without most of what its parts hold, before it is taken apart: the standard library takes up to forty
times the size of what it reads.

The text that people read stands at the start of a part; of the rest only size and digest are needed. They go into a
header of the part, whose name no mail can know beforehand.
"""

import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

LARGE_BYTES = 1024**2
_KEPT_OF_ONE = 1024**2
_KEPT_OF_ALL = 3 * 1024**2
_ALWAYS_KEPT = 8 * 1024
_MOST_PARTS_SHORTENED = 2_000
_HEAD_BYTES = 64 * 1024
_SLICE_BYTES = 1024**2
_BOUNDARY = re.compile(rb"""boundary\s{0,10}=\s{0,10}(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))""", re.IGNORECASE)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_BASE64 = re.compile(rb"^content-transfer-encoding:\s{0,10}base64", re.IGNORECASE | re.MULTILINE)
_NAME = "X-Redress-Whole-"


@dataclass(frozen=True, slots=True)
class Shortened:
    raw: bytes
    header: str
    """Name of the header that tells size and digest; empty when nothing was shortened."""


def shortened(raw: bytes) -> Shortened:
    """Small ones as they are."""
    if len(raw) <= LARGE_BYTES:
        return Shortened(raw, "")
    header = _NAME + hashlib.sha256(raw).hexdigest()[:24]
    out, left = bytearray(), _KEPT_OF_ALL
    for n, (start, end) in enumerate(_sections(raw)):
        kept = max(_ALWAYS_KEPT, min(_KEPT_OF_ONE, left)) if n < _MOST_PARTS_SHORTENED else 0
        before = len(out)
        _append(out, raw, (start, end), kept, header.encode())
        left -= len(out) - before
    return Shortened(bytes(out), header)


def _sections(raw: bytes) -> Iterator[tuple[int, int]]:
    """From one line of a declared boundary to the next; the first begins with the headers of the mail."""
    declared = {found[1] or found[2] for found in _BOUNDARY.finditer(raw)}
    start = 0
    if declared:
        longest_first = sorted(declared, key=len, reverse=True)
        line = re.compile(rb"^--(?:" + b"|".join(map(re.escape, longest_first)) + rb")(?:--)?[ \t]*\r?\n", re.MULTILINE)
        for found in line.finditer(raw):
            yield start, found.end()
            start = found.end()
    yield start, len(raw)


def _append(out: bytearray, raw: bytes, section: tuple[int, int], kept: int, header: bytes) -> None:
    start, end = section
    # A boundary line ends the section: it stays, whatever is cut before it.
    last_line = raw.rfind(b"\n", start, end - 1) + 1 if end < len(raw) else end
    if last_line - start <= kept:
        out += raw[start:end]
        return
    blank = _BLANK_LINE.search(raw, start, min(start + _HEAD_BYTES, last_line))
    body = blank.end() if blank else start
    if blank and last_line - body > kept:
        size, digest = _digest(raw, body, last_line, base64=bool(_BASE64.search(raw, start, body)))
        out += header + b": %d %s\r\n" % (size, digest.encode())
    out += raw[start:body]
    cut = min(body + kept, last_line)
    whole_lines = raw.rfind(b"\n", body, cut) + 1
    out += raw[body : whole_lines or cut]
    out += raw[last_line:end]


def _digest(raw: bytes, start: int, end: int, *, base64: bool) -> tuple[int, str]:
    """Of the decoded content of a base64 part; of any other, of its bytes without the line end before the boundary."""
    hashed, size, waiting = hashlib.sha256(), 0, b""
    for at in range(start, end, _SLICE_BYTES):
        piece = raw[at : min(at + _SLICE_BYTES, end)]
        if base64:
            text = waiting + piece.translate(None, b" \t\r\n")
            whole = len(text) - len(text) % 4
            waiting, piece = text[whole:], _decoded(text[:whole])
        hashed.update(piece)
        size += len(piece)
    return size, hashed.hexdigest()


def _decoded(text: bytes) -> bytes:
    try:
        return binascii.a2b_base64(text)
    except binascii.Error:
        return text
