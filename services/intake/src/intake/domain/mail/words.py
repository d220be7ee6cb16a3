"""Header values as people read them: encoded words (RFC 2047, also badly made ones) and raw 8-bit bytes."""

import binascii
import quopri
import re
from collections.abc import Iterator

from intake.domain.charsets import decoded

_WORD = re.compile(r"=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(r"(\?=)\s+(?==\?[^?\s]+\?[bBqQ]\?)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_INVISIBLE = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def header_text(value: str, charset: str = "") -> str:
    """One line without control characters. `value` holds raw bytes as surrogates; `charset` is the guess for them."""
    text = "".join(_pieces(_BETWEEN.sub(r"\1", value), charset))
    return " ".join(_CONTROL.sub(" ", _INVISIBLE.sub("", text)).split())


def raw_bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape")


def _pieces(value: str, charset: str) -> Iterator[str]:
    """Neighbouring words of one charset are decoded together: many mailers cut characters in two."""
    end, waiting, of = 0, b"", ""
    for word in _WORD.finditer(value):
        name, kind, content = word.groups()
        between = value[end : word.start()]
        if waiting and (between or name.lower() != of):
            yield decoded(waiting, of).text
            waiting = b""
        if between:
            yield decoded(raw_bytes(between), charset).text
        waiting, of, end = waiting + _content(kind, content), name.lower().partition("*")[0], word.end()
    if waiting:
        yield decoded(waiting, of).text
    if end < len(value):
        yield decoded(raw_bytes(value[end:]), charset).text


def _content(kind: str, content: str) -> bytes:
    given = raw_bytes(content)
    if kind in "qQ":
        return quopri.decodestring(given, header=True)
    try:
        return binascii.a2b_base64(given + b"===")
    except binascii.Error:
        return given
