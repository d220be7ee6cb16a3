"""The two questions we ask of proto descriptors, in types that do not doubt."""

from typing import cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

_TIMESTAMP = "google.protobuf.Timestamp"


def descriptor_of(message: Message) -> Descriptor:
    return cast(Descriptor, message.DESCRIPTOR)


def message_type(field: FieldDescriptor) -> Descriptor:
    """Of a field that holds messages."""
    return cast(Descriptor, field.message_type)


def is_message(field: FieldDescriptor) -> bool:
    """A message of ours; times are values."""
    return field.type == FieldDescriptor.TYPE_MESSAGE and message_type(field).full_name != _TIMESTAMP
