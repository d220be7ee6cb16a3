"""What bytes look like, whatever their name says."""

import puremagic

SNIFFED = 8 * 1024
UNKNOWN = "application/octet-stream"
_OFFICE = "application/vnd.openxmlformats-officedocument"
# Where the library guesses: one container of many kinds, told apart by the names of its members.
_IN_ARCHIVES = (
    (b"xl/", f"{_OFFICE}.spreadsheetml.sheet"),
    (b"word/", f"{_OFFICE}.wordprocessingml.document"),
    (b"ppt/", f"{_OFFICE}.presentationml.presentation"),
    (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.spreadsheet"),
    (b"mimetypeapplication/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
)
_LEAST_CONFIDENCE = 0.4


def content_type(head: bytes) -> str:
    """A media type, by the first SNIFFED bytes; text/plain for what reads as UTF-8."""
    head = head[:SNIFFED]
    if head.startswith(b"PK\x03\x04"):
        return next((kind for mark, kind in _IN_ARCHIVES if mark in head), "application/zip")
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    return _known(head) or ("text/plain" if _reads_as_text(head) else UNKNOWN)


def _known(head: bytes) -> str | None:
    try:
        found = [match for match in puremagic.magic_string(head) if match.mime_type]
    except (puremagic.PureError, ValueError):
        return None
    best = max(found, key=lambda match: match.confidence, default=None)
    return None if best is None or best.confidence < _LEAST_CONFIDENCE else str(best.mime_type).lower()


def _reads_as_text(head: bytes) -> bool:
    if b"\0" in head:
        return False
    try:
        # The last character may have been cut.
        head[:-3].decode()
    except UnicodeDecodeError:
        return False
    return True
