"""Keyset pages: the cursor holds the last row's sort values, opaque to clients."""

import base64
import binascii
from typing import Any

import msgspec

from chassis.errors import FieldError, Invalid
from redress.common.v1.common_pb2 import Page

DEFAULT_LIMIT = 50
MAX_LIMIT = 200


def encode_cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def decode_cursor(cursor: str, *types: Any) -> tuple[Any, ...] | None:
    """The values behind a cursor, or None for the first page. `types` are what the caller put in."""
    if not cursor:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        wanted = tuple[types] if types else tuple[Any, ...]  # type: ignore[valid-type]
        return tuple(msgspec.json.decode(raw, type=wanted))
    except (binascii.Error, msgspec.MsgspecError, ValueError) as error:
        raise Invalid("this cursor is not one of ours", [FieldError("cursor", "not a cursor of this list")]) from error


def limit_of(page: Page) -> int:
    if page.limit < 0 or page.limit > MAX_LIMIT:
        raise Invalid("the page is too large", [FieldError("limit", f"1..{MAX_LIMIT}")])
    return page.limit or DEFAULT_LIMIT
