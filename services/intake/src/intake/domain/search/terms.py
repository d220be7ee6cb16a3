"""Words as numbers: the index holds keyed digests of 32 bits, so that nobody reads the words of a complaint in it.

Two words share a number once in four thousand million pairs; who needs to be sure reads the text again.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from intake.domain.search.words import characters, of_run, runs, words

Term = int
"""Signed, as PostgreSQL's int4."""

MOST_TERMS = 4_000
"""Of one text; the rest of a longer one is not found by its words."""

# What a list is filtered by and what few complaints of a value have, or what changes seldom. Not the state: every
# complaint changes it, and it is read from the complaint itself.
FACETS = (
    *("product_family", "product_model", "lot", "serial", "defect_code", "failure_location", "customer_ref"),
    *("channel", "language", "remedy_wanted", "grade", "repeat_level", "key_account", "registered_by"),
)
# Their words are found like those of the description.
_READ_AS_TEXT = ("product_family", "product_model", "lot", "serial", "defect_code", "failure_location", "number")
_CACHED = 200_000


class Lexicon:
    """`key`: 32 bytes, the same for as long as the index stands."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.term = lru_cache(maxsize=_CACHED)(self._term)

    def terms(self, text: str) -> list[Term]:
        """Those of the text's words, each once, in order of appearance."""
        return self._unique(words(text))

    def coded(self, row: Mapping[str, Any], text: str) -> list[Term]:
        """What a complaint is found by beside the words of its text: values of coded fields, their words, and single
        East Asian characters."""
        values = [facet(name, row[name]) for name in FACETS if row[name] is not None]
        named = [word for name in _READ_AS_TEXT if row[name] is not None for word in self._asked(row[name])]
        return self._unique([*values, *named, *characters(text)])

    def asked(self, run: str) -> list[Term]:
        """What a complaint must have to hold this word, or this run of characters."""
        return self._unique(of_run(run))

    def facet(self, name: str, value: str) -> Term:
        return self.term(facet(name, value))

    def _asked(self, value: str) -> list[str]:
        return [*words(value), *(c for run in runs(value) for c in characters(run))]

    def _unique(self, of: Iterable[str]) -> list[Term]:
        return list(dict.fromkeys(map(self.term, of)))[:MOST_TERMS]

    def _term(self, word: str) -> Term:
        return int.from_bytes(blake2b(word.encode(), digest_size=4, key=self._key).digest(), "big", signed=True)


def facet(name: str, value: str) -> str:
    """No word has a blank in it, so none is taken for a value."""
    return f"{name} {value}"
