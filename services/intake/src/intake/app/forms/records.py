"""The answers that a complaint came with: kept, read back, and how complete they are.

What a form binds stands in the complaint itself and is read from there, so that a correction counts; of the rest,
texts and addresses are sealed with the key of their person.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from chassis.call import Call
from chassis.db import Tx
from chassis.sealing import Sealer
from intake.adapters.bulk import Insert
from intake.adapters.persons import Owner, owner, owners_of
from intake.app.forms.filling import Filled
from intake.app.forms.published import DEFAULT, Ready, ready
from intake.domain.forms.binding import read_back
from intake.domain.forms.completeness import Completeness, completeness
from intake.domain.forms.form import Form
from redress.intake.v1 import intake_pb2 as pb

_ROWS = Insert(
    "complaint_forms",
    {
        "complaint_id": "uuid",
        "form": "text",
        "form_version": "int",
        "stage": "text",
        "data": "jsonb",
        "person_id": "uuid",
        "sealed": "bytea",
        "completeness": "int",
        "filled_by": "text",
        "filled_at": "timestamptz",
    },
    suffix="ON CONFLICT (complaint_id) DO UPDATE SET stage = excluded.stage, data = excluded.data,"
    " person_id = excluded.person_id, sealed = excluded.sealed, completeness = excluded.completeness,"
    " filled_by = excluded.filled_by, filled_at = excluded.filled_at",
)
_READ = f"""SELECT f.*, p.sealed_key, d.name, d.version, d.document, d.published_at, d.published_by,
  NULL::timestamptz AS retired_at, NULL::text AS reason
 FROM (SELECT $1::uuid AS wanted) w LEFT JOIN complaint_forms f ON f.complaint_id = w.wanted
 LEFT JOIN persons p ON p.person_id = f.person_id
 JOIN LATERAL (SELECT * FROM published_definitions d WHERE d.kind = 'form' AND d.name = coalesce(f.form, '{DEFAULT}')
  AND (f.form_version IS NULL OR d.version = f.form_version) ORDER BY d.version DESC LIMIT 1) d ON true"""  # noqa: S608

Row = Mapping[str, Any]


async def keep(tx: Tx, filled: Mapping[str, tuple[Call, Filled]]) -> None:
    """By complaint; each has its customer already."""
    if not filled:
        return
    persons = await owners_of(tx, filled)
    await _ROWS.run(
        tx, [_row(tx, complaint_id, *given, persons[complaint_id]) for complaint_id, given in filled.items()]
    )


def _row(tx: Tx, complaint_id: str, call: Call, given: Filled, whose: Owner | None) -> tuple[Any, ...]:
    form = given.form
    unbound = {key: value for key, value in given.answers.items() if not form.by_key[key].binds}
    private = {key: value for key, value in unbound.items() if form.by_key[key].personal}
    plain = {key: value for key, value in unbound.items() if key not in private}
    sealed = whose.seal(msgspec.json.encode(private), about=_place(complaint_id)) if whose and private else None
    person_id = whose.person_id if whose and private else None
    named = (complaint_id, form.name, form.version, given.stage)
    return (*named, plain, person_id, sealed, given.completeness.score, call.actor, tx.now)


def _place(complaint_id: object) -> str:
    return f"form/{complaint_id}"


async def form_of_complaint(tx: Tx, complaint_id: object) -> tuple[Row, Ready] | None:
    """Its answers' row (all None without a form) and the form that it is measured by; None where there is none."""
    row = await tx.fetchrow(_READ, complaint_id)
    return (dict(row), ready(row)) if row else None


def answers_of(sealer: Sealer, form: Form, row: Row, complaint: Row) -> dict[str, Any]:
    """As they stand today, in the form's order; what was erased is gone."""
    said: dict[str, Any] = dict(row["data"] or {})
    if row["sealed"] is not None and row["sealed_key"] is not None:
        key = owner(sealer, row["person_id"], row["sealed_key"]).key
        said |= msgspec.json.decode(key.open(row["sealed"], about=_place(row["complaint_id"])))
    said |= read_back(form, complaint)
    return {field.key: said[field.key] for field in form.fields if field.key in said}


async def shown(tx: Tx, complaint: Row) -> dict[str, Any]:
    """For pb.Complaint: form, form_version, completeness and what is missing, of a row with its customer opened."""
    found = await form_of_complaint(tx, complaint["complaint_id"])
    if found is None:
        return {}
    row, by = found
    measured = completeness(by.form, answers_of(tx.sealer, by.form, row, complaint), row["stage"])
    return {
        "form": row["form"],
        "form_version": row["form_version"],
        "completeness": measured.score,
        "missing_answers": missing_of(measured),
    }


async def measured_anew(tx: Tx, complaint: Row) -> None:
    """After the complaint changed: its score follows."""
    found = await form_of_complaint(tx, complaint["complaint_id"])
    if found is None or found[0]["form"] is None:
        return
    row, by = found
    score = completeness(by.form, answers_of(tx.sealer, by.form, row, complaint), row["stage"]).score
    if score != row["completeness"]:
        statement = "UPDATE complaint_forms SET completeness = $2 WHERE complaint_id = $1"
        await tx.execute(statement, complaint["complaint_id"], score)


def missing_of(measured: Completeness) -> list[pb.MissingAnswer]:
    return [
        pb.MissingAnswer(
            field=one.field,
            label=msgspec.json.encode({"zh": one.label.zh, "en": one.label.en}).decode(),
            why=one.why,
            required=one.required,
        )
        for one in measured.missing
    ]
