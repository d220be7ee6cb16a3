"""Definitions that business people edit: documents in versions, published, never changed (ARCHITECTURE §7).

An owner says what a kind of definition is (`Kind`); the store, the service and the cache are the same for all.
"""

import hashlib
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

import msgspec

from chassis.db import Tx
from chassis.errors import FieldError, Invalid, Malformed

T = TypeVar("T")
Document = Mapping[str, Any]
ENVELOPE = ("kind", "name", "version")
"""Of a file; not of a document: a name and a number are the owner's to keep and to give."""


@dataclass(frozen=True)
class Effect:
    """What publishing would mean for the work that runs, in both languages."""

    what: str
    zh: str
    en: str
    count: int = 0
    examples: Sequence[str] = ()
    severity: Literal["info", "warning"] = "info"


@dataclass(frozen=True)
class Version:
    kind: str
    name: str
    version: int
    document: Document
    digest: str
    published_at: datetime
    published_by: str

    @property
    def whole(self) -> dict[str, Any]:
        """The document with its name and number, as readers take it."""
        return {"name": self.name, "version": self.version, **self.document}


async def _nothing_to_check(tx: Tx, new: Any, current: Any | None) -> None:
    return


async def _no_effects(tx: Tx, new: Any, current: Any | None) -> list[Effect]:
    return []


@dataclass(frozen=True)
class Kind(Generic[T]):
    """`read` takes a whole document and raises Invalid with the place of every fault it finds. It must read every
    version that was ever published: running work may be pinned to it."""

    name: str
    read: Callable[[Document], T]
    check: Callable[[Tx, T, T | None], Awaitable[None]] = _nothing_to_check
    """Raises Invalid or Conflict for what would break running work; gets the new and the published definition."""
    effects: Callable[[Tx, T, T | None], Awaitable[list[Effect]]] = _no_effects
    only: str = ""
    """The one name there is; empty where an organisation names its own."""


def opened(text: str) -> dict[str, Any]:
    """The document in `text`. Raises Malformed for what is no JSON object, Invalid for what nobody can keep."""
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Malformed("the document is not JSON", [FieldError("document", "is not JSON")]) from error
    if not isinstance(document, dict):
        raise Malformed("the document is not an object", [FieldError("document", "must be an object")])
    if "\\u0000" in text:
        raise Invalid("the document cannot be kept", [FieldError("document", "holds the NUL character")])
    said = [FieldError(name, "belongs to the file, not to the document") for name in ENVELOPE if name in document]
    if said:
        raise Invalid("the document names itself", said)
    return document


def text_of(document: Document) -> str:
    return msgspec.json.encode(document).decode()


def digest_of(document: Document) -> str:
    """SHA-256 of the document with sorted keys, without blanks; 2.0 is 2."""
    return hashlib.sha256(msgspec.json.encode(_plain(document), order="sorted")).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return int(value)
    return value
