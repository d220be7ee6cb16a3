"""What a complaint looks like on the hottest route: msgspec decodes and checks it in one pass."""

from datetime import datetime
from typing import Annotated

import msgspec

from chassis.messages import to_message
from gateway.routes.decoding import Wrong
from gateway.routes.schemas import INT32_MAX, TEXT_MAX, sensible_time, without_nul
from redress.intake.v1.intake_pb2 import RegisterCommand

Text = Annotated[str, msgspec.Meta(max_length=TEXT_MAX)]
Time = Annotated[datetime, msgspec.Meta(tz=True)]
Quantity = Annotated[int, msgspec.Meta(ge=-INT32_MAX, le=INT32_MAX)]


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


_DECODER = msgspec.json.Decoder(ComplaintBody)


def decode(body: bytes) -> ComplaintBody:
    """Raises msgspec's errors for JSON and types, Wrong for text or times that nobody behind us can keep."""
    complaint = _DECODER.decode(body)
    for name in complaint.__struct_fields__:
        value = getattr(complaint, name)
        try:
            if isinstance(value, str):
                without_nul(value)
            elif isinstance(value, datetime):
                sensible_time(value)
        except ValueError as error:
            raise Wrong(name, str(error)) from None
    return complaint


def command_of(complaint: ComplaintBody) -> RegisterCommand:
    return to_message(RegisterCommand, msgspec.structs.asdict(complaint))
