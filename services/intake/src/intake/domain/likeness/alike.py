"""How alike two texts are, 0..1, and by which words known ones are found. Text proposes, people decide (DOMAIN §3).

Two short Chinese texts are weighed by `short`, all others by the cosine of their words. Every threshold is frozen here:
the quality in docs/repeats.md and the latency of the search are those of this configuration.
"""

from dataclasses import dataclass
from functools import cached_property
from heapq import nlargest
from math import exp

from intake.domain.likeness import short
from intake.domain.likeness.background import Background, Read
from intake.domain.likeness.vectors import Vector, cosine, vector
from intake.domain.likeness.weights import WEIGHTS
from intake.domain.texts import HAN

COMPARED = 50
"""Known texts that are compared in full, those first that share the heaviest words."""
HEAVIEST = 24
"""Words of a text by which known ones are found."""
PROPOSED_FROM = 0.5
"""Where a person is asked. Of 1,076 reports of software faults 151 have another one as near as this."""
SHOWN_FROM = 0.2
"""What a clerk is shown who asks whether something was reported: below, texts share a word or two by chance."""
_SHORT = 60
"""Characters. The pairs that the weights come from are no longer."""


@dataclass(frozen=True)
class Text:
    """A text, ready to be compared with many."""

    read: Read
    background: Background

    @classmethod
    def of(cls, text: str, background: Background) -> "Text":
        return cls(Read.of(text), background)

    @cached_property
    def vector(self) -> Vector:
        return vector(self.read, self.background)

    @cached_property
    def is_short(self) -> bool:
        return len(self.read.text) <= _SHORT and HAN.search(self.read.text) is not None

    def heaviest(self) -> dict[str, float]:
        """The words that tell most about the text, with their weights."""
        return dict(nlargest(HEAVIEST, self.vector.items(), key=lambda each: (each[1], each[0])))


def likeness(one: Text, other: Text) -> float:
    """0..1: for two short Chinese texts the probability of the weights, else the cosine. 1 for the same text,
    0 where there is none."""
    if not one.read.text or not other.read.text:
        return 0.0
    if one.read.text == other.read.text:
        return 1.0
    if one.is_short and other.is_short:
        log_odds = short.score(short.measures(one.read, other.read, one.background), WEIGHTS)
        return round(1 / (1 + exp(-log_odds)), 4)
    return round(min(1.0, cosine(one.vector, other.vector)), 4)


def shared(one: Text, other: Text, most: int = 5) -> list[str]:
    """The words that made them alike, those that weigh most first."""
    both = {word: weight * other.vector[word] for word, weight in one.vector.items() if word in other.vector}
    return nlargest(most, both, key=lambda word: (both[word], word))
