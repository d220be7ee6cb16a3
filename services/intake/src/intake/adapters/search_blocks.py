"""The newest complaints, not in the lists of terms yet: in blocks of 128, each one value with its terms in order.

A list is written anew with every complaint that is put into it, so they wait until there are enough. Looking through
the arrays of so many rows instead took four times as long for two words, thirty times for what a whole text shares.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from chassis.db import Tx
from intake.adapters.search_postings import Docs

BLOCK = 128
_TERM, _PLACE = np.dtype("<i4"), np.dtype("<u1")
_BYTES = _TERM.itemsize + _PLACE.itemsize


async def pack(tx: Tx, docs: Iterable[int]) -> None:
    """The blocks of these docs, as their terms are now."""
    for block in sorted({doc // BLOCK for doc in docs}):
        rows = await tx.fetch(
            "SELECT doc, terms || coded AS terms FROM complaint_terms WHERE doc >= $1 AND doc < $2",
            block * BLOCK,
            (block + 1) * BLOCK,
        )
        await tx.execute(
            "INSERT INTO term_blocks VALUES ($1, $2) ON CONFLICT (block) DO UPDATE SET body = excluded.body",
            block,
            packed(rows),
        )


async def forget(tx: Tx, posted: int) -> None:
    """Blocks whose complaints are all in the lists."""
    await tx.execute("DELETE FROM term_blocks WHERE block < $1", posted // BLOCK)


async def lists(tx: Tx, terms: Sequence[int], low: int, below: int) -> dict[int, Docs]:
    """Term -> docs in low..below - 1, ascending, that are in no list yet; terms that none of them has are left out."""
    rows = await tx.fetch(
        "SELECT block, body, s.posted_doc FROM search_state s JOIN term_blocks b ON b.block >= s.posted_doc / $1::int"
        " ORDER BY block",
        BLOCK,
    )
    wanted, found = np.array(terms, _TERM), dict[int, list[Docs]]()
    for row in rows:
        known, places = _unpacked(row["body"])
        first, end = np.searchsorted(known, wanted, "left"), np.searchsorted(known, wanted, "right")
        for i in np.flatnonzero(end > first):
            docs = places[first[i] : end[i]].astype(np.int64) + row["block"] * BLOCK
            docs = docs[(docs >= max(low, row["posted_doc"])) & (docs < below)]
            found.setdefault(terms[int(i)], []).append(docs)
    return {term: np.concatenate(docs) for term, docs in found.items()}


def packed(rows: Sequence[Any]) -> bytes:
    """Pairs of term and place in the block, ordered by both: all terms, then all places."""
    terms = np.array([term for row in rows for term in dict.fromkeys(row["terms"])], _TERM)
    places = np.array([row["doc"] % BLOCK for row in rows for _ in dict.fromkeys(row["terms"])], _PLACE)
    order = np.lexsort((places, terms))
    return terms[order].tobytes() + places[order].tobytes()


def _unpacked(body: bytes) -> tuple[Any, Any]:
    n = len(body) // _BYTES
    return np.frombuffer(body, _TERM, n), np.frombuffer(body, _PLACE, n, n * _TERM.itemsize)
