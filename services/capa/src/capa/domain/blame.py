"""A person is never a root cause."""

import re
import unicodedata

from capa.domain.rules import Blame

_WORD = re.compile(r"[a-z0-9][a-z0-9.'-]*")
_LONGEST = 2_000
"""A longer answer says more than who did it, whatever else it says."""
_CJK = re.compile(r"[\u3400-\u9fff]")


def blames_a_person(answer: str, blame: Blame) -> bool:
    """True when the answer boils down to "human error", "operator", "操作失误", "人为" and their kin.

    What a system lets happen is a cause, who did it is not (DOMAIN 7; a frequent audit finding). The phrases that blame
    and the words that only fill are taken out; an answer is refused when next to nothing is left, so "the operator
    could not see the torque because no instruction states it" stands and "操作工操作失误导致" does not.
    """
    if len(answer) > _LONGEST:
        return False
    plain = unicodedata.normalize("NFKC", answer).casefold()
    rest, found = blame.phrase.subn(" ", plain)
    if not found or blame.system.search(rest):
        return False
    rest = blame.filler.sub(" ", rest)
    return len(_WORD.findall(rest)) <= blame.remaining_words and len(_CJK.findall(rest)) <= blame.remaining_characters
