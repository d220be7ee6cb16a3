"""From probes to the length of an outage. A probe is one create, every 200 ms, not repeated."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

CALM_PROBES = 5
_AT_LEAST_S, _AT_MOST_S, _SLACK = 0.5, 1.0, 3.0


@dataclass(frozen=True)
class Probe:
    begun: float
    ended: float
    status: int
    """0 without an answer in time."""

    @property
    def accepted(self) -> bool:
        return self.status in (200, 201)

    def prompt(self, normal_s: float) -> bool:
        return self.accepted and self.ended - self.begun <= normal_s

    @property
    def seen(self) -> str:
        """What it met when it was not accepted promptly."""
        return "slow" if self.accepted else str(self.status) if self.status else "no answer"


@dataclass(frozen=True)
class Recovery:
    """Seconds, all of them. `accepted` is the last create that failed or took longer than normal, `caught_up` when
    all that was acknowledged had its case and its fact; None when that never came."""

    kind: str
    name: str
    lasted_s: float
    """How long the fault itself went on; 0 for a kill."""
    outage_s: float
    """From its beginning until creates were accepted within the normal latency again; 0 if they always were."""
    caught_up_s: float | None
    """From its beginning."""
    note: str = ""

    @property
    def outage_after_s(self) -> float:
        """The same from the fault's end."""
        return max(0.0, self.outage_s - self.lasted_s)

    @property
    def caught_up_after_s(self) -> float | None:
        return None if self.caught_up_s is None else max(0.0, self.caught_up_s - self.lasted_s)


def normal_latency_s(probes: Sequence[Probe]) -> float:
    """Three times the ninth decile of probes in peace, within 0.5 and 1 s: busy machines are slow without a fault."""
    took = sorted(probe.ended - probe.begun for probe in probes if probe.accepted)
    decile = took[int(len(took) * 0.9)] if took else 0.0
    return min(_AT_MOST_S, max(_AT_LEAST_S, _SLACK * decile))


def calm_since(probes: Sequence[Probe], at: float, normal_s: float) -> float | None:
    """When the first run of prompt probes after `at` began that is still going on; None while it is too short."""
    run: list[Probe] = []
    for probe in probes:
        if probe.ended >= at:
            run = [*run, probe] if probe.prompt(normal_s) and probe.begun >= at else []
    return run[0].begun if len(run) >= CALM_PROBES else None


def seen_meanwhile(probes: Sequence[Probe], fault_at: float, calm_at: float, normal_s: float) -> str:
    """Such as "503 x 12, slow x 3"."""
    hurt = Counter(p.seen for p in probes if p.ended > fault_at and p.begun < calm_at and not p.prompt(normal_s))
    return ", ".join(f"{seen} x {count}" for seen, count in sorted(hurt.items()))


def outage_s(probes: Sequence[Probe], fault_at: float, calm_at: float, normal_s: float) -> float:
    hurt = [p.ended for p in probes if p.ended > fault_at and p.begun < calm_at and not p.prompt(normal_s)]
    return max(hurt, default=fault_at) - fault_at
