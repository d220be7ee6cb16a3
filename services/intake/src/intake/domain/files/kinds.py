"""What kind of file is it? Told by its bytes, never by its name. What nobody can import gets a sentence that helps."""

import re
from typing import Literal

from chassis.errors import FieldError, Invalid

Kind = Literal["csv", "ndjson", "xlsx"]

HEAD_BYTES = 4 * 1024
_EXPORT = "save or export it as CSV, XLSX or NDJSON and send that"
_SIGNATURES = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an old Excel file (.xls) or a protected one; save it as .xlsx or CSV"),
    (b"%PDF", f"is a PDF; {_EXPORT}"),
    (b"\x89PNG", f"is a picture; {_EXPORT}"),
    (b"\xff\xd8\xff", f"is a picture; {_EXPORT}"),
    (b"GIF8", f"is a picture; {_EXPORT}"),
    (b"\x1f\x8b", "is compressed (gzip); unpack it first"),
    (b"7z\xbc\xaf", "is an archive; unpack it first"),
    (b"Rar!", "is an archive; unpack it first"),
    (b"PK\x05\x06", "is an empty archive; send the file itself"),
    (b"SQLite format 3", f"is a database; {_EXPORT}"),
    (b"PAR1", f"is a Parquet file; {_EXPORT}"),
    (b"{\\rtf", f"is a text document (RTF); {_EXPORT}"),
)
_MARKUP = re.compile(r"\s*<(!doctype|html|\?xml|table|div|body|head)\b", re.IGNORECASE)
_JSON_ARRAY = re.compile(r"\s*\[\s*([\[{\]\"]|$)")
_MAIL = re.compile(r"(Return-Path|Received|From|MIME-Version|Delivered-To|Message-ID): .*\n", re.IGNORECASE)
_BINARY = bytes(set(range(32)) - set(b"\t\n\r\x0b\x0c\x1a\x1b\x00"))
_MOST_BINARY = 0.02
_MOST_NUL = 0.6


def binary_kind(head: bytes) -> Literal["xlsx", "text"]:
    """By the first bytes, at most HEAD_BYTES of them. Raises Invalid for what is known and cannot be imported."""
    if not head:
        raise refused("is empty")
    for signature, what in _SIGNATURES:
        if head.startswith(signature):
            raise refused(what)
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    if looks_binary(head):
        raise refused(f"holds no text; {_EXPORT}")
    return "text"


def looks_binary(head: bytes) -> bool:
    """Control characters that no text has. NUL counts for little: half of UTF-16 may be that."""
    if head.count(0) > _MOST_NUL * len(head):
        return True
    return len(head) - len(head.translate(None, _BINARY)) > max(2, _MOST_BINARY * len(head))


def text_kind(start: str) -> Literal["csv", "ndjson"]:
    """By the first characters. Raises Invalid for markup, mails and JSON that is not one object a line."""
    plain = start.lstrip("\ufeff")
    if _MARKUP.match(plain):
        raise refused(f"is a web page or XML; {_EXPORT}")
    if _JSON_ARRAY.match(plain):
        raise refused("is a JSON array; write one object per line (NDJSON), without brackets and commas around them")
    if _MAIL.match(plain):
        raise refused("is a mail; send it to POST /v1/channels/mail/messages")
    if not plain.lstrip().startswith("{"):
        return "csv"
    if plain.lstrip().split("\n", 1)[0].strip() == "{":
        raise refused("is JSON over several lines; write one object per line (NDJSON)")
    return "ndjson"


def refused(what: str) -> Invalid:
    return Invalid(f"the file cannot be imported: it {what}", [FieldError("file", what)])
