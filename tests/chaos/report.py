"""What the chaos run says: a table for people, one JSON object as the last line."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tests.chaos.recovery import Recovery


@dataclass(frozen=True)
class Result:
    acknowledged: int
    missing: int
    duplicated: int
    faults: int
    control_missing: int
    verify: str
    recovery_s: dict[str, float | None]
    through_s: dict[str, float | None]
    letters_twice: int
    given_up: int
    refused: dict[int, int]
    """Creates that got an answer which does not say: try again. An outage must not look like that."""
    seed: int

    @property
    def good(self) -> bool:
        """Nothing lost, nothing twice, and a control that shows that this run could have seen it."""
        whole = self.missing == 0 and self.duplicated == 0 and self.verify == "clean"
        return whole and not self.refused and self.acknowledged > 0 and self.control_missing > 0

    def line(self) -> str:
        return json.dumps(vars(self))


HEAD = f"{'fault':<26} {'lasted s':>8} {'outage s':>8} {'through s':>9}  note"


def recovery_line(recovery: Recovery, through_s: float | str | None = "") -> str:
    through = through_s if isinstance(through_s, str) else "never" if through_s is None else f"{through_s:.1f}"
    return (
        f"{recovery.name:<26} {recovery.lasted_s:>8.1f} {recovery.outage_s:>8.1f} {through:>9}  {recovery.note}"
    ).rstrip()


def worst(seconds: Iterable[tuple[str, float | None]]) -> dict[str, float | None]:
    """By fault; of several strikes the longest, and none at all (never) is longer than any."""
    found: dict[str, float | None] = {}
    for name, value in seconds:
        known = found.get(name, 0.0)
        found[name] = None if value is None or known is None else round(max(value, known), 1)
    return found


def counts(title: str, found: Mapping[str, int]) -> Iterator[str]:
    for name, count in found.items():
        yield f"{title} {name}: {count}"
