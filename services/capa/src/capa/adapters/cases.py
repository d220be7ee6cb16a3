"""The cases this service has heard of, and which of its aggregates they are linked to.

An id that no event has named yet is accepted and marked unseen: events may be late.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from capa.adapters.tables import cases
from chassis.db import Tx


async def link(tx: Tx, table: sa.Table, owner_id: str, case_ids: Sequence[str], by: str) -> list[str]:
    """Links cases, and returns those that were not linked before, in the order given."""
    if not case_ids:
        return []
    await expect(tx, case_ids)
    owner = next(column for column in table.c if column.name != "case_id")
    linked = [{owner.name: owner_id, "case_id": c, "linked_at": tx.now, "linked_by": by} for c in case_ids]
    found = await tx.rows(insert(table).values(linked).on_conflict_do_nothing().returning(table.c.case_id))
    fresh = {str(row["case_id"]) for row in found}
    return [case_id for case_id in case_ids if case_id in fresh]


async def expect(tx: Tx, case_ids: Iterable[str]) -> None:
    unseen = {"seen": False, "stage": "", "state": "unknown", "sequence": 0, "state_sequence": 0}
    # Sorted, so that two transactions that link the same cases never wait for each other in a circle.
    values = [{"case_id": case_id, "updated_at": tx.now, **unseen} for case_id in sorted(set(case_ids))]
    await tx.run(insert(cases).values(values).on_conflict_do_nothing())


async def linked(tx: Tx, table: sa.Table, owner_ids: Sequence[str]) -> dict[str, list[tuple[str, bool]]]:
    """Owner → (case id, seen) of its cases, oldest link first."""
    if not owner_ids:
        return {}
    owner = next(column for column in table.c if column.name != "case_id")
    query = (
        sa.select(owner.label("owner"), table.c.case_id, cases.c.seen)
        .join(cases, cases.c.case_id == table.c.case_id)
        .where(owner.in_(owner_ids))
        .order_by(table.c.linked_at, table.c.case_id)
    )
    found: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for row in await tx.rows(query):
        found[str(row["owner"])].append((str(row["case_id"]), row["seen"]))
    return found


async def of(tx: Tx, table: sa.Table, owner_id: str) -> list[str]:
    return [case_id for case_id, _seen in (await linked(tx, table, [owner_id])).get(owner_id, [])]


async def known_open(tx: Tx, case_ids: Sequence[str]) -> list[str]:
    query = sa.select(cases.c.case_id).where(cases.c.case_id.in_(case_ids), cases.c.state == "open")
    return [str(row["case_id"]) for row in await tx.rows(query)]


async def remember(tx: Tx, heard: Sequence[tuple[str, str, int]], state: str | None) -> None:
    """Takes over (case id, stage, sequence) of events; an older sequence than the known one changes nothing."""
    newest: dict[str, tuple[str, str, int]] = {}
    for case_id, stage, sequence in heard:
        if sequence > newest.get(case_id, ("", "", 0))[2]:
            newest[case_id] = (case_id, stage, sequence)
    ids, stages, sequences = zip(*sorted(newest.values()), strict=True)
    await tx.execute(_REMEMBER, ids, stages, sequences, state, tx.now)


_REMEMBER = """
INSERT INTO cases AS c (case_id, seen, stage, state, sequence, state_sequence, updated_at)
SELECT h.case_id, true, h.stage, coalesce($4::text, 'open'), h.sequence,
       CASE WHEN $4::text IS NULL THEN 0 ELSE h.sequence END, $5::timestamptz
FROM unnest($1::uuid[], $2::text[], $3::int[]) AS h (case_id, stage, sequence)
ON CONFLICT (case_id) DO UPDATE SET
  seen = true,
  stage = CASE WHEN excluded.sequence > c.sequence THEN excluded.stage ELSE c.stage END,
  sequence = greatest(excluded.sequence, c.sequence),
  state = CASE WHEN c.state = 'unknown' OR excluded.state_sequence > c.state_sequence
               THEN excluded.state ELSE c.state END,
  state_sequence = greatest(excluded.state_sequence, c.state_sequence),
  updated_at = excluded.updated_at
"""
