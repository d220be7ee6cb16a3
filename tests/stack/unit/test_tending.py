from dataclasses import dataclass, field
from pathlib import Path

from stack.part import Part
from stack.process import ManagedProcess
from stack.tending import Tender


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class DyingPart(Part):
    """Dies as soon as it is launched."""

    launches: int = 0
    process: ManagedProcess = field(default_factory=lambda: ManagedProcess("dying", ["true"], Path("unused.log")))

    def __post_init__(self) -> None:
        self.process.wanted = True

    def launch(self) -> None:
        self.launches += 1

    def ready(self) -> bool:
        return False


def _launches_within(seconds: float) -> int:
    clock, part = Clock(), DyingPart()
    tender = Tender(clock)
    for _ in range(int(seconds * 10)):
        tender.tend([part])
        clock.now += 0.1
    return part.launches


def test_what_died_is_started_again_after_a_pause() -> None:
    assert _launches_within(0.3) == 0
    assert _launches_within(1.0) == 1


def test_what_keeps_dying_is_started_less_and_less_often() -> None:
    assert _launches_within(8) == 4  # after 0.5, 1.5, 3.5 and 7.5 seconds
    assert _launches_within(60) <= 8


def test_what_was_stopped_on_purpose_stays_stopped() -> None:
    part = DyingPart()
    part.process.wanted = False
    clock = Clock()
    tender = Tender(clock)
    tender.tend([part])
    clock.now += 10
    assert tender.tend([part]) == []


@dataclass
class AilingPart(DyingPart):
    """Runs, and says that it cannot work, until it is started again."""

    ails: bool = True
    kills: int = 0
    process: ManagedProcess = field(default_factory=lambda: RunningProcess("ailing", ["true"], Path("unused.log")))

    def ailing(self) -> bool:
        return self.ails

    def kill(self) -> None:
        self.kills += 1


class RunningProcess(ManagedProcess):
    @property
    def alive(self) -> bool:
        return True


def test_what_says_for_five_seconds_that_it_ails_is_killed_and_not_before() -> None:
    clock, part = Clock(), AilingPart()
    tender = Tender(clock)
    for second in range(10):
        part.ails = second != 3
        tender.tend([part])
        assert part.kills == int(second >= 9)
        clock.now += 1
