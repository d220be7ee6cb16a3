"""What is asked of a million complaints, each time with other words and values."""

import os
import random
from collections.abc import Callable
from typing import Any

from tests.bench.million_texts import Vocabulary, chinese, english

STORED = int(os.environ.get("REDRESS_BENCH_COMPLAINTS", "1000000"))
Question = Callable[[random.Random], dict[str, Any]]


def _between(words: Vocabulary, least: int, most: int) -> Callable[[random.Random], str]:
    return lambda chance: words.words[chance.randrange(least, most)]


_EN, _ZH = english(), chinese()
_COMMON, _RARE = (0, 40), (2_000, 20_000)


def _two(one: Callable[[random.Random], str], other: Callable[[random.Random], str]) -> Question:
    return lambda chance: {"words": f"{one(chance)} {other(chance)}"}


QUESTIONS: dict[str, Question] = {
    "50 newest": lambda _: {},
    "by family and grade": lambda chance: {"product_family": f"Pump {chance.randint(1, 50)}", "grade": "urgent"},
    "by grade and state": lambda chance: {"grade": "urgent", "state": chance.choice(("open", "closed"))},
    "by a rare channel": lambda _: {"channel": "social"},
    "by channel, grade, key account": lambda _: {"channel": "social", "grade": "urgent", "key_account": "yes"},
    "by lot": lambda chance: {"lot": f"L{chance.randrange(max(1, STORED // 20))}"},
    "by serial": lambda chance: {"serial": f"S{chance.randrange(STORED)}"},
    "by customer": lambda chance: {"customer_ref": f"K{chance.randrange(max(1, STORED // 10))}"},
    "two common words": _two(_between(_EN, *_COMMON), _between(_EN, *_COMMON)),
    "two common words, Chinese": _two(_between(_ZH, *_COMMON), _between(_ZH, *_COMMON)),
    "a common and a rare word": _two(_between(_EN, *_COMMON), _between(_EN, *_RARE)),
    "a common and a rare word, Chinese": _two(_between(_ZH, *_COMMON), _between(_ZH, *_RARE)),
    "two rare words": _two(_between(_EN, *_RARE), _between(_EN, *_RARE)),
    "common words of two languages": _two(_between(_EN, *_COMMON), _between(_ZH, *_COMMON)),
    "a common word and a rare filter": lambda chance: {
        "words": _between(_EN, *_COMMON)(chance),
        "customer_ref": f"K{chance.randrange(max(1, STORED // 10))}",
    },
}
