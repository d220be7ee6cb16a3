import re
from collections.abc import Callable
from typing import TypeVar

import msgspec

from chassis.errors import FieldError, Invalid, RedressError
from gateway.edge.body import malformed

T = TypeVar("T")
_AT = " - at `$"
_NAME_MAX = 200
_NAMED = re.compile(r"field `([^`]+)`")


class Wrong(ValueError):
    """A value of the right type that nobody behind us can keep."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


def decoded(body: bytes, decode: Callable[[bytes], T]) -> T:
    """Runs a msgspec decoder; raises Malformed for what is no JSON, Invalid naming the field for what does not fit."""
    try:
        return decode(body)
    except msgspec.ValidationError as error:
        raise _refusal(str(error)) from None
    except Wrong as error:
        raise Invalid("the body does not fit", [FieldError(error.field, error.message)]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise malformed(error) from None


def _refusal(text: str) -> RedressError:
    """msgspec's sentence: the path it names, then the field it could not place."""
    # An unknown field's name stands in the sentence and may be as long as the body: no pattern runs over it twice.
    said, found, at = text.rpartition(_AT)
    message, at = (said, at.removesuffix("`").removeprefix(".")) if found else (text, "")
    named = _NAMED.search(message)
    path = [name[:_NAME_MAX] for name in (at, named.group(1) if named else "") if name]
    slug = "unknown_field" if "unknown field" in message else "invalid"
    message = "is unknown" if slug == "unknown_field" else message[:_NAME_MAX]
    return Invalid("the body does not fit", [FieldError(".".join(path) or "body", message)], slug=slug)
