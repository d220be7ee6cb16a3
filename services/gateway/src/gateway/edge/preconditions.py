import re

from chassis.errors import FieldError, Invalid, StaleVersion
from gateway.edge.refusals import MalformedHeader, PreconditionRequired

_ENTITY_TAG = re.compile(r'^(W/)?"([^"]*)"$')
_VERSION = re.compile(r"^[1-9][0-9]{0,8}$")
KEY_PATTERN = r"^[\x21-\x7e]{1,200}$"
_KEY = re.compile(KEY_PATTERN)
ETAG_PATTERN = '^"[1-9][0-9]{0,8}"$'
ANY_ETAG_PATTERN = r'^(\*|"[1-9][0-9]{0,8}")?$'
ANY_VERSION = 0


def etag(version: int) -> str:
    return f'"{version}"'


def if_version(header: str | None, *, required: bool) -> int:
    """The version that If-Match names, `"7"` -> 7; `ANY_VERSION` where none is needed and none or `*` was given.

    A weak tag never matches (RFC 9110 13.1.1), nor does one that we never gave: StaleVersion (412). A needed header
    that is missing or `*` raises PreconditionRequired (428), a list of tags MalformedHeader (400).
    """
    given = (header or "").strip()
    if given in ("", "*"):
        if required:
            raise PreconditionRequired('this change needs If-Match: "<version>", as the ETag of the resource shows it')
        return ANY_VERSION
    tag = _ENTITY_TAG.match(given)
    if tag is None:
        raise MalformedHeader("If-Match", 'must be one entity tag, e.g. "7"')
    weak, text = tag.groups()
    if weak or not _VERSION.match(text):
        raise StaleVersion("no version of this resource has that entity tag")
    return int(text)


def idempotency_key(header: str | None) -> str | None:
    """1 to 200 visible ASCII characters, or none; anything else raises Invalid naming the header."""
    if header is None or _KEY.match(header):
        return header
    problem = FieldError("Idempotency-Key", "must be 1 to 200 visible ASCII characters without blanks")
    raise Invalid("the Idempotency-Key cannot be used", fields=[problem])
