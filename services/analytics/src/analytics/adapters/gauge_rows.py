"""Where complaints stand now, and the gauges every replica shows."""

from datetime import datetime, timedelta
from typing import Any

from chassis.db import Tx

_OPEN = "valid AND t_closed_final IS NULL"


async def open_by_stage_and_grade(tx: Tx) -> dict[tuple[str, str], float]:
    rows = await tx.fetch(
        "SELECT coalesce(stage, 'not_opened') AS stage, grade, count(*) AS n FROM facts"  # noqa: S608 - our own text
        f" WHERE {_OPEN} GROUP BY 1, 2 ORDER BY 1, 2"
    )
    return {(row["stage"], row["grade"]): row["n"] for row in rows}


async def closed_by_outcome_and_path(tx: Tx) -> dict[tuple[str, str], float]:
    """Records that came closed have neither."""
    rows = await tx.fetch(
        "SELECT coalesce(outcome, 'imported') AS outcome, coalesce(path, 'imported') AS path, count(*) AS n FROM facts"
        " WHERE valid AND t_closed_final IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
    )
    return {(row["outcome"], row["path"]): row["n"] for row in rows}


async def received(tx: Tx) -> list[tuple[str, float]]:
    rows = await tx.fetch("SELECT grade, count(*) AS n FROM facts WHERE valid GROUP BY 1 ORDER BY 1")
    return [(row["grade"], row["n"]) for row in rows]


async def overdue(tx: Tx, as_of: datetime) -> list[tuple[str, float]]:
    """A paused case is not overdue: its deadline moves when it resumes. Historical cases have no deadline."""
    rows = await tx.fetch(
        "SELECT grade, count(*) FILTER (WHERE due_current < $1 AND case_state = 'open') AS n FROM facts"  # noqa: S608
        f" WHERE {_OPEN} GROUP BY 1 ORDER BY 1",
        as_of,
    )
    return [(row["grade"], row["n"]) for row in rows]


async def take_turn(tx: Tx, every: timedelta, share: float, at_least_every: timedelta) -> bool:
    """Whether this transaction computes the gauges anew: nobody else does and they are old enough.

    While facts change, old enough is `every`, or so long that computing takes no more than `share` of the time. Windows
    move with the clock: while no fact changes it is `at_least_every`, at a fifth of that share. Takes away what said
    that facts changed.
    """
    if not await tx.fetchval("SELECT pg_try_advisory_xact_lock(hashtextextended('analytics gauges', 0))"):
        return False
    row = await tx.fetchrow("SELECT computed_at, cost_seconds, EXISTS (SELECT FROM changes) AS changed FROM gauges")
    if row is not None:
        busy = timedelta(seconds=row["cost_seconds"] / share)
        if tx.now - row["computed_at"] < (max(every, busy) if row["changed"] else max(at_least_every, 5 * busy)):
            return False
    await tx.execute("DELETE FROM changes")
    return True


async def keep(tx: Tx, samples: list[Any], cost_seconds: float) -> None:
    await tx.execute(
        "INSERT INTO gauges AS g (id, computed_at, cost_seconds, samples) VALUES (true, $1, $2, $3)"
        " ON CONFLICT (id) DO UPDATE SET computed_at = $1, cost_seconds = $2, samples = $3",
        tx.now,
        cost_seconds,
        samples,
    )


async def kept(tx: Tx, newer_than: datetime | None) -> tuple[list[Any], datetime] | None:
    row = await tx.fetchrow(
        "SELECT samples, computed_at FROM gauges WHERE $1::timestamptz IS NULL OR computed_at > $1", newer_than
    )
    return (row["samples"], row["computed_at"]) if row else None
