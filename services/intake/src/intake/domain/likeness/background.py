"""How common each word is among the texts that are compared: what is rare tells more."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import log

from intake.domain.likeness.meanings import meanings
from intake.domain.search.words import is_east_asian, runs, words

HEAD = 0.7
"""A text's first line says what it is about: it counts once more with this weight."""
_READ = 20_000
"""Characters of a text that are compared; what comes later tells nothing new."""


@dataclass(frozen=True)
class Read:
    """A text as it is compared. Each view is taken when it is first needed."""

    text: str

    @classmethod
    def of(cls, text: str) -> "Read":
        return cls(text[:_READ].strip())

    @cached_property
    def words(self) -> Counter[str]:
        """Stems of Latin words, pairs of East Asian characters: what the index of the search holds."""
        return Counter(words(self.text))

    @cached_property
    def head(self) -> Counter[str]:
        return Counter(words(self.text.split("\n", 1)[0]))

    @cached_property
    def characters(self) -> list[str]:
        """East Asian characters one by one, words and numbers of other alphabets whole."""
        return [piece for run in runs(self.text) for piece in (run if is_east_asian(run) else [run])]

    @cached_property
    def meanings(self) -> list[str]:
        return meanings(self.text)


class Background:
    """Counts of the texts in which a word, a character or a meaning stands."""

    def __init__(self) -> None:
        self.texts = 0
        self._words: Counter[str] = Counter()
        self._characters: Counter[str] = Counter()
        self._meanings: Counter[str] = Counter()
        self._rarities: dict[int, float] = {}

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Background":
        background = cls()
        for text in texts:
            background.add(Read.of(text))
        return background

    def add(self, read: Read) -> None:
        self.texts += 1
        self._rarities.clear()
        self._words.update(read.words.keys())
        self._characters.update(set(read.characters))
        self._meanings.update(set(read.meanings))

    def of_word(self, word: str) -> float:
        return self._rarity(self._words[word])

    def of_character(self, character: str) -> float:
        return self._rarity(self._characters[character])

    def of_meaning(self, meaning: str) -> float:
        return self._rarity(self._meanings[meaning])

    def _rarity(self, n: int) -> float:
        """Inverse document frequency in nats (K. Spärck Jones, 1972), never 0: a background may hold few texts."""
        if n not in self._rarities:
            self._rarities[n] = log((self.texts + 1) / (n + 1)) + 0.1
        return self._rarities[n]
