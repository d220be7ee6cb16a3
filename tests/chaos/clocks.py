"""Faults of the clock: libfaketime sets the wall clock of a running process forward or back, and later right again.

The monotonic clock is left alone, as a real step of the wall clock would leave it.
"""

import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from stack.stack import Stack
from tests.chaos.fault import Fault, Kind, fault
from tests.chaos.ground import Ground
from tests.chaos.requirements import FAKETIME, faketime_library

_HELD_S = 8.0
_NOTICED_S = 1.2
_STEPS = {"10 minutes ahead": 600, "3 hours ahead": 10_800, "10 minutes behind": -600, "3 hours behind": -10_800}
# PostgreSQL's clock is everybody's: a letter written while it is ahead goes out when that time has come.
_SMALL_STEPS = {"90 s ahead": 90, "90 s behind": -90}
_SETTABLE: Mapping[str, Sequence[str]] = {
    "one intake": ("intake-1",),
    "workflow": ("workflow-0", "workflow-1"),
    "notify": ("notify-0",),
    "gateway": ("gateway-0",),
    "PostgreSQL": ("postgres",),
}


def settable_clocks(folder: Path) -> dict[str, dict[str, str]]:
    """`env_overrides` of a stack whose clocks can be set."""
    return {name: _environment(folder, name) for names in _SETTABLE.values() for name in names if name != "postgres"}


def make_postgres_settable(stack: Stack, folder: Path) -> None:
    """Starts it once more."""
    process = stack.postgres.process
    process.env = {**(process.env or os.environ), **_environment(folder, "postgres")}
    stack.postgres.stop()
    stack.postgres.start()


def clock_kind() -> Kind:
    steps = [(whose, step) for whose in _SETTABLE for step in (_SMALL_STEPS if whose == "PostgreSQL" else _STEPS)]
    return Kind("clock set", [_of(whose, step) for whose, step in steps], needs=(FAKETIME,))


def _of(whose: str, step: str) -> Fault:
    touched = [f"clock of {name}" for name in _SETTABLE[whose]]
    return fault(
        f"clock of {whose} {step}",
        partial(set_clock, whose, (_STEPS | _SMALL_STEPS)[step]),
        *touched,
        *_SETTABLE[whose],
    )


def set_clock(whose: str, seconds: int, ground: Ground) -> str:
    for name in _SETTABLE[whose]:
        _file(ground.folder, name).write_text(f"{seconds:+d}\n")
    ground.wait(_HELD_S)
    for name in _SETTABLE[whose]:
        _file(ground.folder, name).write_text("+0\n")
    ground.wait(_NOTICED_S)
    return ""


def _file(folder: Path, name: str) -> Path:
    return folder / "clocks" / name


def _environment(folder: Path, name: str) -> dict[str, str]:
    file = _file(folder, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("+0\n")
    return {
        "LD_PRELOAD": str(faketime_library()),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }
