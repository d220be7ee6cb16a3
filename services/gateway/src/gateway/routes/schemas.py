"""Public schemas made from the proto descriptors: one name for one thing, and nothing to keep in step by hand."""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Literal

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, create_model

from gateway.routes.constraints import BOUNDS, WORDS, shape_of
from gateway.routes.descriptors import is_message, message_type
from gateway.routes.vocabulary import DEFAULTS, JSON_TEXT, NEVER_FROM_CLIENTS, description_of, examples_of, is_required

INT32_MAX, INT64_MAX = 2**31 - 1, 2**53 - 1
# A query travels in the head of the request, percent-encoded: up to 12 bytes a character.
QUERY_TEXT_MAX = 2_000
TEXT_MAX, ITEMS_MAX, DEPTH_MAX = 100_000, 10_000, 32
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]")


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Reply(BaseModel):
    model_config = ConfigDict(extra="allow")


def without_nul(text: str) -> str:
    """PostgreSQL keeps no NUL in text."""
    if "\x00" in text:
        raise ValueError("must not contain the NUL character")
    return text


def without_nul_inside(value: Any) -> Any:
    """Nor in JSON; of a value that is not nested too deeply."""
    if isinstance(value, str):
        without_nul(value)
    for inner in (*value, *value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ():
        without_nul_inside(inner)
    return value


def sensible_time(time: datetime) -> datetime:
    """Far years overflow somewhere behind us; no complaint lies there."""
    if not 1900 <= time.year <= 2200:
        raise ValueError("must lie between the years 1900 and 2200")
    return time


def _only_text(given: Any) -> Any:
    """Pydantic would read a number, also one in quotes, as seconds since 1970."""
    if not (isinstance(given, datetime) or (isinstance(given, str) and _DATE.match(given))):
        raise ValueError("must be RFC 3339 text with a time zone")
    return given


def not_too_deep(value: Any, left: int = DEPTH_MAX) -> Any:
    if left == 0:
        raise ValueError("is nested too deeply")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        not_too_deep(inner, left - 1)
    return value


def _split_at_commas(given: Any) -> Any:
    return [part for item in given for part in item.split(",") if part] if isinstance(given, list) else given


Text = Annotated[str, Field(max_length=TEXT_MAX, strict=True), AfterValidator(without_nul)]
Time = Annotated[AwareDatetime, BeforeValidator(_only_text), AfterValidator(sensible_time)]
JsonObject = Annotated[dict[str, Any], AfterValidator(not_too_deep), AfterValidator(without_nul_inside)]
QueryText = Annotated[str, Field(max_length=QUERY_TEXT_MAX, strict=True), AfterValidator(without_nul)]
QueryList = Annotated[list[QueryText], BeforeValidator(_split_at_commas)]
Float = Annotated[float, Field(allow_inf_nan=False, strict=True)]


def _scalars(text: Any, *, strict: bool) -> dict[int, Any]:
    return {
        FieldDescriptor.TYPE_STRING: text,
        FieldDescriptor.TYPE_BOOL: Annotated[bool, Field(strict=strict)],
        FieldDescriptor.TYPE_INT32: Annotated[int, Field(ge=-INT32_MAX, le=INT32_MAX, strict=strict)],
        FieldDescriptor.TYPE_INT64: Annotated[int, Field(ge=-INT64_MAX, le=INT64_MAX, strict=strict)],
        FieldDescriptor.TYPE_DOUBLE: Float,
    }


_IN_BODY, _IN_QUERY = _scalars(Text, strict=True), _scalars(QueryText, strict=False)


def body_model(name: str, fields: Iterable[FieldDescriptor]) -> type[Request]:
    """Refuses unknown fields; which are required is the vocabulary's to say."""
    shape = {f.name: _body_field(f) for f in fields if f.full_name not in NEVER_FROM_CLIENTS}
    return create_model(name, __base__=Request, **shape)  # type: ignore[call-overload, no-any-return]


def query_model(name: str, fields: Iterable[FieldDescriptor]) -> type[Request]:
    shape = {f.name: (_query_type(f) | None, _described(f, None)) for f in fields}
    return create_model(name, __base__=Request, **shape)  # type: ignore[call-overload, no-any-return]


@cache
def reply_model(message: Descriptor) -> type[Reply]:
    shape = {f.name: (_type_of(f, reply_model, _IN_BODY) | None, _described(f, None)) for f in message.fields}
    return create_model(message.name, __base__=Reply, **shape)  # type: ignore[call-overload, no-any-return]


@cache
def page_model(item: Descriptor) -> type[Reply]:
    shape: dict[str, Any] = {
        "items": (list[reply_model(item)], ...),  # type: ignore[misc]
        "next_cursor": (str | None, Field(None, description="Opaque; null on the last page")),
    }
    return create_model(f"{item.name}Page", __base__=Reply, **shape)


@cache
def _nested_body(message: Descriptor) -> type[Request]:
    return body_model(f"{message.name}Input", message.fields)


def _body_field(field: FieldDescriptor) -> tuple[Any, Any]:
    kind = _type_of(field, _nested_body, _IN_BODY, shape_of(field))
    if is_required(field):
        return (_not_empty(field, kind), _described(field, ...))
    if field.has_presence:
        return (kind | None, _described(field, None))
    if field.is_repeated or field.full_name in JSON_TEXT:
        return (kind, _described(field, None, factory=list if field.is_repeated else dict))
    return (kind, _described(field, DEFAULTS.get(field.full_name, field.default_value)))


def _query_type(field: FieldDescriptor) -> Any:
    if field.is_repeated:
        return QueryList
    if field.full_name in BOUNDS:
        least, most = BOUNDS[field.full_name]
        return Annotated[int, Field(ge=least, le=most)]
    if words := WORDS.get(field.full_name):
        # Nobody behind us would say that there is no such word; the list would only be empty.
        return Literal[tuple(words.split())]
    return Time if field.type == FieldDescriptor.TYPE_MESSAGE else _shaped(_IN_QUERY[field.type], shape_of(field))


def _shaped(kind: Any, shape: dict[str, Any]) -> Any:
    return Annotated[kind, Field(json_schema_extra=shape)] if shape else kind


def _not_empty(field: FieldDescriptor, kind: Any) -> Any:
    """A text without which a call means nothing is not there when it is empty; a list likewise."""
    if field.is_repeated or field.type == FieldDescriptor.TYPE_STRING:
        return Annotated[kind, Field(min_length=1)]
    return kind


def _type_of(field: FieldDescriptor, nested: Any, scalars: dict[int, Any], shape: dict[str, Any] | None = None) -> Any:
    if field.full_name in JSON_TEXT:
        return JsonObject
    if field.type != FieldDescriptor.TYPE_MESSAGE:
        kind = _shaped(scalars[field.type], shape or {})
    else:
        kind = nested(message_type(field)) if is_message(field) else Time
    return Annotated[list[kind], Field(max_length=ITEMS_MAX)] if field.is_repeated else kind  # type: ignore[valid-type]


def _described(field: FieldDescriptor, default: Any, factory: Any = None) -> Any:
    more = {"default_factory": factory} if factory else {"default": default}
    return Field(description=description_of(field), examples=examples_of(field), **more)
