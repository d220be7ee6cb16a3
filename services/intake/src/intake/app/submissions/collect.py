"""The bytes of a mail, from the stream it arrives by."""

from collections.abc import AsyncIterator

from chassis.errors import FieldError, Invalid
from intake.app.whole import opening, whole_chunks
from intake.domain.validation import LENGTHS
from redress.intake.v1 import intake_pb2 as pb

MAX_BYTES = 25 * 1024**2


async def collected(parts: AsyncIterator[pb.ReceiveMailRequest]) -> tuple[pb.MailHeader, bytes]:
    """Raises Invalid for no bytes at all, for more than MAX_BYTES, and for a header that does not fit."""
    header, raw = (await opening(parts)).header, bytearray()
    async for chunk in whole_chunks(parts):
        raw += chunk
        if len(raw) > MAX_BYTES:
            fault = FieldError("body", f"at most {MAX_BYTES} bytes")
            raise Invalid("the mail is too large", [fault], slug="too_large", status=413)
    if not raw.strip():
        raise Invalid("there is no mail", [FieldError("body", "is empty")])
    if len(header.product_family) > LENGTHS["product_family"]:
        raise Invalid("the product family is too long", [FieldError("product_family", "at most 100 characters")])
    return header, bytes(raw)
