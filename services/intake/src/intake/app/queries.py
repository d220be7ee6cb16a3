"""Reading complaints."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from chassis.call import Call
from chassis.db import Tx
from chassis.definition_store import one
from chassis.definitions import text_of
from chassis.messages import from_timestamp, to_message
from intake.adapters import notes, personal
from intake.app.forms import records
from intake.app.load import READING, found, is_id
from redress.intake.v1 import intake_pb2 as pb

SEE_CONTACTS = ("customer_service", "quality", "manager")


async def get_complaint(tx: Tx, call: Call, request: pb.GetComplaintRequest) -> pb.Complaint:
    return await whole(tx, await found(tx, call, request.complaint_id))


async def whole(tx: Tx, row: Mapping[str, Any]) -> pb.Complaint:
    """The complaint with its gradings, proposals and contacts, each oldest first, and what its files keep beside it."""
    complaint_id = row["complaint_id"]
    gradings = await tx.fetch("SELECT * FROM gradings WHERE complaint_id = $1 ORDER BY n", complaint_id)
    proposals = await tx.fetch(
        "SELECT p.*, o.number AS other_number FROM proposals p"
        " JOIN complaints o ON o.complaint_id = p.other_complaint_id"
        " WHERE p.complaint_id = $1 ORDER BY p.level = 'R2', p.level, p.score DESC, p.proposal_id",
        complaint_id,
    )
    return to_message(
        pb.Complaint,
        personal.masked(row)
        | {
            "source_facts": await notes.facts_of(tx, complaint_id),
            "gradings": [dict(g) | {"inputs": msgspec.json.encode(g["inputs"]).decode()} for g in gradings],
            "proposals": proposals,
            "contacts": await notes.contacts_of(tx, complaint_id),
            "defect_items": await tx.fetch(
                "SELECT * FROM complaint_defects WHERE complaint_id = $1 ORDER BY n", complaint_id
            ),
        }
        | await records.shown(tx, row),
    )


async def get_contacts(tx: Tx, call: Call, request: pb.GetContactsRequest) -> pb.GetContactsReply:
    """Names and addresses; of a complaint that others were merged into, those of every reporter (each under the id of
    the complaint they made). Of a protected complainant they go to services only, which write the letters."""
    call.require("service", *SEE_CONTACTS)
    rows = await tx.fetch(
        f"{personal.SELECT}"
        " WHERE c.complaint_id = ANY($1::uuid[]) OR c.merged_into = ANY($1::uuid[]) ORDER BY c.complaint_id",
        known_ids(request.complaint_ids),
    )
    seen = personal.opened if call.has("service") and not call.has(*SEE_CONTACTS) else personal.shown
    return pb.GetContactsReply(contacts=[to_message(pb.CustomerContact, seen(tx.sealer, row)) for row in rows])


async def get_texts(tx: Tx, call: Call, request: pb.GetTextsRequest) -> pb.GetTextsReply:
    call.require(*READING)
    rows = await tx.fetch(
        f"{personal.SELECT} WHERE c.complaint_id = ANY($1::uuid[]) ORDER BY c.complaint_id",
        known_ids(request.complaint_ids),
    )
    texts = [dict(row) | {"description": personal.description_of(tx.sealer, row)} for row in rows]
    return pb.GetTextsReply(texts=[to_message(pb.ComplaintText, text) for text in texts])


async def count_by_signature(tx: Tx, call: Call, request: pb.CountBySignatureRequest) -> pb.CountBySignatureReply:
    """Complaints received in [from, to), without merged ones. A signature without a lot counts those of every lot."""
    call.require(*READING)
    base = "|".join(request.signature.split("|")[:3])
    count = await tx.fetchval(
        "SELECT count(*) FROM complaints WHERE signature_base = $1 AND ($1 = $2 OR signature = $2)"
        " AND cell IS NOT NULL AND state <> 'merged' AND t_received >= $3 AND t_received < $4",
        base,
        request.signature,
        from_timestamp(request, "from") or datetime(1970, 1, 1, tzinfo=UTC),
        from_timestamp(request, "to") or tx.now,
    )
    return pb.CountBySignatureReply(count=count)


async def get_grading_table(tx: Tx, call: Call, request: pb.GetGradingTableRequest) -> pb.GradingTable:
    call.require(*READING)
    found = await one(tx, "grading-table", "default", request.version)
    return pb.GradingTable(name=found.name, version=found.version, document=text_of(found.whole))


def known_ids(ids: Sequence[str]) -> list[str]:
    """What is no id at all names no complaint."""
    return [text for text in ids if is_id(text)]
