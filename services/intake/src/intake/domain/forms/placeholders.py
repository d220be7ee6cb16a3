"""What people write where they have nothing to say."""

import re

from intake.domain.texts import is_placeholder, normalised

_RUNS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890", "abcdefghijklmnopqrstuvwxyz")
_SHORTEST_RUN = 4
_REPEATED = re.compile(r"(.)\1+")
_WORDS = frozenset(
    {"same as above", "see above", "as above", "asdf asdf", "no comment", "not applicable", "not known", "unknown"}
    | {"同上", "见上", "如上", "略", "不适用", "不知道", "不清楚", "待补充", "待定", "随便", "没"}
)
_EDGES = " .,;:!?。，；：！？、…-_/*~"
_LONGEST = 40


def is_filler(text: str) -> bool:
    """True for "n/a", "无", "test", "……", "asdf", "aaaa", "测试测试": something stands there, nothing is said.

    Never true above 40 characters: nobody types a sentence to say nothing, and a repeated one is still a sentence.
    """
    if len(text) > _LONGEST:
        return False
    plain = normalised(text).strip(_EDGES)
    if is_placeholder(text) or is_placeholder(plain) or plain in _WORDS or _REPEATED.fullmatch(plain.replace(" ", "")):
        return True
    return _is_run(plain) or _is_one_word_again(plain)


def _is_run(plain: str) -> bool:
    return len(plain) >= _SHORTEST_RUN and any(plain in run or plain in run[::-1] for run in _RUNS)


def _is_one_word_again(plain: str) -> bool:
    """ "test test", "测试测试", "asdfasdf"."""
    joined = plain.replace(" ", "")
    for times in (2, 3, 4):
        part = joined[: len(joined) // times]
        if part and part * times == joined and (is_placeholder(part) or part in _WORDS or _is_run(part)):
            return True
    return False
