"""Complaints that were corrected or erased since they were indexed leave the lists of old terms for those of new."""

from collections.abc import Mapping
from typing import Any

from chassis.db import Tx
from intake.adapters import search_blocks, search_postings
from intake.app.search.lexicons import lexicon_of
from intake.app.search.texts import descriptions
from intake.domain.search.terms import FACETS

AT_ONCE = 500
_COLUMNS = ", ".join(f"c.{name}" for name in ("complaint_id", "number", *FACETS))
_TAKEN = f"""WITH taken AS (DELETE FROM search_changes WHERE change_id IN
  (SELECT change_id FROM search_changes ORDER BY change_id LIMIT {AT_ONCE}) RETURNING *),
 one AS (SELECT DISTINCT ON (complaint_id) complaint_id, doc, terms FROM taken ORDER BY complaint_id, doc NULLS LAST)
 SELECT {_COLUMNS}, coalesce(one.doc, t.doc) AS doc, coalesce(one.terms, t.terms || t.coded) AS had,
  one.doc IS NOT NULL AS gone
 FROM one JOIN complaints c USING (complaint_id) LEFT JOIN complaint_terms t USING (complaint_id)
 WHERE one.doc IS NOT NULL OR t.doc IS NOT NULL"""  # noqa: S608
_KEPT = """INSERT INTO complaint_terms SELECT $1, $2, $3, $4
 ON CONFLICT (doc) DO UPDATE SET terms = excluded.terms, coded = excluded.coded"""


async def apply_changes(tx: Tx, posted_doc: int) -> int:
    """How many were changed. One whose terms were erased keeps its number and is found by what is coded."""
    rows = await tx.fetch(_TAKEN)
    if not rows:
        return 0
    texts = await descriptions(tx, [row["complaint_id"] for row in rows])
    added: set[tuple[int, int]] = set()
    removed: set[tuple[int, int]] = set()
    for row in rows:
        has = await _kept(tx, dict(row), texts.get(str(row["complaint_id"]), ""))
        if row["doc"] < posted_doc:
            had = set(row["had"])
            added |= {(term, row["doc"]) for term in has - had}
            removed |= {(term, row["doc"]) for term in had - has}
    await search_postings.change(tx, added, removed)
    await search_blocks.pack(tx, [row["doc"] for row in rows if row["doc"] >= posted_doc])
    return len(rows)


async def _kept(tx: Tx, row: Mapping[str, Any], text: str) -> set[int]:
    lexicon = await lexicon_of(tx)
    terms, coded = lexicon.terms(text), lexicon.coded(row, text)
    await tx.execute(_KEPT, row["doc"], row["complaint_id"], terms, coded)
    return {*terms, *coded}
