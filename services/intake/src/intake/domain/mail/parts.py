"""The parts of a mail: which one is the text that its reader sees, which are attachments."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message

from intake.domain.charsets import decoded
from intake.domain.mail.html_text import html_text
from intake.domain.mail.mail import Attachment
from intake.domain.mail.words import header_text, raw_bytes

MAX_PARTS = 500
MAX_TEXT = 1_000_000
MAX_EMBEDDED_BYTES = 10 * 1024**2
_META = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
_NO_HTML = re.compile(
    r"(does not|doesn't|kein|cannot|unable to) .{0,30}(support|display|view).{0,20}html", re.IGNORECASE
)
_BOUNDARY_LINE = re.compile(r"^--([^\s\"]{1,70})[ \t]*\r?\n(?=Content-)", re.MULTILINE | re.IGNORECASE)
_RETURNED = frozenset({"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"})
_MESSAGE_ID = re.compile(rb"^message-id:\s{0,10}(<[^<>\s]{1,400}>)", re.MULTILINE | re.IGNORECASE)
_HEAD_BYTES = 64 * 1024
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\u200b\u2060]")
_MANY_BLANK_LINES = re.compile(r"\n{3,}")
# From the first blank of a run only, or a long run would be tried from each of its blanks.
_TRAILING = re.compile(r"(?<![ \t\u3000\xa0])[ \t\u3000\xa0]+\n")


@dataclass
class Parts:
    plain: list[str] = field(default_factory=list)
    marked_up: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    defects: set[str] = field(default_factory=set)
    charset: str = ""
    oversized: str = ""
    returned_ids: list[str] = field(default_factory=list)
    whole_header: str = ""

    @property
    def text(self) -> str:
        """text/plain where it says something, else what the HTML shows."""
        plain = tidy("\n\n".join(self.plain))
        if self.marked_up and (not plain or (len(plain) < 300 and _NO_HTML.search(plain))):
            return tidy("\n\n".join(self.marked_up)) or plain
        return plain


def taken_apart(message: Message, whole_header: str = "") -> Parts:
    """`whole_header` names the header with size and digest of what was shortened before."""
    parts = Parts(whole_header=whole_header)
    for n, leaf in enumerate(_leaves(message, parts)):
        if n >= MAX_PARTS:
            parts.oversized = f"has more than {MAX_PARTS} parts"
            break
        _sort(leaf, parts)
    return parts


def _leaves(message: Message, parts: Parts) -> Iterator[Message]:
    """In the order of the mail; an embedded message is a leaf: what it says was said by someone else."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        kind = part.get_content_type()
        parts.kinds.add(kind)
        parts.defects.update(type(defect).__name__ for defect in part.defects)
        payload = part.get_payload()
        if kind.startswith("multipart/") and isinstance(payload, str) and (found := _by_other_boundary(payload)):
            parts.defects.add("boundary is not the declared one")
            waiting += reversed(found)
        elif isinstance(payload, list) and not kind.startswith("message/"):
            waiting += reversed([inner for inner in payload if isinstance(inner, Message)])
        else:
            yield part


def _by_other_boundary(payload: str) -> list[Message]:
    """The parts of a multipart whose declared boundary never comes, by the line that does."""
    line = _BOUNDARY_LINE.search(payload)
    if line is None:
        return []
    head = f'Content-Type: multipart/mixed; boundary="{line.group(1)}"\n\n'
    found = message_from_bytes(raw_bytes(head + payload)).get_payload()
    return [part for part in found if isinstance(part, Message)] if isinstance(found, list) else []


def _sort(part: Message, parts: Parts) -> None:
    kind, name = part.get_content_type(), _file_name(part)
    attached = part.get_content_disposition() == "attachment" or bool(name)
    if not attached and (kind in ("text/plain", "text/html") or kind.startswith("multipart/")):
        _read_text(part, kind, parts)
        return
    content = _content(part)
    if kind in _RETURNED:
        parts.returned_ids += [
            named.decode("ascii", "ignore") for named in _MESSAGE_ID.findall(content[:_HEAD_BYTES])[:1]
        ]
    if kind == "message/rfc822" and len(content) > MAX_EMBEDDED_BYTES:
        parts.oversized = f"embeds a message of more than {MAX_EMBEDDED_BYTES // 1024**2} MB"
    size, digest = _whole(part, content, parts.whole_header)
    parts.attachments.append(Attachment(name[:255], header_text(kind)[:127], size, digest))


def _whole(part: Message, content: bytes, whole_header: str) -> tuple[int, str]:
    if whole_header and (told := str(part.get(whole_header) or "")):
        size, _, digest = told.partition(" ")
        return int(size), digest.strip()
    if whole_header:
        # Of a mail within the mail: the name of the header is another for every way that a mail came by.
        content = content.replace(whole_header.encode(), b"")
    return len(content), hashlib.sha256(content).hexdigest()


def _read_text(part: Message, kind: str, parts: Parts) -> None:
    content = _content(part)[: 4 * MAX_TEXT]
    declared = part.get_content_charset() or ""
    if not declared and kind == "text/html" and (meta := _META.search(content[:4096])):
        declared = meta.group(1).decode("ascii", "ignore")
    found = decoded(content, declared)
    if found.guessed and declared:
        parts.defects.add(f"charset {header_text(declared)[:40]} does not fit")
    # Of several parts the charset that is not plain ASCII tells most.
    if parts.charset in ("", "us-ascii"):
        parts.charset = found.charset
    text = found.text[:MAX_TEXT]
    if kind == "text/html":
        parts.marked_up.append(html_text(text))
    else:
        parts.plain.append(_unflowed(text) if part.get_param("format") == "flowed" else text)


def _content(part: Message) -> bytes:
    """Decoded from its transfer encoding; of an embedded message, as it stands."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return b"".join(inner.as_bytes() for inner in payload if isinstance(inner, Message))
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _file_name(part: Message) -> str:
    name = part.get_filename()
    return header_text(name).replace("/", "_").replace("\\", "_") if name else ""


def _unflowed(text: str) -> str:
    """RFC 3676: a line that ends in a blank goes on in the next one, where both are quoted alike."""
    lines: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        flows = bool(lines) and lines[-1].endswith(" ") and lines[-1] != "-- "
        if flows and not line.startswith(">") and not lines[-1].startswith(">"):
            lines[-1] += line.removeprefix(" ")
        else:
            lines.append(line)
    return "\n".join(lines)


def tidy(text: str) -> str:
    one_end = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = _TRAILING.sub("\n", _CONTROL.sub("", one_end))
    return _MANY_BLANK_LINES.sub("\n\n", "\n".join(map(str.rstrip, plain.split("\n")))).strip()
