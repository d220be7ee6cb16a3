"""One fact, and the facts behind a figure."""

from collections.abc import Sequence
from typing import Any

from analytics.adapters.figure_sql import Composer, behind
from analytics.kpi.definition import Measure
from chassis.db import Tx

_FACT = """
f.complaint_id, f.number, f.grade, f.product_family, f.defect_code, f.channel, f.stage, f.state, f.t_received,
f.t_registered, f.t_auto_ack, f.t_first_human, f.t_closed_first, f.t_closed_final, f.t_contained, f.t_reopened_first,
f.due_original AS due_at, f.due_current AS due_current_at, f.outcome, f.path, f.repeat_level, f.historical
"""


async def fact(tx: Tx, complaint_id: str) -> dict[str, Any] | None:
    row = await tx.fetchrow(f"SELECT {_FACT} FROM facts f WHERE f.complaint_id = $1", complaint_id)  # noqa: S608
    return dict(row) if row else None


async def facts_behind(
    tx: Tx,
    measures: Sequence[Measure],
    composer: Composer,
    dimension: str | None,
    after: tuple[str, str],
    limit: int,
) -> list[dict[str, Any]]:
    """Rows with a value, by (dimension, unit_id), behind `after`; each with its complaint's fact or its CAPA's."""
    listed = behind(measures, composer)
    past = ", ".join(composer.bind(f"after_{n}", value, "text") for n, value in enumerate(after))
    only = f"dimension = {composer.bind('dimension', dimension, 'text')}" if dimension is not None else "true"
    sql = (
        f"SELECT {_FACT}, b.unit_kind, b.dimension, b.unit_id, b.value,"  # noqa: S608
        " ARRAY(SELECT k.complaint_id::text FROM capa_cases k WHERE k.capa_id = b.capa_id ORDER BY 1) AS complaint_ids"
        f" FROM (SELECT * FROM ({listed}) every"
        f" WHERE value IS NOT NULL AND {only} AND (dimension, unit_id) > ({past})"
        f" ORDER BY dimension, unit_id LIMIT {limit}) b LEFT JOIN facts f ON f.complaint_id = b.complaint_id"
        " ORDER BY b.dimension, b.unit_id"
    )
    return [dict(row) for row in await tx.fetch(sql, *composer.values)]


LEDGER = """
SELECT complaint_id, state, number, coalesce(case_seq, 0) AS sequence, t_registered FROM facts
WHERE t_registered IS NOT NULL AND ($1::uuid IS NULL OR complaint_id > $1) ORDER BY complaint_id LIMIT $2
"""
