"""Which complaints a sample draws, and the rows it keeps of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chassis.db import Tx
from chassis.ids import new_id
from intake.domain.complaint import QUESTIONS_ASKED

# Nobody judged a record of the past when it was imported.
_FRAME = """complaints c WHERE c.t_registered >= $1 AND c.t_registered < $2 AND c.state <> 'merged'
 AND NOT c.historical"""
_CHOSEN = f"""
SELECT c.complaint_id, {", ".join(f"c.{name}" for name in QUESTIONS_ASKED)}, g.*, p.barred FROM (
  SELECT c.* FROM {_FRAME} AND c.grade = $3
  ORDER BY sha256(convert_to($4 || c.complaint_id::text, 'UTF8')), c.complaint_id LIMIT $5
) AS c CROSS JOIN LATERAL (
  SELECT n AS first_n, row AS first_row, table_version AS first_table_version, grade AS first_grade, "by" AS first_by
  FROM gradings WHERE complaint_id = c.complaint_id ORDER BY n DESC LIMIT 1
) AS g CROSS JOIN LATERAL (
  SELECT array_agg(DISTINCT "by" ORDER BY "by") AS barred FROM gradings WHERE complaint_id = c.complaint_id
) AS p
"""  # noqa: S608 - a statement, of our own names
_ITEMS = """
INSERT INTO double_gradings (grading_item_id, grading_sample_id, version, complaint_id, assigned_to, first_n, first_grade,
  first_row, first_table_version, first_by, first_answers, barred)
SELECT w.grading_item_id, $1::uuid, 1, w.complaint_id, w.assigned_to, w.first_n, w.first_grade, w.first_row,
  w.first_table_version, w.first_by, w.first_answers,
  (SELECT array_agg(DISTINCT g.by ORDER BY g.by) FROM gradings g WHERE g.complaint_id = w.complaint_id)
FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::int[], $6::text[], $7::text[], $8::int[], $9::text[], $10::jsonb[])
  AS w(grading_item_id, complaint_id, assigned_to, first_n, first_grade, first_row, first_table_version, first_by,
       first_answers)
"""  # noqa: E501 - a statement


async def populations(tx: Tx, since: datetime, until: datetime) -> dict[str, int]:
    rows = await tx.fetch(
        f"SELECT grade, count(*) AS n FROM {_FRAME} GROUP BY grade",  # noqa: S608 - our own names
        since,
        until,
    )
    return {row["grade"]: row["n"] for row in rows}


async def chosen(tx: Tx, since: datetime, until: datetime, grade: str, n: int, seed: str) -> list[dict[str, Any]]:
    """The first n by a digest of seed and id: whoever knows the seed can draw them again."""
    return [dict(row) for row in await tx.fetch(_CHOSEN, since, until, grade, seed, n)] if n else []


async def keep_sample(tx: Tx, sample: Mapping[str, Any]) -> None:
    names = [name for name in sample if name != "graders"]
    places = ", ".join(f"${n}" for n in range(1, len(names) + 1))
    await tx.execute(
        f"INSERT INTO grading_samples ({', '.join(names)}, graders) VALUES ({places}, ${len(names) + 1})",  # noqa: S608
        *(sample[name] for name in names),
        sample["graders"],
    )


async def keep_items(tx: Tx, sample_id: str, rows: Sequence[Mapping[str, Any]], graders: Sequence[str | None]) -> None:
    items = [
        (
            *(new_id(), row["complaint_id"], grader, row["first_n"], row["first_grade"], row["first_row"]),
            *(row["first_table_version"], row["first_by"], {name: row[name] for name in QUESTIONS_ASKED}),
        )
        for row, grader in zip(rows, graders, strict=True)
    ]
    await tx.execute(_ITEMS, sample_id, *zip(*items, strict=True))


async def counts(tx: Tx, sample_id: Any) -> Mapping[str, Any]:
    row = await tx.fetchrow(
        "SELECT count(*) AS size, count(d.second_grade) AS graded, count(*) FILTER (WHERE cardinality(s.graders) > 0"
        " AND d.assigned_to IS NULL AND d.second_grade IS NULL) AS without_grader"
        " FROM double_gradings d JOIN grading_samples s USING (grading_sample_id) WHERE grading_sample_id = $1",
        sample_id,
    )
    assert row is not None
    return dict(row)
