"""Writes a group of new complaints, one statement per table."""

from collections.abc import Sequence
from datetime import date
from operator import attrgetter
from typing import Any

from chassis.db import Tx
from chassis.ids import new_id
from intake.adapters import persons
from intake.adapters.bulk import Copy, Insert
from intake.adapters.personal import Personal, sealed
from intake.adapters.persons import Owner
from intake.domain.complaint import QUESTIONS_ASKED
from intake.domain.registration import Registration
from intake.domain.repeats import Proposal

_GIVEN = (
    *("channel", "language", "external_id", "customer_ref", "product_family", "product_model", "lot", "serial"),
    *("quantity", "defect_code", "failure_location", "remedy_wanted"),
    *("t_occurred", "t_aware", "t_received", "t_closed", "customer_deadline", "safety_not_asked", "historical"),
    "identity_protected",
    *("channel_id", "taken_by", "answer_due"),
    *QUESTIONS_ASKED,
)
_DECIDED = (
    *("complaint_id", "number", "version", "state", "customer_id", "t_registered", "grade", "questions"),
    *("cell", "signature_base", "signature", "lot_key", "open_proposals", "registered_by", "closed_at"),
)
_given = attrgetter(*_GIVEN)

_CUSTOMERS = Copy("customers", ("customer_id", "name", "person_id", "sealed"))
_COMPLAINTS = Copy("complaints", (*_GIVEN, *_DECIDED))
KEYS = Copy("customer_keys", ("key", "t_received", "complaint_id"))
GRADINGS = Insert(
    "gradings",
    {
        "complaint_id": "uuid",
        "n": "int",
        "grade": "text",
        "source": "text",
        "table_name": "text",
        "table_version": "int",
        "row": "text",
        "inputs": "jsonb",
        "reason_code": "text",
        "reason": "text",
        "by": "text",
        "at": "timestamptz",
    },
)
PROPOSALS = Copy(
    "proposals",
    (
        *("proposal_id", "complaint_id", "other_complaint_id", "level", "score", "basis"),
        *("verdict", "reason", "judged_by"),
    ),
)
_DEFECTS = Copy("complaint_defects", ("complaint_id", "n", "defect_code", "failure_location", "quantity"))
_CELL_DAYS = Insert(
    "cell_days",
    {"cell": "text", "day": "date", "n": "int"},
    # Sorted by the caller, so that two groups never wait for each other in a circle.
    suffix="ON CONFLICT (cell, day) DO UPDATE SET n = cell_days.n + excluded.n",
)
_IDEMPOTENCY = Insert(
    "idempotency", {"actor": "text", "key": "text", "body_hash": "bytea", "reply": "bytea", "at": "timestamptz"}
)


async def insert(tx: Tx, new: Sequence[Registration]) -> None:
    owners = await persons.owners(tx, [registration.customer_keys for registration in new])
    await _CUSTOMERS.run(tx, [_customer_row(r, owner) for r, owner in zip(new, owners, strict=True)])
    await _COMPLAINTS.run(tx, [_complaint_row(r) for r in new])
    await _DEFECTS.run(tx, [row for r in new for row in _defect_rows(r)])
    await KEYS.run(tx, [(key, r.submission.received, r.complaint_id) for r in new for key in r.customer_keys])
    await GRADINGS.run(tx, [_grading_row(r) for r in new])
    await PROPOSALS.run(tx, [row for r in new for row in proposal_rows(r.complaint_id, r.proposals)])
    await count_cells(tx, [(r.codes.cell, r.submission.received.date(), 1) for r in new if r.codes.cell])


def proposal_rows(complaint_id: str, proposals: Sequence[Proposal]) -> list[tuple[Any, ...]]:
    return [
        (new_id(), complaint_id, p.other.complaint_id, p.level, p.score, p.basis, "open", "", "") for p in proposals
    ]


def _customer_row(new: Registration, owner: Owner) -> tuple[Any, ...]:
    """Under the complaint's own id, by which those of a person are found."""
    given = new.submission
    personal = Personal(given.customer_name, given.customer_email, given.customer_phone, given.description)
    return (new.complaint_id, "", owner.person_id, sealed(owner.key, new.complaint_id, personal))


def _defect_rows(new: Registration) -> list[tuple[Any, ...]]:
    items = new.submission.defect_items
    return [
        (new.complaint_id, n, item.defect_code, item.failure_location, item.quantity) for n, item in enumerate(items)
    ]


def _complaint_row(new: Registration) -> tuple[Any, ...]:
    codes = new.codes
    return (
        *_given(new.submission),
        new.complaint_id,
        new.number,
        1,
        new.state,
        new.complaint_id,
        new.t_registered,
        new.graded.grade,
        new.graded.questions,
        codes.cell,
        codes.base,
        codes.signature,
        codes.lot_key,
        len(new.proposals),
        new.registered_by,
        new.submission.t_closed,
    )


def _grading_row(new: Registration) -> tuple[Any, ...]:
    graded = new.graded
    trace = (graded.grade, "table", graded.table, graded.version, graded.row, dict(graded.inputs))
    return (new.complaint_id, 1, *trace, "first", "", new.registered_by, new.t_registered)


async def count_cells(tx: Tx, changes: Sequence[tuple[str, date, int]]) -> None:
    """Keeps the complaints per cell and day, which the rate threshold is read from."""
    totals: dict[tuple[str, date], int] = {}
    for cell, day, change in changes:
        totals[cell, day] = totals.get((cell, day), 0) + change
    await _CELL_DAYS.run(tx, [(cell, day, n) for (cell, day), n in sorted(totals.items())])


async def keep_replies(tx: Tx, replies: Sequence[tuple[str, str, bytes, bytes]]) -> None:
    """(actor, key, body hash, packed reply), in the chassis's own table."""
    await _IDEMPOTENCY.run(tx, [(*reply, tx.now) for reply in sorted(replies)])
