"""What is offered when a similar problem arrives: knowledge cases, and RCAs and CAPAs to link to."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from capa.adapters import rows
from capa.adapters.tables import capa_cases, documents, knowledge_cases, rca_cases
from capa.domain.rules import Similarity
from capa.domain.text import Signature, Weights, likeness, weights_of
from chassis.db import Tx

SIGNATURE_SCORE = 1.0
_BEST_TEXT_SCORE = 0.99  # only an equal signature is certain


@dataclass(frozen=True)
class Document:
    kind: str
    id: str
    number: str
    title: str
    solution: str
    family_key: str
    defect_key: str
    place_key: str
    grams: tuple[str, ...]
    offered: bool


@dataclass(frozen=True)
class Problem:
    """What is looked for: a signature, a family, a text, or any of them."""

    signature: Signature | None
    family_key: str
    grams: tuple[str, ...]
    case_id: str | None
    """Not offered: what this case is linked to already."""


@dataclass(frozen=True)
class Match:
    kind: str
    id: str
    number: str
    title: str
    solution: str
    score: float
    basis: str


async def put(tx: Tx, document: Document) -> None:
    await rows.put(tx, documents, [rows.columns(documents, document)])


async def offer(tx: Tx, kind: str, document_id: str, offered: bool) -> None:
    mine = (documents.c.kind == kind, documents.c.id == document_id)
    await tx.run(sa.update(documents).where(*mine).values(offered=offered))


async def find(tx: Tx, problem: Problem, rules: Similarity, limit: int) -> list[Match]:
    """Best first: equal signatures (score 1), then texts above the minimum score."""
    weights = await _weights(tx)
    found = [_match(row, problem, rules, weights) for row in await _candidates(tx, problem, rules, weights)]
    good = [match for match in found if match.basis == "signature" or match.score >= rules.minimum_score]
    return sorted(good, key=lambda match: (-match.score, _ORDER[match.kind], match.number))[:limit]


_ORDER = {"knowledge": 0, "rca": 1, "capa": 2}


def _match(row: Any, problem: Problem, rules: Similarity, weights: Weights) -> Match:
    if row["same_signature"]:
        score, basis = SIGNATURE_SCORE, "signature"
    else:
        bonus = rules.same_family_bonus if row["same_family"] else 0.0
        score, basis = min(likeness(problem.grams, row["grams"], weights) + bonus, _BEST_TEXT_SCORE), "text"
    return Match(row["kind"], str(row["id"]), row["number"], row["title"], row["solution"], score, basis)


async def _weights(tx: Tx) -> Weights:
    """How much each n-gram tells, from the planner's statistics: they are there, current and cost one look-up."""
    row = await tx.fetchrow(_FREQUENCIES)
    return weights_of(dict(zip(row["grams"], row["frequencies"], strict=False)) if row else {})


_FREQUENCIES = """
SELECT most_common_elems::text::text[] AS grams, most_common_elem_freqs AS frequencies
FROM pg_stats WHERE schemaname = current_schema() AND tablename = 'documents' AND attname = 'grams'
  AND most_common_elems IS NOT NULL
"""


async def _candidates(tx: Tx, problem: Problem, rules: Similarity, weights: Weights) -> list[Any]:
    wanted = problem.signature or Signature("", "", "")
    telling = sorted(problem.grams, key=weights.of, reverse=True)[: rules.telling_grams]
    linked_already = await _linked_already(tx, problem.case_id)
    async with tx.conn.transaction(readonly=True):
        # The planner takes `&&` for a plain operator and reads every row; unpacking 5 000 arrays takes half a second.
        await tx.execute("SET LOCAL enable_seqscan = off")
        return await tx.fetch(
            _CANDIDATES,
            wanted.product_family,
            wanted.defect_code,
            wanted.failure_location,
            problem.family_key,
            telling,
            linked_already,
            rules.candidates,
        )


# The GIN index on grams answers `&&`; only the candidates are then compared in full.
_CANDIDATES = """
SELECT kind, id, number, title, solution, grams,
       $2 <> '' AND family_key = $1 AND defect_key = $2 AND place_key = $3 AS same_signature,
       $4 <> '' AND family_key = $4 AS same_family
FROM documents
WHERE offered AND NOT id = ANY($6::uuid[])
  AND (($2 <> '' AND family_key = $1 AND defect_key = $2 AND place_key = $3)
       OR ($4 <> '' AND family_key = $4) OR grams && $5::text[])
ORDER BY same_signature DESC, same_family DESC,
         (SELECT count(*) FROM unnest(grams) AS gram WHERE gram = ANY($5::text[])) DESC, id DESC
LIMIT $7
"""


async def _linked_already(tx: Tx, case_id: str | None) -> list[str]:
    if case_id is None:
        return []
    tables = ((rca_cases, "rca_id"), (capa_cases, "capa_id"), (knowledge_cases, "knowledge_id"))
    mine = [sa.select(table.c[key].label("id")).where(table.c.case_id == case_id) for table, key in tables]
    return [str(row["id"]) for row in await tx.rows(sa.union_all(*mine))]
