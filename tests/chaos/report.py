"""What the chaos run says: a table for people, one JSON object as the last line."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tests.chaos.recovery import Recovery

Figures = Mapping[str, float | None]


@dataclass(frozen=True)
class Result:
    acknowledged: int
    missing: int
    duplicated: int
    faults: int
    control_missing: int
    verify: str
    seed: int
    kinds: Mapping[str, int]
    """How many faults of each kind were struck."""
    skipped: Mapping[str, str]
    """Kind -> why this machine could not do it."""
    recovery_s: Mapping[str, Mapping[str, Figures]]
    """Kind -> figure -> worst and median."""
    normal_latency_s: float
    work_acknowledged: int
    """Steps of people's work; `missing` and `duplicated` count them, too."""
    work_refused: Mapping[str, int]
    parked: int
    """Poisoned events, each parked by every consumer that it reached, as many as were due."""
    findings: Sequence[str]
    letters_twice: int
    given_up: int
    refused: Mapping[int, int]
    """Creates that got an answer which does not say: try again. An outage must not look like that."""
    unhelpful: int
    """Answers 503 that did not say when."""

    @property
    def good(self) -> bool:
        """Nothing lost, nothing twice, and a control that shows that this run could have seen it."""
        whole = self.missing == 0 and self.duplicated == 0 and self.verify == "clean" and not self.findings
        polite = not (self.refused or self.work_refused or self.unhelpful)
        return whole and polite and self.acknowledged > 0 and self.control_missing > 0

    def line(self) -> str:
        return json.dumps(vars(self))


HEAD = f"{'fault':<44} {'lasted':>6} {'outage':>6} {'caught up':>9}  seconds, from the fault's beginning"


def recovery_line(recovery: Recovery, unknown: str = "never") -> str:
    through = unknown if recovery.caught_up_s is None else f"{recovery.caught_up_s:.1f}"
    figures = f"{recovery.lasted_s:>6.1f} {recovery.outage_s:>6.1f} {through:>9}"
    return f"{recovery.name:<44} {figures}  {recovery.note}".rstrip()


def by_kind(recoveries: Iterable[Recovery]) -> dict[str, dict[str, Figures]]:
    struck: dict[str, list[Recovery]] = {}
    for one in recoveries:
        struck.setdefault(one.kind, []).append(one)
    return {kind: _figures(ones) for kind, ones in sorted(struck.items())}


def counted(recoveries: Iterable[Recovery]) -> dict[str, int]:
    return dict(sorted(Counter(one.kind for one in recoveries).items()))


def _figures(ones: Sequence[Recovery]) -> dict[str, Figures]:
    return {
        "accepted_from_begin": worst_and_median([one.outage_s for one in ones]),
        "accepted_from_end": worst_and_median([one.outage_after_s for one in ones]),
        "caught_up_from_begin": worst_and_median([one.caught_up_s for one in ones]),
        "caught_up_from_end": worst_and_median([one.caught_up_after_s for one in ones]),
    }


def worst_and_median(seconds: Sequence[float | None]) -> Figures:
    """Never is worse than any time."""
    known = [value for value in seconds if value is not None]
    worst = None if len(known) < len(seconds) else round(max(known), 1)
    return {"worst": worst, "median": round(median(known), 1) if known else None}


def counts(title: str, found: Mapping[str, int]) -> Iterator[str]:
    for name, count in found.items():
        yield f"{title} {name}: {count}"
