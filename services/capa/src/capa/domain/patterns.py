"""Patterns that people may write: words, alternatives, and repetition where it cannot run away.

Python's `re` tries every way to split a text between repetitions: `(a+)+` or `(a|ab)*` take for ever on the wrong one.
So one repetition per pattern, over words of which none begins another, never within another; what may be left out is
counted, because each doubles the ways.
"""

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"(?P<escape>\\[bdswBDSW.?*+()\[\]{}|\\-])|(?P<set>\[\^?(?:[^\[\]\\]|\\.)+\])|(?P<repeat>[*+]\??)"
    r"|(?P<bounded>\{(?P<least>\d{1,2})(?:,(?P<most>\d{1,2}))?\}\??)|(?P<char>[^\\\[\](){}*+?|])|(?P<sign>[()?|])",
    re.DOTALL,
)
_LONGEST, _MOST_TIMES, _MOST_GROUPS, _MOST_CHOICES = 500, 20, 8, 10


@dataclass
class _Group:
    words: list[str] = field(default_factory=lambda: [""])
    plain: bool = True
    """Nothing but letters and alternatives."""


def fault_of(pattern: str) -> str | None:
    """Why this pattern is not taken; None when it is."""
    if not pattern or len(pattern) > _LONGEST:
        return f"must have 1 to {_LONGEST} characters"
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return f"is no pattern: {error}"
    return _too_many_ways(pattern) or _runs_away(pattern)


def _too_many_ways(pattern: str) -> str | None:
    signs = [token.group() for token in _TOKEN.finditer(pattern) if not (token["escape"] or token["set"])]
    if signs.count("(") > _MOST_GROUPS:
        return f"has more than {_MOST_GROUPS} groups"
    bounded = [sign for sign in signs if sign.startswith("{")]
    if len(bounded) > 1 or signs.count("?") + len(bounded) > _MOST_CHOICES:
        return f"leaves open more than {_MOST_CHOICES} times whether something is there, or counts more than once"
    return None


def _runs_away(pattern: str) -> str | None:
    open_groups, last, place, repeats = [_Group()], _Group(), 0, 0
    while place < len(pattern):
        token = _TOKEN.match(pattern, place)
        if token is None:
            return f"has something at {place + 1} that is not used here"
        place = token.end()
        if token["sign"] == "(":
            if pattern[place : place + 1] == "?":
                return f"has something at {place} that is not used here"
            open_groups.append(_Group())
        elif token["sign"] == ")":
            last = open_groups.pop()
            open_groups[-1].plain = False
        elif token["sign"] == "|":
            open_groups[-1].words.append("")
        elif token["char"]:
            open_groups[-1].words[-1] += token["char"]
            last = _Group(plain=False)
        elif token["repeat"]:
            repeats += 1
            if repeats > 1 or not last.plain or _one_begins_another(last.words):
                return "repeats without end more than once, or more than words of which none begins another"
            open_groups[-1].plain = False
        else:
            if int(token["most"] or token["least"] or 0) > _MOST_TIMES:
                return f"repeats more than {_MOST_TIMES} times"
            open_groups[-1].plain, last = False, _Group(plain=False)
    return None


def _one_begins_another(words: list[str]) -> bool:
    return any(one.startswith(other) for n, one in enumerate(words) for m, other in enumerate(words) if n != m) or (
        "" in words
    )
