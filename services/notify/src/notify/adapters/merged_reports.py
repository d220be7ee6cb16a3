"""Reports that were merged into others: their reporters are told how the case ended that took theirs in."""

from collections.abc import Collection, Sequence

from asyncpg import Record

from chassis.db import Tx

_KEEP = """
INSERT INTO merged_reports (case_id, into_case)
SELECT DISTINCT ON (1) * FROM unnest($1::uuid[], $2::uuid[])
ON CONFLICT (case_id) DO UPDATE SET into_case = EXCLUDED.into_case
"""

# What was merged before into what is merged now goes where that goes.
_REPOINT = """
UPDATE merged_reports r SET into_case = n.into_case FROM unnest($1::uuid[], $2::uuid[]) AS n(case_id, into_case)
WHERE r.into_case = n.case_id
"""

# Whoever got a receipt is told what became of it; a record of the past had none.
_TOLD = """
SELECT r.case_id, r.into_case, c.number AS joined,
  EXISTS (SELECT FROM deliveries d WHERE d.case_id = r.case_id AND d.kind = 'case_closed'
          AND d.facts ->> 'outcome' = 'duplicate') AS answered
FROM merged_reports r
LEFT JOIN known_cases c ON c.case_id = r.into_case AND c.number <> ''
WHERE r.case_id = ANY($1::uuid[])
  AND EXISTS (SELECT FROM deliveries d WHERE d.case_id = r.case_id AND d.kind = 'receipt')
"""

_REPORTERS = """
SELECT r.case_id, r.into_case FROM merged_reports r
WHERE r.into_case = ANY($1::uuid[])
  AND EXISTS (SELECT FROM deliveries d WHERE d.case_id = r.case_id AND d.kind = 'receipt')
ORDER BY r.case_id
"""

_ENDED = """
SELECT DISTINCT ON (d.case_id) d.case_id, d.event_id, d.facts FROM deliveries d JOIN known_cases c USING (case_id)
WHERE d.case_id = ANY($1::uuid[]) AND d.kind = 'case_closed' AND c.closed ORDER BY d.case_id, d.delivery_id DESC
"""


async def keep(tx: Tx, pairs: Sequence[tuple[str, str]]) -> None:
    """(merged, into) pairs."""
    columns = list(zip(*pairs, strict=True))
    await tx.execute(_KEEP, *columns)
    await tx.execute(_REPOINT, *columns)


async def known(tx: Tx, case_ids: Collection[str]) -> set[str]:
    """Those of the cases that were merged."""
    rows = await tx.fetch("SELECT case_id FROM merged_reports WHERE case_id = ANY($1::uuid[])", list(case_ids))
    return {str(row["case_id"]) for row in rows}


async def to_tell(tx: Tx, case_ids: Collection[str]) -> list[Record]:
    return await tx.fetch(_TOLD, list(case_ids))


async def reporters(tx: Tx, into: Collection[str]) -> list[tuple[str, str]]:
    """(merged, into) of whoever hears how these cases end."""
    return [(str(row["case_id"]), str(row["into_case"])) for row in await tx.fetch(_REPORTERS, list(into))]


async def endings(tx: Tx, case_ids: Collection[str]) -> dict[str, Record]:
    """Case -> the event and facts of its newest closing letter, while it is closed."""
    return {str(row["case_id"]): row for row in await tx.fetch(_ENDED, list(case_ids))}
