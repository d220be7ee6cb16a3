"""Protobuf messages to plain values and back, by field name: flat commands need no mapping code.

Times are datetimes with zone on our side and Timestamps on the wire; an unset optional field is None.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache, partial
from typing import Any, Protocol, TypeVar
from uuid import UUID

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

M = TypeVar("M", bound=Message)
_Field = Any
_Descriptor = Any
"""Either of protobuf's two descriptor classes: pure Python and upb."""
Convert = Callable[[Any], Any]


class Values(Protocol):
    """A mapping, or a row of asyncpg."""

    def get(self, key: str, /) -> Any: ...


_TIMESTAMP = "google.protobuf.Timestamp"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_timestamp(value: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(value)
    return stamp


def from_timestamp(message: Message, name: str) -> datetime | None:
    """The time in field `name`, or None when it is not set."""
    if not message.HasField(name):
        return None
    stamp: Timestamp = getattr(message, name)
    return stamp.ToDatetime(tzinfo=UTC)


def to_message(kind: type[M], values: Values) -> M:
    """Fields the message does not know are skipped; None leaves a field unset."""
    given = {}
    for name, convert in _writing(kind.DESCRIPTOR):
        value = values.get(name)
        if value is not None:
            given[name] = value if convert is None else convert(value)
    return kind(**given)


def to_dict(message: Message) -> dict[str, Any]:
    """Every field by name; unset optional fields and times are None, repeated ones lists."""
    return {
        name: None if presence and not message.HasField(name) else convert(getattr(message, name))
        for name, presence, convert in _reading(message.DESCRIPTOR)
    }


def set_fields(message: Message) -> dict[str, Any]:
    """Only the fields with presence that were set: what a PATCH carries."""
    return {
        name: convert(getattr(message, name))
        for name, presence, convert in _reading(message.DESCRIPTOR)
        if presence and message.HasField(name)
    }


# Looked up once per kind of message: asking descriptors for every field of every message was most of a list's cost.
@cache
def _writing(descriptor: _Descriptor) -> tuple[tuple[str, Convert | None], ...]:
    return tuple(
        (field.name, _each(_writer(field)) if field.is_repeated else _writer(field)) for field in descriptor.fields
    )


@cache
def _reading(descriptor: _Descriptor) -> tuple[tuple[str, bool, Convert], ...]:
    return tuple(
        (
            field.name,
            field.has_presence and not field.is_repeated,
            _each(_reader(field)) if field.is_repeated else _reader(field) or _same,
        )
        for field in descriptor.fields
    )


def _writer(field: _Field) -> Convert | None:
    """protobuf takes datetimes for its own times."""
    if field.message_type is not None:
        return None if field.message_type.full_name == _TIMESTAMP else partial(_nested, field.message_type)
    return {FieldDescriptor.CPPTYPE_STRING: _text, FieldDescriptor.CPPTYPE_DOUBLE: _number}.get(field.cpp_type)


def _reader(field: _Field) -> Convert | None:
    if field.message_type is None:
        return None
    return _time if field.message_type.full_name == _TIMESTAMP else to_dict


def _each(convert: Convert | None) -> Convert:
    return list if convert is None else lambda items: [convert(item) for item in items]


def _same(value: Any) -> Any:
    return value


def _nested(descriptor: _Descriptor, value: Any) -> Message:
    if isinstance(value, Message):
        return value
    made: Message = to_message(descriptor._concrete_class, value)
    return made


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, UUID | date) else value


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def _time(stamp: Timestamp) -> datetime:
    """Down to microseconds, as ToDatetime says, at a third of its cost."""
    return _EPOCH + timedelta(seconds=stamp.seconds, microseconds=stamp.nanos // 1000)
