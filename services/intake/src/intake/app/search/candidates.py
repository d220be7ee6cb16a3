"""Complaints that share the rarest terms with a text: what its similarity is then compared with."""

from collections.abc import Mapping, Sequence

import numpy as np

from chassis.db import Tx
from intake.adapters import search_blocks, search_postings

POSTINGS_READ = 40_000
"""At most so many places of terms are counted together: the rarest terms up to there."""


async def counts(tx: Tx, terms: Sequence[int]) -> Mapping[int, int]:
    """Term -> in how many complaints it stands; of the newest (2,048 at most) it may not be known yet."""
    return await search_postings.counts(tx, terms)


async def indexed(tx: Tx) -> int:
    """How many complaints have terms."""
    return int(await tx.fetchval("SELECT next_doc FROM search_state"))


async def candidates(
    tx: Tx, terms: Sequence[int], limit: int, *, weights: Mapping[int, float] | None = None
) -> list[tuple[str, float]]:
    """(complaint_id, overlap), best first: how many of the rarest of `terms` a complaint shares in its text or the
    words of its codes, or the sum of their `weights`. Terms are taken from the rarest on until `POSTINGS_READ` places
    are read; the others are too common to tell anything. The newest complaints come first among equals."""
    chosen = _rarest(await counts(tx, terms))
    if not chosen:
        return []
    state = await tx.fetchrow("SELECT next_doc FROM search_state")
    assert state is not None
    segments = await search_postings.lists(tx, chosen, 0, state["next_doc"] >> search_postings.SEGMENT_BITS)
    parts = [(docs, term) for by_term in segments.values() for term, docs in by_term.items()]
    newest = await search_blocks.lists(tx, chosen, 0, state["next_doc"])
    parts += [(docs, term) for term, docs in newest.items()]
    return await _best(tx, parts, limit, weights or dict.fromkeys(chosen, 1.0))


def _rarest(known: Mapping[int, int]) -> list[int]:
    chosen: list[int] = []
    left = POSTINGS_READ
    for term, n in sorted(known.items(), key=lambda each: each[1]):
        left -= n
        if left < 0 and chosen:
            break
        chosen.append(term)
    return chosen


async def _best(
    tx: Tx, parts: list[tuple[search_postings.Docs, int]], limit: int, weights: Mapping[int, float]
) -> list[tuple[str, float]]:
    if not parts:
        return []
    docs = np.concatenate([docs for docs, _ in parts])
    shared = np.concatenate([np.full(len(docs), weights.get(term, 0.0)) for docs, term in parts])
    found, place = np.unique(docs, return_inverse=True)
    overlap = np.bincount(place, shared)
    best = np.lexsort((-found, -overlap))[:limit]
    rows = await tx.fetch("SELECT doc, complaint_id FROM complaint_terms WHERE doc = ANY($1)", found[best].tolist())
    ids = {row["doc"]: str(row["complaint_id"]) for row in rows}
    return [(ids[doc], float(n)) for doc, n in zip(found[best].tolist(), overlap[best], strict=True) if doc in ids]
