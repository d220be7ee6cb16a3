"""Keeps the index of terms up with the complaints: after their commit, in batches, resuming where it stood.

One writer at a time, by the lock of the state's row. A batch is one transaction: new complaints get the next numbers
(`doc`) in the order of their registration, corrected ones keep theirs; what has gathered goes into the lists of its
terms. What is not indexed yet is found all the same: the search looks at it one by one (app/search/fresh.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chassis.db import Database, Tx
from intake.adapters import search_blocks, search_postings
from intake.app.search.changes import apply_changes
from intake.app.search.lexicons import lexicon_of
from intake.app.search.texts import descriptions
from intake.domain.search.terms import FACETS, Lexicon

BATCH = 1_000
POSTED_AT_ONCE = 2_048
"""So many are read in blocks until they are put into the lists of their terms, all at once."""
_SKEW = timedelta(seconds=5)
"""A transaction takes its time from a clock that may be so far ahead of its begin."""
INDEXED_COLUMNS = ", ".join(f"c.{name}" for name in ("complaint_id", "t_registered", "number", *FACETS))
# A registration that is still under way may be older than one that is committed: nobody's time passes the oldest.
_HORIZON = """SELECT least(min(xact_start), clock_timestamp()) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
_NEW = f"""SELECT {INDEXED_COLUMNS} FROM complaints c
 WHERE c.t_registered >= $1 AND NOT EXISTS (SELECT FROM complaint_terms t WHERE t.complaint_id = c.complaint_id)
 ORDER BY c.t_registered, c.complaint_id LIMIT $2"""  # noqa: S608
_FORGET = (
    "DELETE FROM term_blocks",
    "DELETE FROM complaint_terms WHERE doc IN (SELECT doc FROM complaint_terms LIMIT 20000)",
    "DELETE FROM term_postings WHERE (term, segment) IN (SELECT term, segment FROM term_postings LIMIT 20000)",
)
_IDLE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Progress:
    indexed: int
    changed: int
    more: bool
    """There is something left to do at once."""
    lag_s: float
    """Since the registration of the oldest complaint that is not indexed; 0 when all are."""


class Indexer:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def batch(self) -> Progress:
        async with self._db.tx() as tx:
            state = await tx.fetchrow("SELECT * FROM search_state FOR UPDATE SKIP LOCKED")
            if state is None:
                return Progress(0, 0, more=False, lag_s=0.0)
            if state["rebuilding"]:
                return Progress(0, await _forget_some(tx), more=True, lag_s=0.0)
            return await _indexed(tx, dict(state))


async def _indexed(tx: Tx, state: Mapping[str, Any]) -> Progress:
    horizon = await tx.fetchval(_HORIZON) - _SKEW
    # First those whose terms were erased, or they would be taken for new ones.
    changed = await apply_changes(tx, state["posted_doc"])
    new = await tx.fetch(_NEW, state["indexed_to"], BATCH)
    await _write(tx, new, state["next_doc"])
    end, posted = state["next_doc"] + len(new), state["posted_doc"]
    if end - posted >= POSTED_AT_ONCE:
        await search_postings.post(tx, posted, end)
        await search_blocks.forget(tx, end)
        posted = end
    elif new:
        await search_blocks.pack(tx, range(state["next_doc"], end))
    full = len(new) == BATCH
    reached = min(horizon, new[-1]["t_registered"]) if full else horizon
    if not new and not changed and reached < state["indexed_to"] + _IDLE:
        return Progress(0, 0, more=False, lag_s=0.0)
    await tx.execute(
        "UPDATE search_state SET indexed_to = $1, next_doc = $2, posted_doc = $3",
        max(reached, state["indexed_to"]),
        end,
        posted,
    )
    return Progress(len(new), changed, full, lag_s=_age(tx.now, new[-1]["t_registered"]) if full else 0.0)


async def _write(tx: Tx, new: list[Any], first_doc: int) -> None:
    if not new:
        return
    texts = await descriptions(tx, [row["complaint_id"] for row in new])
    lexicon = await lexicon_of(tx)
    rows = [
        (doc, row["complaint_id"], *terms_of(lexicon, row, texts.get(str(row["complaint_id"]), "")))
        for doc, row in enumerate(new, first_doc)
    ]
    columns = ("doc", "complaint_id", "terms", "coded")
    await tx.conn.copy_records_to_table("complaint_terms", records=rows, columns=columns)


def terms_of(lexicon: Lexicon, row: Mapping[str, Any], text: str) -> tuple[list[int], list[int]]:
    return lexicon.terms(text), lexicon.coded(row, text)


async def _forget_some(tx: Tx) -> int:
    """A rebuild begins with nothing; so many rows at a time that nobody waits long."""
    await tx.execute("SELECT set_config('redress.rebuilding', 'on', true)")
    done = [await tx.execute(sql) for sql in _FORGET]
    gone = sum(int(status.rsplit(" ", 1)[-1]) for status in done)
    if not gone:
        await tx.execute(
            "UPDATE search_state SET rebuilding = false, indexed_to = '1970-01-01Z', next_doc = 0, posted_doc = 0"
        )
    return gone


def _age(now: datetime, then: datetime) -> float:
    return max(0.0, (now - then).total_seconds())
