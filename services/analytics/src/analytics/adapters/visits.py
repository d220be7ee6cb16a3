"""Reads what is known about the stage visits of some complaints and writes where they ended.

Every statement looks up by complaint_id once for the whole batch: a plan made while the tables were small stays cheap.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

import asyncpg

from analytics.projections.visits import Exit, Known, Visit, changed_ends
from chassis.db import Tx

_EXITS = "SELECT complaint_id, stage, exit_seq, t_exit, outcome FROM stage_exits WHERE complaint_id = ANY($1::uuid[])"
_VISITS = """
SELECT complaint_id, stage, visit, t_enter, enter_seq, t_exit, outcome FROM stage_visits
WHERE complaint_id = ANY($1::uuid[])
"""
_CLOSED = "SELECT complaint_id, closed_seq FROM facts WHERE complaint_id = ANY($1::uuid[]) AND closed_seq IS NOT NULL"
_DONE = "SELECT complaint_id, stage, t_done FROM task_facts WHERE complaint_id = ANY($1::uuid[]) AND t_done IS NOT NULL"
# An upsert rather than an update: it finds its rows by their key, whatever the statistics say.
_END = """
INSERT INTO stage_visits AS v (complaint_id, stage, visit, t_enter, enter_seq, t_exit, outcome)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::timestamptz[], $5::int[], $6::timestamptz[], $7::text[])
ON CONFLICT (complaint_id, stage, visit) DO UPDATE SET t_exit = excluded.t_exit, outcome = excluded.outcome
"""


async def find_ends(tx: Tx, complaint_ids: Collection[str]) -> None:
    """The caller has upserted the facts of these complaints first: their row locks keep replicas apart."""
    ids = sorted(complaint_ids)
    exits = _grouped(await tx.fetch(_EXITS, ids))
    closed = {str(row["complaint_id"]): row["closed_seq"] for row in await tx.fetch(_CLOSED, ids)}
    touched = sorted(exits.keys() | closed.keys())
    if not touched:
        return
    visits, done = _grouped(await tx.fetch(_VISITS, touched)), _grouped(await tx.fetch(_DONE, sorted(closed)))
    ends = [
        (visit.complaint_id, visit.stage, visit.visit, visit.t_enter, visit.enter_seq, t_exit, outcome)
        for key in touched
        for visit, t_exit, outcome in changed_ends(
            Known(
                visits=[_visit(row) for row in visits[key]],
                exits=[Exit(row["stage"], row["exit_seq"], row["t_exit"], row["outcome"]) for row in exits[key]],
                closed_seq=closed.get(key),
                done=[(row["stage"], row["t_done"]) for row in done[key]],
            )
        )
    ]
    if ends:
        await tx.execute(_END, *zip(*ends, strict=True))


def _grouped(rows: Iterable[asyncpg.Record]) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        groups[str(row["complaint_id"])].append(row)
    return groups


def _visit(row: Any) -> Visit:
    return Visit(**{**row, "complaint_id": str(row["complaint_id"])})
