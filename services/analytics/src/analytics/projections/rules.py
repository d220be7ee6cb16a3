"""How two events that touch the same column agree, whichever comes first.

Every rule is commutative, associative and idempotent (a join semilattice), so late, repeated and shuffled events end
in the same row, and an event may come before the one that creates its complaint.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Once:
    """Written by events that all say the same, such as the number given at registration."""


@dataclass(frozen=True)
class Earliest:
    """The smallest value said: the first time something happened."""


@dataclass(frozen=True)
class Greatest:
    """The largest value said: a sequence, an escalation level."""


@dataclass(frozen=True)
class Newest:
    """State: the value said with the highest `guard`, a column of the same row written by the same events."""

    guard: str


@dataclass(frozen=True)
class United:
    """The union of every Span said: time that two of them share counts once."""


@dataclass(frozen=True)
class Span:
    """From `start` to `end`, not before it."""

    start: datetime
    end: datetime


Rule = Once | Earliest | Greatest | Newest | United


@dataclass(frozen=True)
class Projection:
    """A table of facts: its key and the rule of each further column."""

    table: str
    key: tuple[str, ...]
    columns: Mapping[str, Rule]


def rounds(projection: Projection, rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Splits rows so that no round names a key twice (one upsert may touch a row once), each in the order of keys.

    The order keeps two replicas from locking the same rows the other way round. Distinct keys give one round.
    """
    left = sorted(rows, key=lambda row: tuple(str(row[name]) for name in projection.key))
    while left:
        taken: dict[tuple[Any, ...], Row] = {}
        later: list[Row] = []
        for row in left:
            key = tuple(row[name] for name in projection.key)
            if key in taken:
                later.append(row)
            else:
                taken[key] = row
        yield list(taken.values())
        left = later
