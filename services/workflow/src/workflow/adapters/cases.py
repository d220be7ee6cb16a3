"""Case files: loaded and locked together, saved together; statements do not grow with the number of cases."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from chassis.db import Tx
from redress.workflow.v1 import events
from workflow.adapters.rows import grouped, read, upsert
from workflow.adapters.rulebook import rules_of
from workflow.domain.case import Case, CaseFile, Deliverable, Fact, Note, Outcome, Task, Visit
from workflow.domain.sla import Entry

_ORDER = (Case, Visit, Task, Deliverable, Entry)


async def load(tx: Tx, case_ids: Iterable[str]) -> dict[str, CaseFile]:
    """The files of the cases that exist, locked in one order so that two transactions never wait for each other."""
    wanted = sorted(set(case_ids))
    locked = await tx.fetch("SELECT * FROM cases WHERE case_id = ANY($1::uuid[]) ORDER BY case_id FOR UPDATE", wanted)
    cases = [case_of(row) for row in locked]
    if not cases:
        return {}
    return await _files(tx, cases)


async def to_read(tx: Tx, case_ids: Iterable[str]) -> dict[str, CaseFile]:
    """Files to read, not locked."""
    rows = await tx.fetch("SELECT * FROM cases WHERE case_id = ANY($1::uuid[])", list(case_ids))
    return await _files(tx, [case_of(row) for row in rows], lock="") if rows else {}


async def look(tx: Tx, case_id: str) -> CaseFile | None:
    """One file to read, not locked."""
    return (await to_read(tx, [case_id])).get(case_id)


def case_of(row: Any) -> Case:
    case = read(Case, row)
    for name in ("outcome", "first_outcome"):
        stored = getattr(case, name)
        setattr(case, name, Outcome(**stored) if stored else None)
    return case


async def _files(tx: Tx, cases: Sequence[Case], lock: str = "FOR UPDATE") -> dict[str, CaseFile]:
    ids = [case.case_id for case in cases]
    rules = await rules_of(
        tx,
        ((case.definition, case.definition_version) for case in cases),
        ((case.calendar, case.calendar_version) for case in cases),
    )
    tasks = grouped(Task, await tx.fetch(_TASKS + lock, ids))
    deliverables = grouped(Deliverable, await tx.fetch(_DELIVERABLES, ids))
    visits = grouped(Visit, await tx.fetch(_VISITS, ids))
    ledger = grouped(Entry, await tx.fetch(_LEDGER, ids))
    links = await _links(tx, ids)
    files: dict[str, CaseFile] = {}
    for case in cases:
        key = case.case_id
        files[key] = CaseFile(
            case=case,
            definition=rules.definitions[case.definition, case.definition_version],
            calendar=rules.calendars[case.calendar, case.calendar_version],
            tasks=tasks.get(key, []),
            deliverables={found.kind: found for found in deliverables.get(key, [])},
            visits=visits.get(key, []),
            ledger=ledger.get(key, []),
            rca_ids=links[key, "rca"],
            capa_ids=links[key, "capa"],
        )
    return files


async def _links(tx: Tx, case_ids: list[str]) -> dict[tuple[str, str], list[str]]:
    """(case, rca or capa) -> ids."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in await tx.fetch(_LINKS, case_ids):
        found[row["case_id"], row["kind"]].append(row["ref"])
    return found


_LINKS = "SELECT case_id::text, kind, ref::text FROM case_links WHERE case_id = ANY($1::uuid[]) ORDER BY ref"
_TASKS = "SELECT * FROM tasks WHERE case_id = ANY($1::uuid[]) AND state IN ('open', 'in_progress') ORDER BY task_id "
_DELIVERABLES = "SELECT * FROM deliverables WHERE case_id = ANY($1::uuid[])"
_VISITS = "SELECT * FROM visits WHERE case_id = ANY($1::uuid[]) ORDER BY t_enter, visit"
_LEDGER = "SELECT * FROM sla_entries WHERE case_id = ANY($1::uuid[]) ORDER BY at, entry_id"


async def deliverables_of(tx: Tx, case_ids: list[str]) -> dict[str, list[Deliverable]]:
    """Also of cases that do not exist yet."""
    return grouped(Deliverable, await tx.fetch(_DELIVERABLES, case_ids))


async def save(tx: Tx, files: Iterable[CaseFile]) -> None:
    """One statement per table that changed; events go to the outbox with the versions the decisions gave them."""
    changed = [file for file in files if file.facts or file.notes or file.touched]
    touched = _distinct(row for file in changed for row in file.touched)
    rows: dict[type[Any], list[Any]] = {kind: [] for kind in _ORDER}
    rows[Case] = [file.case for file in changed]
    for row in touched:
        rows[type(row)].append(row)
    for kind in _ORDER:
        await upsert(tx, kind, rows[kind])
    await upsert(tx, Note, [note for file in changed for note in file.notes])
    for file in changed:
        emit(tx, file.facts)
        file.facts, file.notes, file.touched = [], [], []


def _distinct(rows: Iterable[Any]) -> list[Any]:
    """Each row once, in the order it was first touched."""
    return list({id(row): row for row in rows}.values())


def emit(tx: Tx, facts: Iterable[Fact]) -> None:
    """`convert` checks names and types against the contract."""
    for fact in facts:
        tx.emit(msgspec.convert(fact.fields, getattr(events, fact.name)), subject=fact.subject, sequence=fact.sequence)
