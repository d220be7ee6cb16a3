"""Protobuf messages to plain values and back, by field name: flat commands need no mapping code.

Times are datetimes with zone on our side and Timestamps on the wire; an unset optional field is None.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Protocol, TypeVar
from uuid import UUID

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

M = TypeVar("M", bound=Message)
_Field = Any
"""Either of protobuf's two field descriptor classes: pure Python and upb."""


class Values(Protocol):
    """A mapping, or a row of asyncpg."""

    def get(self, key: str, /) -> Any: ...


_TIMESTAMP = "google.protobuf.Timestamp"


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
    message = kind()
    for field in message.DESCRIPTOR.fields:
        value = values.get(field.name)
        if value is not None:
            _put(message, field, value)
    return message


def _put(message: Message, field: _Field, value: Any) -> None:
    if field.is_repeated:
        target = getattr(message, field.name)
        for item in value:
            if field.message_type is None:
                target.append(_scalar(field, item))
            elif field.message_type.full_name == _TIMESTAMP:
                target.add().FromDatetime(item)
            else:
                target.add().CopyFrom(_nested(field, item))
    elif field.message_type is None:
        setattr(message, field.name, _scalar(field, value))
    elif field.message_type.full_name == _TIMESTAMP:
        getattr(message, field.name).FromDatetime(value)
    else:
        getattr(message, field.name).CopyFrom(_nested(field, value))


def _nested(field: _Field, value: Any) -> Message:
    if isinstance(value, Message):
        return value
    made: Message = to_message(field.message_type._concrete_class, value)
    return made


def _scalar(field: _Field, value: Any) -> Any:
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING and isinstance(value, UUID | date):
        return str(value)
    if isinstance(value, Decimal):
        return float(value)
    return value


def to_dict(message: Message) -> dict[str, Any]:
    """Every field by name; unset optional fields and times are None, repeated ones lists."""
    return {field.name: _get(message, field) for field in message.DESCRIPTOR.fields}


def set_fields(message: Message) -> dict[str, Any]:
    """Only the fields with presence that were set: what a PATCH carries."""
    return {
        field.name: _get(message, field)
        for field in message.DESCRIPTOR.fields
        if field.has_presence and message.HasField(field.name)
    }


def _get(message: Message, field: _Field) -> Any:
    if field.is_repeated:
        return [_plain(field, item) for item in getattr(message, field.name)]
    if field.has_presence and not message.HasField(field.name):
        return None
    return _plain(field, getattr(message, field.name))


def _plain(field: _Field, value: Any) -> Any:
    if field.message_type is None:
        return value
    if field.message_type.full_name == _TIMESTAMP:
        return value.ToDatetime(tzinfo=UTC)
    return to_dict(value)
