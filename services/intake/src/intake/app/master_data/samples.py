"""Returned samples: asked for, on the way, received, at the lab, concluded; each step audited."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, Invalid, NotFound, StaleVersion
from chassis.ids import new_id
from chassis.messages import from_timestamp, to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from intake.adapters import samples as stored
from intake.app.load import WORKING, found, is_id
from intake.domain.master_data import samples
from intake.domain.master_data.samples import TRANSITIONS, WAITING, State
from intake.domain.validation import CLOCK_SKEW, MAX_QUANTITY
from redress.intake.v1 import master_data_pb2 as pb

DAYS_TO_ARRIVE = 14
MAX_TEXT, MAX_SERIALS = 4_000, 200
Row = Mapping[str, Any]


async def ask_for(tx: Tx, call: Call, request: pb.AskForSampleRequest) -> pb.Sample:
    """Raises NotFound for a complaint that is none; a complaint may have several samples."""
    call.require(*WORKING)
    complaint = await found(tx, call, request.complaint_id)
    due = from_timestamp(request, "due") or tx.now + timedelta(days=DAYS_TO_ARRIVE)
    if due < tx.now:
        raise Invalid("the sample cannot be due already", [FieldError("due", "lies in the past")])
    given = _given(request, quantity=request.quantity if request.HasField("quantity") else 1)
    sample = {
        "sample_id": new_id(),
        "complaint_id": complaint["complaint_id"],
        "due": due,
        "asked_at": tx.now,
        "asked_by": call.actor,
        **given,
    }
    await stored.add(tx, sample)
    _audit(tx, call, sample["sample_id"], "sample asked for", {"state": [None, "asked"]}, first=True)
    return await _one(tx, sample["sample_id"])


async def send(tx: Tx, call: Call, request: pb.SendSampleRequest) -> pb.Sample:
    return await _moved(tx, call, request, "sent", _given(request))


async def receive(tx: Tx, call: Call, request: pb.ReceiveSampleRequest) -> pb.Sample:
    """Where it came without having been announced, it is received as well; also when the lab gives it back."""
    changes = _given(request, **({"quantity": request.quantity} if request.HasField("quantity") else {}))
    return await _moved(tx, call, request, "received", changes)


async def take_to_lab(tx: Tx, call: Call, request: pb.TakeSampleToLabRequest) -> pb.Sample:
    return await _moved(tx, call, request, "at_lab", _given(request))


async def conclude(tx: Tx, call: Call, request: pb.ConcludeSampleRequest) -> pb.Sample:
    """Raises MissingDeliverable for "no trouble found" without its protocol, and names the tests that lack."""
    row = await _held(tx, call, request)
    samples.move(row["state"], "concluded")
    protocol = [samples.Test(t.test, t.outcome, t.note, from_timestamp(t, "at")) for t in request.protocol]
    samples.check_result(request.result, protocol)
    tests = [
        {"test": t.test, "outcome": t.outcome, "note": t.note[:MAX_TEXT], "at": t.at and t.at.isoformat()}
        for t in protocol
    ]
    changes = _given(request) | {"result": request.result, "protocol": tests}
    return await _kept(tx, call, row, "concluded", changes, tx.now)


async def withdraw(tx: Tx, call: Call, request: pb.WithdrawSampleRequest) -> pb.Sample:
    """It will not come, or is of no use any more; the reason is kept."""
    if not request.reason.strip():
        raise Invalid("a reason is needed", [FieldError("reason", "is required")])
    return await _moved(tx, call, request, "withdrawn", _given(request))


async def get_sample(tx: Tx, call: Call, request: pb.GetSampleRequest) -> pb.Sample:
    call.require(*WORKING)
    return await _one(tx, request.sample_id)


async def list_samples(tx: Tx, call: Call, request: pb.ListSamplesRequest) -> pb.ListSamplesReply:
    """Those due first."""
    call.require(*WORKING)
    limit = limit_of(request.page)
    after: Any = decode_cursor(request.page.cursor, datetime, UUID)
    complaint_id = None
    if request.HasField("complaint_id"):
        complaint_id = (await found(tx, call, request.complaint_id))["complaint_id"]
    state = request.state if request.HasField("state") else None
    overdue = request.overdue if request.HasField("overdue") else None
    rows = await stored.page(tx, state, complaint_id, overdue, after, limit)
    cursor = encode_cursor(rows[-1]["due"], str(rows[-1]["sample_id"])) if len(rows) == limit else ""
    return pb.ListSamplesReply(items=[_shown(tx, row) for row in rows], next_cursor=cursor)


async def _moved(tx: Tx, call: Call, request: Any, to: State, changes: dict[str, Any]) -> pb.Sample:
    row = await _held(tx, call, request)
    samples.move(row["state"], to)
    at = tx.now
    if to != "withdrawn":
        at = from_timestamp(request, "at") or tx.now
        if not row["asked_at"] - CLOCK_SKEW <= at <= tx.now + CLOCK_SKEW:
            raise Invalid("the time does not fit", [FieldError("at", "lies before it was asked for or in the future")])
    return await _kept(tx, call, row, to, changes, at)


async def _kept(tx: Tx, call: Call, row: Row, to: State, changes: dict[str, Any], at: datetime) -> pb.Sample:
    values = changes | {"state": to, f"{to}_at": at, f"{to}_by": call.actor}
    await stored.change(tx, row["sample_id"], values)
    shown = {name: [row[name], value] for name, value in values.items() if row[name] != value}
    _audit(tx, call, str(row["sample_id"]), f"sample {to.replace('_', ' ')}", shown)
    return await _one(tx, str(row["sample_id"]))


async def _held(tx: Tx, call: Call, request: Any) -> Row:
    call.require(*WORKING)
    row = await stored.one(tx, request.sample_id, lock=True) if is_id(request.sample_id) else None
    if row is None:
        raise NotFound("there is no such sample")
    if row["version"] != request.if_version:
        raise StaleVersion(f"the sample stands at version {row['version']}")
    return row


def _given(request: Any, **more: Any) -> dict[str, Any]:
    """The texts that the request has, trimmed. Raises Invalid naming what is too long or too much."""
    faults: list[FieldError] = []
    values: dict[str, Any] = dict(more)
    for name in ("note", "location", "tracking", "finding", "reason"):
        text = getattr(request, name, "").strip()
        if len(text) > MAX_TEXT:
            faults.append(FieldError(name, f"is longer than {MAX_TEXT} characters"))
        if text:
            values[name] = text
    serials = [serial.strip() for serial in getattr(request, "serials", ())]
    if len(serials) > MAX_SERIALS or any(not 1 <= len(serial) <= 100 for serial in serials):
        faults.append(FieldError("serials", f"at most {MAX_SERIALS}, each of 1 to 100 characters"))
    if serials:
        values["serials"] = serials
    if not 1 <= values.get("quantity", 1) <= MAX_QUANTITY:
        faults.append(FieldError("quantity", f"must lie between 1 and {MAX_QUANTITY}"))
    if faults:
        raise Invalid("the sample cannot be kept as it is", faults)
    return values


async def _one(tx: Tx, sample_id: str) -> pb.Sample:
    row = await stored.one(tx, sample_id) if is_id(sample_id) else None
    if row is None:
        raise NotFound("there is no such sample")
    return _shown(tx, row)


def _shown(tx: Tx, row: Row) -> pb.Sample:
    tests = [test | {"at": test["at"] and datetime.fromisoformat(test["at"])} for test in row["protocol"]]
    overdue = row["state"] in ("asked", "sent") and row["due"] < tx.now
    more = {"protocol": tests, "possible": TRANSITIONS[row["state"]], "overdue": overdue}
    return to_message(pb.Sample, {**row, **more})


def _audit(tx: Tx, call: Call, sample_id: str, action: str, changes: dict[str, Any], *, first: bool = False) -> None:
    reason = changes.get("reason", [None, ""])[1]
    tx.audit(
        aggregate_type="sample",
        aggregate_id=sample_id,
        action=action,
        call=call,
        changes=changes,
        reason=reason,
        first=first,
    )


async def waiting(tx: Tx) -> dict[tuple[str, str], int]:
    """(state, overdue yes or no) -> samples."""
    counted = {(state, late): 0 for state in WAITING for late in ("yes", "no")}
    return counted | await stored.waiting(tx)
