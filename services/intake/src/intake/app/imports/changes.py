"""What a file says anew about complaints that were there already, and the kept columns of all of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from chassis.db import Tx
from intake.adapters import notes, personal
from intake.adapters.bulk import Insert
from intake.adapters.persons import Owner
from intake.domain.complaint import Submission
from intake.domain.files.mapping import FileMapping
from intake.domain.files.records import Record
from intake.domain.validation import tidied

_COMPARED = (
    *("customer_name", "customer_email", "customer_phone", "customer_ref", "product_family", "product_model", "lot"),
    *("serial", "quantity", "description", "defect_code", "failure_location", "remedy_wanted", "t_occurred"),
)
_FACTS = Insert(
    "source_facts",
    {
        "complaint_id": "uuid",
        "name": "text",
        "value": "text",
        "at": "timestamptz",
        "person_id": "uuid",
        "sealed": "bytea",
    },
    suffix="ON CONFLICT (complaint_id, name) DO UPDATE SET value = '', at = excluded.at,"
    " person_id = excluded.person_id, sealed = excluded.sealed",
)
_Facts = dict[tuple[str, str], str]
Owners = Mapping[str, Owner | None]


class Known(NamedTuple):
    """A row of the file, and the complaint that it became or that was there already."""

    row: Record
    given: Submission
    complaint_id: str
    existing: bool
    grade: str = ""
    proposals: int = 0


class Change(NamedTuple):
    line: int
    complaint_id: str
    field: str
    was: str
    now: str


async def changes(tx: Tx, mapping: FileMapping, known: Sequence[Known], whose: Owners) -> list[Change]:
    """Where a row differs from the record, field by field, and from what its kept columns held at the last delivery;
    these are kept anew. The record itself stays as it is: a person decides (UpdateComplaint)."""
    existing = [each for each in known if each.existing]
    records = await _records(tx, existing)
    found = [
        change
        for each in existing
        for change in against_record(mapping, each, records.get(each.complaint_id, {}), tx.now)
    ]
    if mapping.kept:
        found += await _kept(tx, mapping, known, whose)
    return sorted(found)


async def _records(tx: Tx, existing: Sequence[Known]) -> dict[str, Mapping[str, Any]]:
    if not existing:
        return {}
    rows = await tx.fetch(
        f"{personal.SELECT} WHERE c.complaint_id = ANY($1::uuid[])",
        [each.complaint_id for each in existing],
    )
    return {str(row["complaint_id"]): personal.opened(tx.sealer, row) for row in rows}


def against_record(mapping: FileMapping, each: Known, record: Mapping[str, Any], now: datetime) -> list[Change]:
    """An empty cell says nothing: what a new complaint would get in its place is no change."""
    given = tidied(each.given, now)
    named = (name for name in _COMPARED if name in mapping.sources and getattr(each.given, name) is not None)
    said = {name: getattr(given, name) for name in named}
    return [
        Change(each.row.line, each.complaint_id, name, _was(record, name), _text(value))
        for name, value in said.items()
        if value not in (None, "") and value != record.get(name)
    ]


async def _kept(tx: Tx, mapping: FileMapping, known: Sequence[Known], whose: Owners) -> list[Change]:
    """In the order of the file: of several rows about one complaint the last one counts."""
    facts = await _facts(tx, known)
    found, new = [], {}
    for each in known:
        for name, index in mapping.kept:
            place, now = (each.complaint_id, name), each.row.cells[index].strip()
            was = facts.get(place)
            if now and was != now:
                facts[place] = new[place] = now
                if was is not None:
                    found.append(Change(each.row.line, each.complaint_id, name, was, now))
    await _FACTS.run(tx, [_fact_row(tx, place, value, whose[place[0]]) for place, value in sorted(new.items())])
    return found


def _fact_row(tx: Tx, place: tuple[str, str], value: str, whose: Owner | None) -> tuple[Any, ...]:
    assert whose is not None, "of the erased nothing is kept"
    sealed = notes.seal_texts(whose, notes.fact_place(*place), value)
    return (*place, "", tx.now, whose.person_id, sealed)


async def _facts(tx: Tx, known: Sequence[Known]) -> _Facts:
    rows = await tx.fetch(
        "SELECT n.*, p.sealed_key FROM source_facts n LEFT JOIN persons p USING (person_id)"
        " WHERE n.complaint_id = ANY($1::uuid[])",
        [each.complaint_id for each in known],
    )
    return {(str(row["complaint_id"]), row["name"]): notes.fact(tx.sealer, row)["value"] for row in rows}


def _was(record: Mapping[str, Any], name: str) -> str:
    """Who delivers files is not told who a protected complainant is."""
    hidden = record.get("identity_protected") and name in personal.HIDDEN
    return personal.PROTECTED if hidden else _text(record.get(name))


def _text(value: Any) -> str:
    return "" if value is None else str(value)
