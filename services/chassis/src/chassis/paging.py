"""Keyset pages: the cursor holds the last row's sort values, opaque to clients."""

import base64
import binascii
from typing import Any

import msgspec

from chassis.errors import FieldError, Invalid
from redress.admin.v1 import admin_pb2 as pb
from redress.common.v1.common_pb2 import Page

DEFAULT_LIMIT = 50
MAX_LIMIT = 200


def encode_cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def decode_cursor(cursor: str, *types: Any) -> tuple[Any, ...] | None:
    """The values behind a cursor, or None for the first page. `types` are what the caller put in, UUID for an id.

    Anyone can write a cursor of their own: what PostgreSQL could not compare with must fail here. Raises Invalid.
    """
    if not cursor:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        wanted = tuple[types] if types else tuple[Any, ...]  # type: ignore[valid-type]
        values = tuple(msgspec.json.decode(raw, type=wanted))
    except (binascii.Error, msgspec.MsgspecError, ValueError) as error:
        raise not_a_cursor() from error
    if any(isinstance(value, str) and "\x00" in value for value in values):
        raise not_a_cursor()
    return values


def not_a_cursor() -> Invalid:
    return Invalid("this cursor is not one of ours", [FieldError("cursor", "not a cursor of this list")])


def limit_of(page: Page | pb.ListDeadLettersRequest) -> int:
    if page.limit < 0 or page.limit > MAX_LIMIT:
        raise Invalid("the page is too large", [FieldError("limit", f"1..{MAX_LIMIT}")])
    return page.limit or DEFAULT_LIMIT
