"""Has this been reported? Asked with a text before it is registered, or about a complaint that exists."""

from collections.abc import Iterable

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, Invalid
from chassis.messages import to_message
from intake.adapters import index_key, personal
from intake.adapters import likeness as stored
from intake.app.likeness.backgrounds import Backgrounds
from intake.app.likeness.search import Found, resembling
from intake.app.load import READING, found
from intake.domain.identity import customer_keys
from intake.domain.likeness.alike import SHOWN_FROM
from intake.domain.texts import normalised
from redress.intake.v1 import similarity_pb2 as pb

MOST = 20
_USUALLY = 10
_LONGEST_TEXT = 20_000
_EXCERPT = 300


class Asking:
    def __init__(self, backgrounds: Backgrounds) -> None:
        self._backgrounds = backgrounds

    async def find_alike(self, tx: Tx, call: Call, request: pb.FindAlikeRequest) -> pb.AlikeReply:
        call.require(*READING)
        text = _checked(request.text)
        if not await stored.indexed(tx):
            return pb.AlikeReply()
        digest = (await index_key.ready(tx)).digest
        keys = customer_keys(
            digest,
            ref=request.customer_ref or None,
            email=request.customer_email or None,
            phone=request.customer_phone or None,
        )
        alike = await resembling(tx, text, await self._backgrounds.current(tx), keys=keys)
        family = normalised(request.product_family)
        fitting = [each for each in alike if not family or normalised(each.row["product_family"]) == family]
        return _reply(fitting, request.limit)

    async def list_alike(self, tx: Tx, call: Call, request: pb.ListAlikeRequest) -> pb.AlikeReply:
        call.require(*READING)
        row = await found(tx, call, request.complaint_id)
        complaint_id = str(row["complaint_id"])
        keys = await stored.keys_of(tx, complaint_id)
        background = await self._backgrounds.current(tx)
        text = "" if row["erased_at"] else row["description"]
        alike = await resembling(tx, text, background, keys=keys, leave_out=complaint_id)
        return _reply(alike, request.limit)


def _reply(alike: Iterable[Found], limit: int) -> pb.AlikeReply:
    most = min(limit or _USUALLY, MOST)
    worth = [each for each in alike if each.likeness >= SHOWN_FROM or each.same_customer]
    return pb.AlikeReply(alike=[_message(each) for each in worth[:most]])


def _message(found: Found) -> pb.Alike:
    row = personal.masked(found.row)
    return to_message(
        pb.Alike,
        row
        | {
            "likeness": found.likeness,
            "shared_words": found.shared_words(),
            "same_customer": found.same_customer,
            "excerpt": row["description"][:_EXCERPT],
        },
    )


def _checked(text: str) -> str:
    if not text.strip():
        raise Invalid("a text is needed", [FieldError("text", "is required")])
    if len(text) > _LONGEST_TEXT:
        raise Invalid("the text is too long", [FieldError("text", f"is longer than {_LONGEST_TEXT} characters")])
    return text
