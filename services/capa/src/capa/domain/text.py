"""What makes two texts comparable without a tokenizer, in Chinese and in English."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

# Words that every English text shares.
_ENGLISH = """
a about after all also am an and any are as at be because been before but by can could did do does for from had has have
he her his how i if in into is it its me more my no not of off on one or our out over she since so some such than that
the their them then there these they this to too up us very was we were what when where which while who why will with
would you your
"""
_FUNCTION_WORDS = frozenset(_ENGLISH.split())
_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+")


@dataclass(frozen=True)
class Signature:
    """(product family, defect code, failure location): equal signatures are the same kind of problem (DOMAIN 3)."""

    product_family: str
    defect_code: str
    failure_location: str


def signature_of(
    product_family: str | None, defect_code: str | None, failure_location: str | None, catch_all: frozenset[str]
) -> Signature | None:
    """None without a family or a defect code, and for a catch-all code ("other", "其他"), which says nothing."""
    family, defect, place = (fold(part or "") for part in (product_family, defect_code, failure_location))
    if not family or not defect or defect in catch_all:
        return None
    return Signature(family, defect, place)


def fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def grams(text: str, maximum: int) -> list[str]:
    """Bigrams of Chinese runs and trigrams of words with their edges, each once, in order; at most `maximum`."""
    runs = (run for run in _RUN.findall(fold(text)) if run not in _FUNCTION_WORDS)
    found = dict.fromkeys(gram for run in runs for gram in _grams_of(run))
    return list(found)[:maximum]


def _grams_of(run: str) -> list[str]:
    chinese = not run.isascii()
    padded, size = (run, 2) if chinese else (f"_{run}_", 3)
    if len(padded) <= size:
        return [padded]
    return [padded[start : start + size] for start in range(len(padded) - size + 1)]


@dataclass(frozen=True)
class Weights:
    """What an n-gram tells: -ln of the share of texts that have it (inverse document frequency, Spärck Jones 1972)."""

    shares: Mapping[str, float]
    """Of the common ones; empty for a small collection, where all weigh the same."""
    rare: float
    """Share assumed for all others."""

    def of(self, gram: str) -> float:
        return -log(min(self.shares.get(gram, self.rare), 0.999)) if self.shares else 1.0


def weights_of(shares: Mapping[str, float]) -> Weights:
    return Weights(shares, min(shares.values(), default=1.0))


def likeness(left: Sequence[str], right: Sequence[str], weights: Weights) -> float:
    """0..1: the weight of the shared n-grams against that of the lighter text.

    So a long complaint is not held against the short case that it repeats.
    """
    mine, theirs = set(left), set(right)
    shared = sum(map(weights.of, mine & theirs))
    return 2 * shared / (shared + min(sum(map(weights.of, mine)), sum(map(weights.of, theirs)))) if shared else 0.0
