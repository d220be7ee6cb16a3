"""From probes to the length of an outage. A probe is one create, every 200 ms, not repeated."""

from collections.abc import Sequence
from dataclasses import dataclass

CALM_PROBES = 5
_PROMPT_S = 1.0


@dataclass(frozen=True)
class Probe:
    begun: float
    ended: float
    accepted: bool

    @property
    def prompt(self) -> bool:
        return self.accepted and self.ended - self.begun < _PROMPT_S


@dataclass(frozen=True)
class Recovery:
    name: str
    lasted_s: float
    """How long the fault itself went on; 0 for a kill."""
    outage_s: float
    """From its beginning until the last create that failed or took more than a second; 0 if none did."""
    note: str


def calm_since(probes: Sequence[Probe], at: float) -> float | None:
    """When the first run of prompt probes after `at` began that is still going on; None while it is too short."""
    run: list[Probe] = []
    for probe in probes:
        if probe.ended >= at:
            run = [*run, probe] if probe.prompt and probe.begun >= at else []
    return run[0].begun if len(run) >= CALM_PROBES else None


def outage_s(probes: Sequence[Probe], fault_at: float, calm_at: float) -> float:
    hurt = [probe.ended for probe in probes if probe.ended > fault_at and probe.begun < calm_at and not probe.prompt]
    return max(hurt, default=fault_at) - fault_at
