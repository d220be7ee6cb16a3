"""Reads and writes of what is found alike by its text."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from chassis.db import Tx
from intake.adapters import personal

BACKGROUND = 2_000
"""Of so many of the newest texts it is known how common a word is."""
_MOST_OF_A_CUSTOMER = 50
_SAMPLE = f"""SELECT c.description, {", ".join(personal.COLUMNS)} FROM
 (SELECT complaint_id FROM complaint_terms ORDER BY doc DESC LIMIT {BACKGROUND}) AS t
 JOIN complaints c USING (complaint_id) {personal.JOIN}"""  # noqa: S608 - our own names only
# A registration that is under way for longer is not compared; what it is compared with is indexed by then.
_SETTLED = timedelta(seconds=20)
_NEXT = """SELECT complaint_id, t_registered FROM complaints
 WHERE (t_registered, complaint_id) > ($1, $2) AND t_registered < $4 ORDER BY t_registered, complaint_id LIMIT $3"""


async def sample(tx: Tx) -> list[str]:
    return [personal.description_of(tx.sealer, row) for row in await tx.fetch(_SAMPLE)]


async def indexed(tx: Tx) -> int:
    """How many complaints there are to be found."""
    return int(await tx.fetchval("SELECT next_doc FROM search_state"))


async def complaints(tx: Tx, complaint_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Id -> the complaint in plain; of an erased person without text."""
    rows = await tx.fetch(f"{personal.SELECT} WHERE c.complaint_id = ANY($1::uuid[])", complaint_ids)
    found = [personal.opened(tx.sealer, row) for row in rows]
    return {str(row["complaint_id"]): row | ({"description": ""} if row["erased_at"] else {}) for row in found}


async def of_customer(tx: Tx, keys: Sequence[str]) -> list[str]:
    """Complaints of whoever has one of the keys, newest first."""
    rows = await tx.fetch(
        "SELECT complaint_id, max(t_received) AS at FROM customer_keys WHERE key = ANY($1)"
        " GROUP BY complaint_id ORDER BY at DESC LIMIT $2",
        keys,
        _MOST_OF_A_CUSTOMER,
    )
    return [str(row["complaint_id"]) for row in rows]


async def keys_of(tx: Tx, complaint_id: str) -> list[str]:
    rows = await tx.fetch("SELECT key FROM customer_keys WHERE complaint_id = $1", complaint_id)
    return [row["key"] for row in rows]


async def merged_into(tx: Tx, complaint_id: Any) -> list[dict[str, Any]]:
    """What was merged into the complaint, oldest first, with who said so."""
    rows = await tx.fetch(
        f"{personal.SELECT} WHERE c.merged_into = $1 ORDER BY c.t_received, c.complaint_id", complaint_id
    )
    verdicts = await tx.fetch(
        "SELECT complaint_id, reason, judged_by AS merged_by, judged_at AS merged_at FROM proposals"
        " WHERE complaint_id = ANY($1::uuid[]) AND verdict = 'duplicate'",
        [row["complaint_id"] for row in rows],
    )
    by = {verdict["complaint_id"]: dict(verdict) for verdict in verdicts}
    return [personal.shown(tx.sealer, row) | by.get(row["complaint_id"], {}) for row in rows]


async def next_to_compare(tx: Tx, limit: int) -> tuple[list[Any], list[Any]]:
    """(new complaints in the order of their registration, ids of corrected ones); the state is locked, and nothing is
    answered while another replica holds it."""
    state = await tx.fetchrow("SELECT * FROM likeness_state FOR UPDATE SKIP LOCKED")
    if state is None:
        return [], []
    again = await tx.fetch("SELECT complaint_id FROM likeness_again ORDER BY complaint_id LIMIT $1", limit)
    new = await tx.fetch(_NEXT, state["compared_to"], state["compared_id"], limit, tx.now - _SETTLED)
    return list(new), [row["complaint_id"] for row in again]


async def compared(tx: Tx, new: Sequence[Any], again: Sequence[Any]) -> None:
    if again:
        await tx.execute("DELETE FROM likeness_again WHERE complaint_id = ANY($1::uuid[])", again)
    if new:
        last = new[-1]
        await tx.execute(
            "UPDATE likeness_state SET compared_to = $1, compared_id = $2", last["t_registered"], last["complaint_id"]
        )


async def compare_again(tx: Tx, complaint_id: Any) -> None:
    await tx.execute("INSERT INTO likeness_again VALUES ($1) ON CONFLICT DO NOTHING", complaint_id)


async def figures(tx: Tx, judged_from: Any, judged_to: Any) -> list[Any]:
    """By basis and level. What a merge settled by the way was judged by nobody."""
    return list(
        await tx.fetch(
            "SELECT basis, level, count(*) FILTER (WHERE verdict = 'open') AS open,"
            " count(*) FILTER (WHERE judged) AS judged,"
            " count(*) FILTER (WHERE judged AND verdict <> 'none') AS accepted,"
            " count(*) FILTER (WHERE judged AND verdict = level) AS as_proposed FROM"
            " (SELECT basis, level, verdict, coalesce(judged_at >= $1 AND judged_at < $2, false)"
            "   AND NOT (verdict = 'none' AND reason = 'merged') AS judged FROM proposals) AS p"
            " GROUP BY basis, level ORDER BY basis, level",
            judged_from,
            judged_to,
        )
    )
