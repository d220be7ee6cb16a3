"""Spellings in the records: each once, then counted."""

from collections.abc import Sequence

from chassis.db import Tx
from intake.adapters.rows import Row, rows

MOST_SPELLINGS = 20_000


async def spellings(tx: Tx, field: str) -> list[str]:
    """At most MOST_SPELLINGS different ones. Where an index begins with the field it is walked from one value to the
    next, whatever the number of complaints that share one."""
    found = await tx.fetch(
        f"WITH RECURSIVE walk AS ((SELECT {field} AS v FROM complaints WHERE {field} IS NOT NULL ORDER BY 1 LIMIT 1)"  # noqa: S608
        f" UNION ALL SELECT (SELECT {field} FROM complaints WHERE {field} > walk.v ORDER BY 1 LIMIT 1) FROM walk"
        " WHERE walk.v IS NOT NULL) SELECT v FROM walk WHERE v IS NOT NULL LIMIT $1"
        if field != "failure_location"
        else "SELECT DISTINCT failure_location AS v FROM complaints WHERE failure_location IS NOT NULL LIMIT $1",
        MOST_SPELLINGS,
    )
    return [each["v"] for each in found]


async def counted(tx: Tx, field: str, unknown: Sequence[str], limit: int) -> list[Row]:
    """The most frequent first, without merged complaints."""
    return await rows(
        tx,
        f"SELECT {field} AS spelling, count(*) AS complaints, min(t_registered) AS first_registered,"  # noqa: S608
        f" max(t_registered) AS last_registered FROM complaints WHERE {field} = ANY($1::text[]) AND state <> 'merged'"
        f" GROUP BY {field} ORDER BY count(*) DESC, {field} LIMIT $2",
        unknown,
        limit,
    )
