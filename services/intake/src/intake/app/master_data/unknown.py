"""What complaints say that no register knows: listed with its weight, resolved once, past complaints corrected."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, Invalid
from chassis.ids import new_id
from chassis.messages import to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from intake.adapters import code_fixes, unknown_codes
from intake.adapters.catalogue import load
from intake.app.load import WORKING
from intake.app.master_data.saving import save
from intake.domain.master_data.registers import ALIASES, FIELDS
from intake.domain.verdicts import MAX_REASON
from redress.intake.v1 import master_data_pb2 as pb

MOST = 200
DEFAULT = 50


async def list_unknown(tx: Tx, call: Call, request: pb.ListUnknownCodesRequest) -> pb.ListUnknownCodesReply:
    """Raises Invalid for a field that no register is about. Empty as long as the field's register is."""
    call.require(*WORKING)
    _check_field(request.field)
    limit = request.limit or DEFAULT
    if not 1 <= limit <= MOST:
        raise Invalid("the list is too long", [FieldError("limit", f"1..{MOST}")])
    catalogue = await load(tx)
    if not catalogue.codes.get(request.field):
        return pb.ListUnknownCodesReply()
    spelled = await unknown_codes.spellings(tx, request.field)
    unknown = [text for text in spelled if catalogue.is_unknown(request.field, text)]
    counted = await unknown_codes.counted(tx, request.field, unknown, limit)
    items = [_shown(request.field, row, catalogue.suggestions(request.field, row["spelling"])) for row in counted]
    return pb.ListUnknownCodesReply(items=items)


def _shown(field: str, row: Mapping[str, Any], suggestions: list[str]) -> pb.UnknownCode:
    return to_message(pb.UnknownCode, dict(row) | {"field": field, "suggestions": suggestions})


async def resolve(tx: Tx, call: Call, request: pb.ResolveUnknownCodeRequest) -> pb.CodeFix:
    """Keeps the spelling as an alias of the code, for complaints to come. With `fix_past`, those that have it are
    corrected one by one by a worker, each by an update of its own with its event and audit entry. Raises Invalid for a
    code that the register does not have."""
    call.require(*ALIASES.writers)
    _check_field(request.field)
    known = (await load(tx)).codes[request.field]
    if request.code not in known.values():
        raise Invalid("there is no such code", [FieldError("code", f"is no code of {request.field}")])
    alias = ALIASES.read({"field": request.field, "spelling": request.spelling, "code": request.code})
    if known.get(alias["spelling_key"], request.code) != request.code:
        raise Invalid("the spelling has a meaning", [FieldError("spelling", f"means {known[alias['spelling_key']]}")])
    (outcome,) = await save(tx, call, ALIASES, [alias])
    if isinstance(outcome, Invalid):
        raise outcome
    fix = {
        "fix_id": new_id(),
        "field": request.field,
        "spelling": alias["spelling"],
        "code": request.code,
        "reason": request.reason[:MAX_REASON],
        "asked_by": call.actor,
        "asked_at": tx.now,
        "done_at": None if request.fix_past else tx.now,
    }
    await code_fixes.add(tx, fix)
    _audit(tx, call, fix)
    return to_message(pb.CodeFix, fix)


def _audit(tx: Tx, call: Call, fix: Mapping[str, Any]) -> None:
    tx.audit(
        aggregate_type="code_fix",
        aggregate_id=fix["fix_id"],
        action="code resolved",
        call=call,
        changes={fix["field"]: [fix["spelling"], fix["code"]]},
        reason=fix["reason"],
        first=True,
    )


async def list_fixes(tx: Tx, call: Call, request: pb.ListCodeFixesRequest) -> pb.ListCodeFixesReply:
    call.require(*WORKING)
    limit, after = limit_of(request.page), decode_cursor(request.page.cursor, UUID)
    rows = await code_fixes.page(tx, after[0] if after else None, limit)
    cursor = encode_cursor(str(rows[-1]["fix_id"])) if len(rows) == limit else ""
    return pb.ListCodeFixesReply(items=[to_message(pb.CodeFix, row) for row in rows], next_cursor=cursor)


def _check_field(name: str) -> None:
    if name not in FIELDS:
        raise Invalid("no register is about this field", [FieldError("field", f"must be one of {', '.join(FIELDS)}")])
