"""What a customer's own convention may change: published like every definition (docs/definitions.md)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

DEFAULT_CATEGORIES = "6m"


@dataclass(frozen=True)
class Blame:
    """What an answer may not boil down to when it is to be a root cause."""

    phrase: re.Pattern[str]
    filler: re.Pattern[str]
    system: re.Pattern[str]
    remaining_words: int
    remaining_characters: int


@dataclass(frozen=True)
class Exposure:
    """When a check may speak at all. See `domain.effectiveness`."""

    minimum_expected: float
    """Events the baseline would have produced in the same exposure."""
    alpha: float
    max_extensions: int


@dataclass(frozen=True)
class Similarity:
    minimum_score: float
    telling_grams: int
    """How many of a text's rarest n-grams look for candidates."""
    same_family_bonus: float
    candidates: int
    maximum_grams: int


@dataclass(frozen=True)
class Rules:
    category_sets: Mapping[str, frozenset[str]]
    blame: Blame
    exposure: Exposure
    similarity: Similarity
    catch_all_defects: frozenset[str]
    cost_sub_types: Mapping[str, frozenset[str]]
    """Category → its sub-types."""

    def categories(self, category_set: str) -> frozenset[str]:
        """Empty for a set that an older file of rules knew and this one does not."""
        return self.category_sets.get(category_set, frozenset())
