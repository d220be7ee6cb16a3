"""Texts of some length as vectors of their words: the cosine of the angle between two says how alike they are."""

from collections import Counter
from collections.abc import Mapping
from math import log, sqrt

from intake.domain.likeness.background import HEAD, Background, Read

Vector = Mapping[str, float]


def vector(read: Read, background: Background) -> Vector:
    """Of length 1: words by 1 + ln of their number times their rarity, and those of the first line once more."""
    whole, head = _weighed(read.words, background), _weighed(read.head, background)
    return _unit({word: weight + HEAD * head.get(word, 0.0) for word, weight in whole.items()})


def cosine(one: Vector, other: Vector) -> float:
    if len(other) < len(one):
        one, other = other, one
    return sum(weight * other[word] for word, weight in one.items() if word in other)


def _weighed(words: Counter[str], background: Background) -> dict[str, float]:
    return _unit({word: (1 + log(n)) * background.of_word(word) for word, n in words.items()})


def _unit(weights: dict[str, float]) -> dict[str, float]:
    length = sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {word: weight / length for word, weight in weights.items()}
