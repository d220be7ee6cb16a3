"""Where each term occurs: lists of complaints in segments of 32,768, two bytes each, appended to in ascending order.

Beside PostgreSQL's own GIN over arrays (docs/search.md has the figures): the newest segments answer a search of common
words at once, and the rare ones of a whole complaint are counted together without touching a row of it.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from chassis.db import Tx

SEGMENT_BITS = 15
SEGMENT = 1 << SEGMENT_BITS
_PACKED = np.dtype(">u2")
Docs = npt.NDArray[np.int64]

# Appended, never sorted anew: docs are handed out in ascending order. int2send writes the two bytes.
_POST = f"""INSERT INTO term_postings AS p (term, segment, n, docs)
 SELECT t, doc >> {SEGMENT_BITS}, count(*), string_agg(int2send((doc & {SEGMENT - 1})::int2), '' ORDER BY doc)
 FROM (SELECT DISTINCT doc, unnest(terms || coded) AS t FROM complaint_terms WHERE doc >= $1 AND doc < $2) AS new
 GROUP BY 1, 2 ORDER BY 1, 2
 ON CONFLICT (term, segment) DO UPDATE SET n = p.n + excluded.n, docs = p.docs || excluded.docs"""  # noqa: S608


async def post(tx: Tx, first: int, end: int) -> None:
    """The terms of docs `first`..`end` - 1 into their lists."""
    await tx.execute(_POST, first, end)


async def counts(tx: Tx, terms: Sequence[int]) -> dict[int, int]:
    """Term -> in how many complaints it occurs; those not posted yet (at most some thousand) are left out."""
    rows = await tx.fetch("SELECT term, sum(n) AS n FROM term_postings WHERE term = ANY($1) GROUP BY term", terms)
    found = {row["term"]: int(row["n"]) for row in rows}
    return {term: found.get(term, 0) for term in terms}


async def lists(tx: Tx, terms: Sequence[int], low: int, high: int) -> dict[int, dict[int, Docs]]:
    """Segment -> term -> docs, ascending, of segments low..high."""
    rows = await tx.fetch(
        "SELECT term, segment, docs FROM term_postings WHERE term = ANY($1) AND segment BETWEEN $2 AND $3",
        terms,
        low,
        high,
    )
    found: dict[int, dict[int, Docs]] = {}
    for row in rows:
        found.setdefault(row["segment"], {})[row["term"]] = unpacked(row["segment"], row["docs"])
    return found


async def change(tx: Tx, added: set[tuple[int, int]], removed: set[tuple[int, int]]) -> None:
    """(term, doc) pairs into and out of their lists: for complaints that were corrected or erased."""
    wanted: dict[tuple[int, int], tuple[list[int], list[int]]] = {}
    for n, pairs in enumerate((added, removed)):
        for term, doc in pairs:
            wanted.setdefault((term, doc >> SEGMENT_BITS), ([], []))[n].append(doc)
    keys = sorted(wanted)
    if not keys:
        return
    stored = await tx.fetch(
        "SELECT term, segment, docs FROM term_postings JOIN unnest($1::int[], $2::int[]) AS w(term, segment)"
        " USING (term, segment)",
        *zip(*keys, strict=True),
    )
    docs = {(row["term"], row["segment"]): unpacked(row["segment"], row["docs"]) for row in stored}
    new = {key: _changed(docs.get(key, np.empty(0, np.int64)), *wanted[key]) for key in keys}
    await tx.execute(
        "INSERT INTO term_postings SELECT * FROM unnest($1::int[], $2::int[], $3::int[], $4::bytea[])"
        " ON CONFLICT (term, segment) DO UPDATE SET n = excluded.n, docs = excluded.docs",
        *zip(*keys, strict=True),
        [len(new[key]) for key in keys],
        [packed(new[key]) for key in keys],
    )


def _changed(docs: Docs, added: list[int], removed: list[int]) -> Docs:
    return np.setdiff1d(np.union1d(docs, np.array(added, np.int64)), np.array(removed, np.int64))


def unpacked(segment: int, docs: bytes) -> Docs:
    return np.frombuffer(docs, _PACKED).astype(np.int64) + (segment << SEGMENT_BITS)


def packed(docs: Docs) -> bytes:
    return (docs & (SEGMENT - 1)).astype(_PACKED).tobytes()
