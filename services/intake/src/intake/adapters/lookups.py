"""What a group of new complaints is compared with, one statement per kind."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from chassis.db import Tx
from intake.adapters import personal
from intake.domain.rates import RateThreshold
from intake.domain.repeats import CANDIDATES, COMPARED_CHARACTERS, Known, comparable


async def known_replies(tx: Tx, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], tuple[bytes, bytes | None]]:
    """(actor, key) -> (body hash, packed reply)."""
    if not keys:
        return {}
    rows = await tx.fetch(
        "SELECT actor, key, body_hash, reply FROM idempotency"
        " JOIN unnest($1::text[], $2::text[]) AS w(actor, key) USING (actor, key)",
        *zip(*keys, strict=True),
    )
    return {(row["actor"], row["key"]): (row["body_hash"], row["reply"]) for row in rows}


async def known_external_ids(tx: Tx, ids: Sequence[tuple[str, str, str]]) -> dict[tuple[str, str, str], Any]:
    """(channel, external id, channel of the registry) -> what a reply about an existing complaint says."""
    if not ids:
        return {}
    rows = await tx.fetch(
        "SELECT c.channel, c.external_id, c.channel_id, c.complaint_id, c.number, c.grade, c.questions,"
        " c.open_proposals, c.t_registered, c.version, c.registered_by,"
        " (SELECT g.row FROM gradings g WHERE g.complaint_id = c.complaint_id ORDER BY n DESC LIMIT 1) AS grade_row"
        " FROM complaints c"
        " JOIN unnest($1::text[], $2::text[], $3::text[]) AS w(channel, external_id, channel_id)"
        " ON c.external_id = w.external_id AND c.channel = w.channel AND coalesce(c.channel_id, '') = w.channel_id",
        *zip(*ids, strict=True),
    )
    return {(row["channel"], row["external_id"], row["channel_id"] or ""): row for row in rows}


async def serials(tx: Tx, count: int) -> list[int]:
    rows = await tx.fetch("SELECT nextval('complaint_number') AS n FROM generate_series(1, $1)", count)
    return [row["n"] for row in rows]


_CANDIDATE = f"""c.complaint_id, c.number, left(c.description, {COMPARED_CHARACTERS}) AS description, c.signature_base,
 c.t_occurred, c.t_received, k.customer_id AS of_customer, k.sealed, k.person_id, p.sealed_key"""
_SAME_CUSTOMER = f"""SELECT DISTINCT ON (w.key, c.complaint_id) w.key, {_CANDIDATE}
 FROM unnest($1::text[], $2::timestamptz[]) AS w(key, at) CROSS JOIN LATERAL
 (SELECT complaint_id FROM customer_keys e
  WHERE e.key = w.key AND e.t_received BETWEEN w.at - $3::interval AND w.at + $3::interval
  ORDER BY e.t_received DESC LIMIT {CANDIDATES}) AS e JOIN complaints c USING (complaint_id)
 {personal.JOIN} WHERE c.state <> 'merged'"""  # noqa: S608
_SAME_CELL = f"""SELECT DISTINCT ON (w.key, c.complaint_id) w.key, {_CANDIDATE}
 FROM unnest($1::text[], $2::timestamptz[]) AS w(key, at) CROSS JOIN LATERAL
 (SELECT * FROM complaints c WHERE c.cell = w.key AND c.t_received BETWEEN w.at - $3::interval AND w.at + $3::interval
  AND c.state <> 'merged' ORDER BY c.t_received DESC LIMIT {CANDIDATES}) AS c {personal.JOIN}"""  # noqa: S608


async def same_customer(tx: Tx, keys: Sequence[tuple[str, datetime]], reach: timedelta) -> list[tuple[str, Known]]:
    return await _known(tx, _SAME_CUSTOMER, keys, reach)


async def same_cell(tx: Tx, cells: Sequence[tuple[str, datetime]], reach: timedelta) -> list[tuple[str, Known]]:
    return await _known(tx, _SAME_CELL, cells, reach)


async def _known(tx: Tx, sql: str, wanted: Sequence[tuple[str, datetime]], reach: timedelta) -> list[tuple[str, Known]]:
    if not wanted:
        return []
    rows = await tx.fetch(sql, *zip(*wanted, strict=True), reach)
    return [
        (
            row["key"],
            Known(
                complaint_id=str(row["complaint_id"]),
                number=row["number"],
                text=comparable(personal.description_of(tx.sealer, row)),
                base=row["signature_base"],
                t_occurred=row["t_occurred"],
                t_received=row["t_received"],
            ),
        )
        for row in rows
    ]


async def cell_rates(
    tx: Tx, cells: Sequence[tuple[str, date]], rate: RateThreshold
) -> dict[tuple[str, date], tuple[int, int]]:
    """(cell, day) -> complaints in the window that ends on the day, and in the baseline before it."""
    if not cells:
        return {}
    rows = await tx.fetch(
        "SELECT w.cell, w.day, coalesce(sum(d.n) FILTER (WHERE d.day >= w.start), 0) AS in_window,"
        " coalesce(sum(d.n) FILTER (WHERE d.day < w.start), 0) AS in_baseline"
        " FROM unnest($1::text[], $2::date[], $3::date[], $4::date[]) AS w(cell, day, start, baseline)"
        " JOIN cell_days d ON d.cell = w.cell AND d.day BETWEEN w.baseline AND w.day GROUP BY w.cell, w.day",
        *zip(*((cell, day, rate.window_start(day), rate.baseline_start(day)) for cell, day in cells), strict=True),
    )
    return {(row["cell"], row["day"]): (row["in_window"], row["in_baseline"]) for row in rows}


async def history_start(tx: Tx) -> date | None:
    day: date | None = await tx.fetchval("SELECT min(day) FROM cell_days")
    return day


async def lot_counts(
    tx: Tx, lots: Sequence[tuple[str, date]], reach: timedelta, most: int
) -> dict[tuple[str, date], int]:
    """(lot, day) -> its complaints around the day; counting stops at `most`, the table needs no more."""
    if not lots:
        return {}
    rows = await tx.fetch(
        "SELECT w.lot, w.day, (SELECT count(*) FROM (SELECT FROM complaints c WHERE c.lot_key = w.lot"
        "  AND c.t_received BETWEEN w.day - $3::interval AND w.day + $3::interval"
        "  AND c.state <> 'merged' LIMIT $4) AS counted) AS n"
        " FROM unnest($1::text[], $2::date[]) AS w(lot, day)",
        *zip(*lots, strict=True),
        reach,
        most,
    )
    return {(row["lot"], row["day"]): row["n"] for row in rows}
