import re
from collections.abc import Callable
from typing import TypeVar

import msgspec

from chassis.errors import FieldError, Invalid, RedressError
from gateway.edge.body import malformed

T = TypeVar("T")
_AT = re.compile(r" - at `\$\.?(.*)`$")
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
    at, named = _AT.search(text), _NAMED.search(text)
    path = [found.group(1) for found in (at, named) if found and found.group(1)]
    slug = "unknown_field" if "unknown field" in text else "invalid"
    message = "is unknown" if slug == "unknown_field" else _AT.sub("", text)
    return Invalid("the body does not fit", [FieldError(".".join(path) or "body", message)], slug=slug)
