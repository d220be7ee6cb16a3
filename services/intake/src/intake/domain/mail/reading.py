"""Raw RFC 5322 bytes to a Mail. Never raises: what cannot be read says so in `broken`."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.policy import Compat32
from email.utils import getaddresses, parsedate_to_datetime

from intake.domain.files.kinds import looks_binary
from intake.domain.mail.mail import Mail
from intake.domain.mail.parts import Parts, taken_apart
from intake.domain.mail.shortening import shortened
from intake.domain.mail.words import header_text, raw_bytes
from intake.domain.texts import HAN
from intake.domain.validation import is_email

MAX_BOUNDARIES = 200
MAX_HEADER_LINES = 2_000
_BOUNDARY = re.compile(rb"boundary\s*=", re.IGNORECASE)
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n|\r\r")
_OTHER_SCRIPTS = re.compile(r"[぀-ヿ가-힣]")
# From the start of a word only, or a long word would be tried from each of its letters.
_ADDRESS = re.compile(r"(?<![^\s<>\"'(),;:@])[^\s<>\"'(),;:@]++@[^\s<>\"'(),;:@]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffd]")
_YEARS = range(1970, 2101)


class _Untouched(Compat32):
    """Headers as they came: the standard library shows raw bytes in them as U+FFFD."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        return value


_RAW = _Untouched()
_Headers = Mapping[str, tuple[str, ...]]


def read(raw: bytes) -> Mail:
    plain = raw.lstrip(b"\r\n").removeprefix(b"\xef\xbb\xbf")
    ended = _END_OF_HEADERS.search(plain)
    head = plain[: ended.start()] if ended else plain
    if head.count(b"\n") + head.count(b"\r") > 2 * MAX_HEADER_LINES:
        return Mail(headers={}, oversized=f"has more than {MAX_HEADER_LINES} header lines")
    # Each line is compared with every boundary that is open: time would grow with the product.
    boundaries = sum(1 for _ in _BOUNDARY.finditer(plain))
    if boundaries > MAX_BOUNDARIES:
        plain = head + b"\r\n\r\n"
    try:
        short = shortened(plain)
        del plain
        mail = _taken(message_from_bytes(short.raw, policy=_RAW), short.header)
    except Exception as error:
        return Mail(headers={}, broken=f"cannot be read ({type(error).__name__})")
    if boundaries > MAX_BOUNDARIES:
        return Mail(headers=mail.headers, oversized=f"nests more than {MAX_BOUNDARIES} parts")
    return mail


def _taken(message: Message, whole_header: str) -> Mail:
    parts = taken_apart(message, whole_header)
    del message[whole_header]
    headers = _headers(message, parts.charset)
    if not headers and looks_binary(raw_bytes(message.as_string())[:4096]):
        return Mail(headers={}, broken="is no mail at all")
    name, address = _sender(message, headers, parts.charset)
    report = header_text(str(message.get_param("report-type") or ""))
    return Mail(
        headers=headers,
        subject=headers.get("subject", ("",))[0][:500],
        sender_name=name,
        sender_address=address,
        sent_at=_sent_at(headers),
        message_id=headers.get("message-id", ("",))[0],
        text=parts.text,
        language=_language(parts.text or headers.get("subject", ("",))[0]),
        charset=parts.charset,
        kind=f"{message.get_content_type()};{report}".lower().rstrip(";"),
        part_kinds=frozenset(parts.kinds),
        attachments=tuple(parts.attachments),
        returned_ids=tuple(parts.returned_ids[:10]),
        defects=_defects(parts),
        oversized=parts.oversized,
    )


def _headers(message: Message, charset: str) -> _Headers:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in message.raw_items():
        key = name.lower()
        found[key] = (*found.get(key, ()), header_text(str(value), charset))
    return found


def _sender(message: Message, headers: _Headers, charset: str) -> tuple[str, str]:
    """The name of From with the address that an answer goes to."""
    raw = {name.lower(): str(value) for name, value in reversed(list(message.raw_items()))}
    name, address = _mailbox(raw.get("from", ""), charset)
    answer_name, answer_address = _mailbox(raw.get("reply-to", ""), charset)
    sender_address = _mailbox(raw.get("sender", ""), charset)[1]
    return name or answer_name, answer_address or address or sender_address


def _mailbox(value: str, charset: str) -> tuple[str, str]:
    """Display name and address of the first mailbox; an address is only what one can write to."""
    for name, address in getaddresses([value]) if value else []:
        if _is_writable(address):
            return header_text(name, charset).strip("\"' ")[:200], address
    if _CONTROL.search(value):
        # What stands behind it would pass for an address, and may be a stranger's.
        return "", ""
    text = header_text(value, charset)
    found = next(filter(_is_writable, _ADDRESS.findall(text)), "")
    rest = text.replace(found, "").replace("<>", "").strip("\"' ()<>,;:") if found else ""
    return rest[:200], found


def _is_writable(address: str) -> bool:
    """RFC 5322, or in UTF-8 (RFC 6531); other 8-bit bytes and control characters reach nobody."""
    return is_email(address) and not _UNWRITABLE.search(address)


def _sent_at(headers: _Headers) -> datetime | None:
    try:
        at = parsedate_to_datetime(headers.get("date", ("",))[0])
        zoned = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
    return zoned if zoned.year in _YEARS else None


def _language(text: str) -> str:
    """Chinese by its characters, unless kana or hangul show that they are Japanese or Korean."""
    return "zh" if HAN.search(text) and len(_OTHER_SCRIPTS.findall(text)) * 4 < len(HAN.findall(text)) else "en"


def _defects(parts: Parts) -> tuple[str, ...]:
    return tuple(sorted(parts.defects))[:20]


def content_key(mail: Mail, raw: bytes) -> bytes:
    """What makes two deliveries one mail, whatever hosts it passed: sender, subject, text and attachments."""
    if mail.broken or mail.oversized:
        return raw
    hashes = [attachment.sha256 for attachment in mail.attachments]
    return raw_bytes("\x1f".join([mail.sender_address, mail.subject, mail.text, *hashes]))
