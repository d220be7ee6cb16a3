"""What a cluster's complaints say, cut from their own words: quotes and telling terms."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

from redressctl.clusters import Cluster, Known

_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_WORD = re.compile(r"[a-z][a-z'-]{3,}")
_CLAUSE = re.compile(r"[。！？；!?;\n]+|[，,]|\.\s")
_COMMON = frozenset(
    (
        *(
            "that",
            "this",
            "with",
            "have",
            "from",
            "they",
            "when",
            "after",
            "been",
            "were",
            "will",
            "your",
            "just",
            "only",
        ),
        *("what", "there", "their", "about", "would", "which", "then", "than", "them", "into", "over", "some", "more"),
        *(
            "very",
            "also",
            "because",
            "does",
            "could",
            "every",
            "still",
            "please",
            "want",
            "says",
            "said",
            "told",
            "like",
        ),
    )
)
_LENGTHS = {"zh": (8, 48), "en": (20, 140)}


@dataclass(frozen=True)
class Quote:
    number: str
    """Of the complaint it was cut from."""
    text: str


def telling_terms(cluster: Sequence[str], others: Sequence[str], language: str, most: int = 3) -> list[str]:
    """Terms that many of the cluster's texts share and few others have: 2-4 Chinese characters, or English words."""
    here, elsewhere = _document_counts(cluster, language), _document_counts(others, language)
    shared = {term: n for term, n in here.items() if n >= 2} or dict(here)

    def weight(term: str) -> tuple[float, int, str]:
        rarity = log((len(others) + 2) / (elsewhere[term] + 1))
        return shared[term] / len(cluster) * rarity * (1 + 0.2 * len(term)), len(term), term

    chosen: list[str] = []
    for term in sorted(shared, key=weight, reverse=True):
        if not any(term in other or other in term or _overlap(term, other) for other in chosen):
            chosen.append(term)
        if len(chosen) == most:
            break
    return chosen


def quotes(cluster: Cluster, terms: Sequence[str], most: int = 3) -> list[Quote]:
    """One clause each of different complaints, those with the most of the terms first."""
    cut = [Quote(one.number, clause) for one in cluster.complaints if (clause := _best_clause(one, cluster, terms))]
    found = [(_weight(quote.text, cluster, terms), quote) for quote in cut]
    found.sort(key=lambda entry: (-entry[0], entry[1].number))
    distinct = {quote.text: quote for _, quote in reversed(found)}
    best = [quote for _, quote in found if distinct.get(quote.text) == quote][:most]
    first = cluster.complaints[0]
    return best or [Quote(first.number, first.description[:48])]


def _best_clause(one: Known, cluster: Cluster, terms: Sequence[str]) -> str:
    shortest, longest = _LENGTHS[cluster.language]
    clauses = [part.strip() for part in _CLAUSE.split(one.description)]
    fitting = [part for part in clauses if shortest <= len(part) <= longest]
    return max(fitting, key=lambda part: (_weight(part, cluster, terms), len(part)), default="")


def _weight(clause: str, cluster: Cluster, terms: Iterable[str]) -> int:
    low = clause.casefold()
    named = sum(word.casefold() in low for word in (cluster.defect_code, cluster.location) if word)
    return sum(term in low for term in terms) + 2 * named


def _document_counts(texts: Iterable[str], language: str) -> Counter[str]:
    return Counter(term for text in texts for term in _terms(text.casefold(), language))


def _terms(text: str, language: str) -> set[str]:
    if language == "en":
        return set(_WORD.findall(text)) - _COMMON
    return {
        run[start : start + size]
        for run in _CHINESE.findall(text)
        for size in (2, 3, 4)
        for start in range(len(run) - size + 1)
    }


def _overlap(one: str, other: str) -> bool:
    """Two windows onto the same word: they share all but one character."""
    return one[1:] in other or one[:-1] in other if not one.isascii() and len(one) > 2 else False
