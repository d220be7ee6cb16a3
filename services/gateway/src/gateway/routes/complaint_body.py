"""What a complaint looks like on the hottest route: msgspec decodes and checks it in one pass."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec

from gateway.routes.decoding import Wrong
from gateway.routes.schemas import (
    INT32_MAX,
    ITEMS_MAX,
    TEXT_MAX,
    not_too_deep,
    sensible_time,
    without_nul,
    without_nul_inside,
)
from redress.intake.v1.intake_pb2 import DefectItem, RegisterCommand

Text = Annotated[str, msgspec.Meta(max_length=TEXT_MAX)]
Time = Annotated[datetime, msgspec.Meta(tz=True)]
Quantity = Annotated[int, msgspec.Meta(ge=-INT32_MAX, le=INT32_MAX)]


class DefectBody(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """DefectItem."""

    defect_code: Text
    failure_location: Text | None = None
    quantity: Quantity | None = None


class ComplaintBody(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """RegisterCommand without what only a file import may say. The owner judges the words, this only the shape."""

    channel: Text = "api"
    language: Text
    external_id: Text | None = None
    customer_name: Text
    customer_email: Text | None = None
    customer_phone: Text | None = None
    customer_ref: Text | None = None
    product_family: Text
    product_model: Text | None = None
    lot: Text | None = None
    serial: Text | None = None
    quantity: Quantity | None = None
    description: Text
    defect_code: Text | None = None
    failure_location: Text | None = None
    remedy_wanted: Text | None = None
    t_occurred: Time | None = None
    t_aware: Time | None = None
    t_received: Time | None = None
    injury_or_fire: Text = "unknown"
    legal: Text = "unknown"
    main_function_lost: Text = "unknown"
    several_affected: Text = "unknown"
    core_business_stopped: Text = "unknown"
    key_account: Text = "unknown"
    media: Text = "unknown"
    customer_deadline: Time | None = None
    form: Text | None = None
    form_version: Quantity | None = None
    form_data: dict[str, Any] | None = None
    channel_id: Text | None = None
    taken_by: Text | None = None
    answer_due: Time | None = None
    identity_protected: bool = False
    defect_items: Annotated[list[DefectBody], msgspec.Meta(max_length=ITEMS_MAX)] = []


_DECODER = msgspec.json.Decoder(ComplaintBody)
_TIMES = ("t_occurred", "t_aware", "t_received", "customer_deadline", "answer_due")
T = TypeVar("T")


def decode(body: bytes) -> ComplaintBody:
    """Raises msgspec's errors for JSON and types, Wrong for text or times that nobody behind us can keep."""
    complaint = _DECODER.decode(body)
    # Only an escape can bring a NUL: JSON has no bare one.
    if b"\\u0000" in body:
        _check(complaint, complaint.__struct_fields__, str, without_nul)
        for item in complaint.defect_items:
            _check(item, item.__struct_fields__, str, without_nul)
    _check(complaint, _TIMES, datetime, sensible_time)
    if complaint.form_data is not None:
        _check(complaint, ("form_data",), dict, lambda data: without_nul_inside(not_too_deep(data)))
    return complaint


def _check(complaint: msgspec.Struct, names: Sequence[str], kind: type[T], check: Callable[[T], T]) -> None:
    for name in names:
        value = getattr(complaint, name)
        try:
            if isinstance(value, kind):
                check(value)
        except ValueError as error:
            raise Wrong(name, str(error)) from None


def command_of(complaint: ComplaintBody) -> RegisterCommand:
    """By name; protobuf takes datetimes for its Timestamps itself."""
    values: dict[str, Any] = msgspec.structs.asdict(complaint)
    if complaint.form_data is not None:
        values["form_data"] = msgspec.json.encode(complaint.form_data).decode()
    if complaint.defect_items:
        values["defect_items"] = [_item(item) for item in complaint.defect_items]
    return RegisterCommand(**{name: value for name, value in values.items() if value is not None})


def _item(item: DefectBody) -> DefectItem:
    return DefectItem(**{name: value for name, value in msgspec.structs.asdict(item).items() if value is not None})
