"""Two short Chinese texts: a dozen measures and the meanings they share or not, weighed once and for all.

Few words are shared by two people who ask the same, and many by two who ask for the opposite; so negations, numbers and
meanings count beside the characters.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from math import log, sqrt

from intake.domain.likeness.background import Background, Read
from intake.domain.likeness.order import common_in_order, in_order

Rarity = Callable[[str], float]
_NEGATIONS = {"no", "cannot"}


def measures(one: Read, other: Read, background: Background) -> dict[str, float]:
    """By name; each is the same whichever text comes first."""
    a, b, character = one.characters, other.characters, background.of_character
    p, q, meaning = one.meanings, other.meanings, background.of_meaning
    shared, apart = set(p) & set(q), set(p) ^ set(q)
    common = common_in_order(a, b)
    return {
        "characters": _overlap(set(a), set(b), character),
        "pairs": _cosine(one.words, other.words, background.of_word),
        "order": 2 * common / max(1, len(a) + len(b)),
        "shorter in order": common / max(1, min(len(a), len(b))),
        "length": log(1 + min(len(a), len(b))),
        "numbers": float(_numbers(a) != _numbers(b)),
        "rarest pair": max(map(background.of_word, one.words.keys() & other.words.keys()), default=0.0),
        "meanings": _overlap(set(p), set(q), meaning),
        "meanings by weight": _cosine(Counter(p), Counter(q), meaning),
        "meanings of the richer": _sum(shared, meaning) / max(1e-9, _sum(set(p), meaning), _sum(set(q), meaning)),
        "meanings in order": in_order(p, q),
        "negation": float(bool(_NEGATIONS & set(p)) != bool(_NEGATIONS & set(q))),
        **{f"both {each}": 1.0 for each in shared if len(each) > 1},
        **{f"one {each}": 1.0 for each in apart if len(each) > 1},
    }


def score(measured: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The log-odds that both say the same. What the weights do not name counts nothing."""
    return weights[""] + sum(value * weights.get(name, 0.0) for name, value in measured.items())


def _overlap(one: set[str], other: set[str], rarity: Rarity) -> float:
    """Jaccard's index, weighed by rarity."""
    common = _sum(one & other, rarity)
    return common / max(1e-9, _sum(one, rarity) + _sum(other, rarity) - common)


def _cosine(one: Counter[str], other: Counter[str], rarity: Rarity) -> float:
    dot = sum(one[each] * other[each] * rarity(each) ** 2 for each in one.keys() & other.keys())
    return dot / (_length(one, rarity) * _length(other, rarity) or 1.0)


def _length(counts: Counter[str], rarity: Rarity) -> float:
    return sqrt(sum((n * rarity(each)) ** 2 for each, n in counts.items()))


def _sum(of: Iterable[str], rarity: Rarity) -> float:
    return sum(map(rarity, of))


def _numbers(pieces: Collection[str]) -> set[str]:
    return {piece for piece in pieces if piece.isdigit()}
