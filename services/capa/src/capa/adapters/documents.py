"""What is offered when a similar problem arrives: knowledge cases, and RCAs and CAPAs to link to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from rapidfuzz import fuzz

from capa.adapters import rows
from capa.adapters.tables import capa_cases, documents, knowledge_cases, rca_cases
from capa.domain.rules import Similarity
from capa.domain.text import Signature
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
    text: str
    grams: tuple[str, ...]
    offered: bool


@dataclass(frozen=True)
class Problem:
    """What is looked for: a signature, a family, a text, or any of them."""

    signature: Signature | None
    family_key: str
    text: str
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
    found = await _candidates(tx, problem, rules)
    # Comparing letter by letter costs a thousand times what comparing grams does: only the best by grams get it.
    ranked = sorted(found, key=lambda row: (not row["same_signature"], -overlap(problem.grams, row["grams"])))
    matches = [_match(row, problem, rules) for row in ranked[: limit * _SHORTLIST]]
    good = [match for match in matches if match.basis == "signature" or match.score >= rules.minimum_score]
    return sorted(good, key=lambda match: (-match.score, _ORDER[match.kind], match.number))[:limit]


_SHORTLIST = 4
_ORDER = {"knowledge": 0, "rca": 1, "capa": 2}


def _match(row: Any, problem: Problem, rules: Similarity) -> Match:
    if row["same_signature"]:
        score, basis = SIGNATURE_SCORE, "signature"
    else:
        bonus = rules.same_family_bonus if row["same_family"] else 0.0
        score, basis = min(likeness(problem, row["text"], row["grams"]) + bonus, _BEST_TEXT_SCORE), "text"
    return Match(row["kind"], str(row["id"]), row["number"], row["title"], row["solution"], score, basis)


def likeness(problem: Problem, text: str, grams: Sequence[str]) -> float:
    """0..1: the mean of shared n-grams and of the best aligned passage; 0 where no gram is shared."""
    shared = overlap(problem.grams, grams)
    return (shared + fuzz.partial_ratio(problem.text, text) / 100) / 2 if shared else 0.0


def overlap(left: Sequence[str], right: Sequence[str]) -> float:
    """0..1: shared n-grams against the shorter text, so that a complaint's length does not count against it."""
    shared = len(set(left) & set(right))
    return 2 * shared / (shared + min(len(left), len(right))) if shared else 0.0


async def _candidates(tx: Tx, problem: Problem, rules: Similarity) -> list[Any]:
    wanted = problem.signature or Signature("", "", "")
    return await tx.fetch(
        _CANDIDATES,
        wanted.product_family,
        wanted.defect_code,
        wanted.failure_location,
        problem.family_key,
        list(problem.grams),
        await _linked_already(tx, problem.case_id),
        rules.candidates,
    )


# The GIN index on grams answers `&&`; only the candidates' texts are then compared in full.
_CANDIDATES = """
SELECT kind, id, number, title, solution, text, grams,
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
