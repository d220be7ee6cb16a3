"""The customer came back about a known complaint: matters for first contact resolution (DOMAIN §2)."""

from datetime import datetime

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import Conflict, FieldError, Invalid
from chassis.ids import new_id
from chassis.messages import from_timestamp, to_message
from intake.adapters import notes
from intake.adapters.adoption import owner_of
from intake.app.load import WORKING, held
from intake.domain.complaint import CHANNELS
from intake.domain.validation import CLOCK_SKEW
from redress.intake.v1 import intake_pb2 as pb
from redress.intake.v1.events import ContactReceived

MAX_NOTE = 5000


async def record_contact(tx: Tx, call: Call, request: pb.RecordContactRequest) -> pb.Contact:
    """About a merged complaint it counts for the one that stands. `at` defaults to now."""
    call.require(*WORKING)
    row = await held(tx, call, request.complaint_id)
    at = from_timestamp(request, "at") or tx.now
    _check(request, at, tx.now)
    into = str(row["merged_into"]) if row["merged_into"] else None
    return await keep_contact(
        tx, call, str(row["complaint_id"]), into, channel=request.channel, at=at, note=request.note.strip()
    )


async def keep_contact(
    tx: Tx, call: Call, complaint_id: str, merged_into: str | None, *, channel: str, at: datetime, note: str
) -> pb.Contact:
    """For those who may add to the complaint. Raises Conflict where its person was erased meanwhile."""
    contact_id, stands = new_id(), merged_into or complaint_id
    whose = await owner_of(tx, complaint_id)
    if note and whose is None:
        raise Conflict("erased", "what the person behind this complaint said was erased: register it as a new one")
    contact = {
        "contact_id": contact_id,
        "complaint_id": stands,
        "channel": channel,
        "direction": "inbound",
        "by": call.actor,
        "at": at,
    }
    sealed = notes.seal_texts(whose, notes.contact_place(contact_id), note) if whose and note else None
    await tx.execute(
        "INSERT INTO contacts (contact_id, complaint_id, channel, direction, by, at, note, person_id, sealed)"
        " VALUES ($1, $2, $3, $4, $5, $6, '', $7, $8)",
        *contact.values(),
        whose.person_id if whose and sealed else None,
        sealed,
    )
    _record(tx, call, contact_id, stands, channel, at)
    return to_message(pb.Contact, contact | {"note": note})


def _check(request: pb.RecordContactRequest, at: datetime, now: datetime) -> None:
    faults = []
    if request.channel not in CHANNELS:
        faults.append(FieldError("channel", f"must be one of {', '.join(CHANNELS)}"))
    if len(request.note) > MAX_NOTE:
        faults.append(FieldError("note", f"is longer than {MAX_NOTE} characters"))
    if "\x00" in request.note:
        faults.append(FieldError("note", "contains control characters"))
    if at > now + CLOCK_SKEW:
        faults.append(FieldError("at", "lies in the future"))
    if faults:
        raise Invalid("the contact cannot be recorded", faults)


def _record(tx: Tx, call: Call, contact_id: str, complaint_id: str, channel: str, at: datetime) -> None:
    event = ContactReceived(contact_id=contact_id, complaint_id=complaint_id, channel=channel, at=at)
    tx.emit(event, subject=contact_id, sequence=1)
    tx.audit(
        aggregate_type="contact",
        aggregate_id=contact_id,
        action="contact recorded",
        call=call,
        changes={"complaint_id": [None, complaint_id], "channel": [None, channel]},
        first=True,
    )
