"""JSON from strangers: a bounded depth, no constants that JSON does not know."""

from typing import Any

import msgspec

from intake.domain.channels.hook import Unreadable

MAX_DEPTH = 64


def read_json(body: bytes) -> Any:
    """Raises Unreadable."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable("the body is not JSON in UTF-8, or nested too deeply") from error
    if _deeper(document, MAX_DEPTH):
        raise Unreadable("the JSON is nested too deeply")
    return document


def _deeper(value: Any, left: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return not left or any(_deeper(one, left - 1) for one in inner)
