"""The run itself: faults under load, one after the other, then the reckoning."""

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass

from tests.chaos.ground import Ground, NotRecovered
from tests.chaos.plan import Planned
from tests.chaos.recovery import Recovery, calm_since, outage_s, seen_meanwhile

_RECOVERY_LIMIT_S = 90.0


@dataclass(frozen=True)
class Struck:
    kind: str
    name: str
    begun: float
    lasted_s: float
    outage_s: float
    note: str
    caught_up_at: Future[float | None]
    """When all that was acknowledged until shortly after the outage had its case and its fact."""

    def recovery(self, wait_s: float = 0.0) -> Recovery:
        """With what is known after `wait_s` seconds at most."""
        at = self.caught_up_at.result(timeout=wait_s) if wait_s or self.caught_up_at.done() else None
        caught_up_s = None if at is None else max(0.0, at - self.begun)
        return Recovery(self.kind, self.name, self.lasted_s, self.outage_s, caught_up_s, self.note)


def attack(ground: Ground, faults: Iterable[Planned], normal_s: float, *, whole: bool) -> Iterator[Struck]:
    """Each fault waits until the system accepts again after the one before; with `whole` also until all is ready."""
    for planned in faults:
        yield strike(ground, planned, normal_s)
        if whole and not ground.wait_until(ground.all_ready, _RECOVERY_LIMIT_S):
            raise NotRecovered(f"after {planned[1].name} not every part became ready again")


def strike(ground: Ground, planned: Planned, normal_s: float) -> Struck:
    kind, fault = planned
    probes = ground.load.probes
    begun = time.monotonic()
    try:
        note = fault.strike(ground)
    except NotRecovered as error:
        ground.findings.append(f"{fault.name}: {error}")
        note = str(error)
    lifted = time.monotonic()
    if not ground.wait_until(lambda: calm_since(probes, lifted, normal_s) is not None, _RECOVERY_LIMIT_S):
        raise NotRecovered(f"after {fault.name} creates were not accepted as usual for {_RECOVERY_LIMIT_S:g} s")
    calm = calm_since(probes, lifted, normal_s) or time.monotonic()
    outage = outage_s(probes, begun, calm, normal_s)
    note = "; ".join(filter(None, [note, seen_meanwhile(probes, begun, calm, normal_s)]))
    return Struck(kind.name, fault.name, begun, lifted - begun, outage, note, ground.load.follow(calm + 0.5))
