"""Text to words as the index knows them: Latin ones by their stem, East Asian ones as pairs of characters.

No dictionary and no list of stop words: what is too common shows in its count.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_EAST_ASIAN = "㐀-䶿一-鿿豈-﫿々ぁ-ゖァ-ヺー가-힣"
_RUN = re.compile(rf"[{_EAST_ASIAN}]+|[^\W_{_EAST_ASIAN}]+")
_EAST_ASIAN_RUN = re.compile(rf"[{_EAST_ASIAN}]")
_VOWEL = re.compile(r"[aeiouy]")
_HISSING = ("ses", "xes", "zes", "ches", "shes")
_LONGEST_WORD = 40
_SHORTEST_STEM = 3
_STEMS_KEPT = 50_000


def folded(text: str) -> str:
    """One spelling for full and half width, upper and lower case."""
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).casefold()


def runs(text: str) -> list[str]:
    """Words and unbroken runs of East Asian characters, folded, in the order of the text."""
    return _RUN.findall(folded(text))


def words(text: str) -> list[str]:
    """Every occurrence: stems of Latin words and digits, pairs of East Asian characters (one that stands alone as
    itself). "The pumps leaked, 水泵漏水" gives the, pump, leak, 水泵, 泵漏, 漏水."""
    return [word for run in runs(text) for word in of_run(run)]


def of_run(run: str) -> list[str]:
    """The words of one run as `runs` gives it."""
    if not is_east_asian(run):
        return [stem(run)]
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]


def characters(text: str) -> Iterator[str]:
    """East Asian characters one by one: what a question of a single character is looked up by."""
    return (c for c in folded(text) if _EAST_ASIAN_RUN.match(c))


def is_east_asian(run: str) -> bool:
    return _EAST_ASIAN_RUN.match(run) is not None


@lru_cache(maxsize=_STEMS_KEPT)
def stem(word: str) -> str:
    """Light English stemming: plural, -ed and -ing, a final e; so "leaks", "leaked" and "leaking" are one word.

    Words with digits are codes and stay. After S. Harman, How effective is suffixing? (1991), and step 1 of Porter.
    """
    word = _plain(word)[:_LONGEST_WORD]
    if not word.isascii() or not word.isalpha() or len(word) <= _SHORTEST_STEM:
        return word
    return _without_e(_without_ending(_singular(word)))


def _plain(word: str) -> str:
    """Without accents."""
    if word.isascii():
        return word
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("sses") or word.endswith(_HISSING):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _without_ending(word: str) -> str:
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= _SHORTEST_STEM and _VOWEL.search(rest):
            doubled = rest[-1] == rest[-2] and rest[-1] not in "lsz"
            return rest[:-1] if doubled else rest
    return word


def _without_e(word: str) -> str:
    return word[:-1] if word.endswith("e") and len(word) > _SHORTEST_STEM else word
