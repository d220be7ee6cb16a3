"""What a cluster's complaints say, cut from their own words: quotes and telling terms."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from math import log

from redressctl.clusters import Cluster, Known

_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_WORD = re.compile(r"[a-z][a-z'-]{3,}")
_CLAUSE = re.compile(r"[。！？；!?;\n]+|[，,]|\.\s")
_COMMON_WORDS = """
that this with have from they when after been were will your just only what there their about would which then
than them into over some more very also because does could every still please want says said told like
"""
_COMMON = frozenset(_COMMON_WORDS.split())
# Grammar, not meaning: no term begins or ends with one of these.
_GRAMMAR = frozenset("的了是在就也都和与我你他她它这那有没不还又被把给从到对会要能很才再说着过上下个")
_LENGTHS = {"zh": (8, 48), "en": (20, 140)}


@dataclass(frozen=True)
class Quote:
    number: str
    """Of the complaint it was cut from."""
    text: str


def telling_terms(cluster: Cluster, others: Sequence[Known], most: int = 3) -> list[str]:
    """Terms that many of the cluster's complaints use where they speak of the problem, and few others use: 2-4 Chinese
    characters, or English words. What the codes say anyway is no news."""
    language = cluster.language
    topic = _on_topic(cluster)
    here = _document_counts(topic, language)
    elsewhere = _counted_once(tuple(one.description for one in others if one.language == language), language)
    known = f"{cluster.product_family} {cluster.defect_code} {cluster.location}".casefold()
    shared = {term: n for term, n in here.items() if n >= 2 and term not in known} or dict(here)

    def weight(term: str) -> tuple[float, int, str]:
        rarity = log((len(others) + 2) / (elsewhere[term] + 1))
        return shared[term] * rarity * (1 + 0.2 * len(term)), len(term), term

    chosen: list[str] = []
    for term in sorted(shared, key=weight, reverse=True):
        if not any(_overlap(term, other) for other in chosen) and _stands_alone(term, topic):
            chosen.append(term)
        if len(chosen) == most:
            break
    return chosen


def quotes(cluster: Cluster, terms: Sequence[str], most: int = 3) -> list[Quote]:
    """One clause each of different complaints, those that say most about the problem first."""
    cut = [Quote(one.number, clause) for one in cluster.complaints if (clause := _best_clause(one, cluster, terms))]
    cut.sort(key=lambda quote: (-_weight(quote.text, cluster, terms), quote.number))
    distinct = list({quote.text: quote for quote in reversed(cut)}.values())[::-1]
    first = cluster.complaints[0]
    return distinct[:most] or [Quote(first.number, first.description[:48])]


def _on_topic(cluster: Cluster) -> set[str]:
    """Of each complaint the clauses that name problem or place; the whole of all where too few do."""
    own = [one for one in cluster.complaints if one.language == cluster.language]
    named = {" ".join(part for part in _clauses(one) if _names(part, cluster)) for one in own} - {""}
    return named if len(named) > 2 else {one.description for one in own}


def _best_clause(one: Known, cluster: Cluster, terms: Sequence[str]) -> str:
    shortest, longest = _LENGTHS[cluster.language]
    fitting = [part for part in _clauses(one) if shortest <= len(part) <= longest]
    return max(fitting, key=lambda part: (_weight(part, cluster, terms), len(part)), default="")


def _clauses(one: Known) -> list[str]:
    return [part.strip() for part in _CLAUSE.split(one.description) if part.strip()]


def _weight(clause: str, cluster: Cluster, terms: Iterable[str]) -> int:
    low = clause.casefold()
    return sum(term in low for term in terms) + 2 * _names(low, cluster)


def _names(clause: str, cluster: Cluster) -> int:
    """How many pieces of the coded problem and place the clause names: Chinese bigrams, English words."""
    low = clause.casefold()
    return sum(piece in low for piece in _pieces(f"{cluster.defect_code} {cluster.location}"))


def _pieces(codes: str) -> set[str]:
    low = codes.casefold()
    bigrams = {run[start : start + 2] for run in _CHINESE.findall(low) for start in range(len(run) - 1)}
    return bigrams | set(_WORD.findall(low.replace("_", " ")))


@cache
def _counted_once(texts: tuple[str, ...], language: str) -> Counter[str]:
    return _document_counts(texts, language)


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


def _stands_alone(term: str, texts: Iterable[str]) -> bool:
    """A word meets different neighbours on both sides; a window cut out of one phrase always the same."""
    if term.isascii():
        return True
    if term[0] in _GRAMMAR or term[-1] in _GRAMMAR:
        return False
    beside = [pair for text in texts for pair in re.findall(f"(.?){term}(.?)", text)]
    return all(len({pair[side] for pair in beside}) > 1 for side in (0, 1))


def _overlap(one: str, other: str) -> bool:
    """One within the other, or two windows onto the same Chinese words."""
    if one in other or other in one:
        return True
    return not one.isascii() and any(one[start : start + 2] in other for start in range(len(one) - 1))
