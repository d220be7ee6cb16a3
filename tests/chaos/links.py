"""Faults of the network, made by the proxy that stands between the services and what they ask."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tests.chaos.fault import Fault, Kind, fault
from tests.chaos.ground import Ground
from tests.chaos.proxy import BOTH_WAYS, TO_ASKED, TO_ASKER, Link


@dataclass(frozen=True)
class Between:
    """Beginnings of the names on both sides; "" stands for all."""

    name: str
    asking: str
    asked: str


_BETWEEN = (
    Between("PostgreSQL and all", "", "postgres"),
    Between("NATS and all", "", "nats"),
    Between("PostgreSQL and intake-0", "intake-0", "postgres"),
    Between("NATS and workflow", "workflow", "nats"),
    Between("gateway and intake", "gateway", "intake"),
    Between("gateway and one of workflow", "gateway", "workflow-1"),
)
_HELD_S, _SLOW_S, _CUT_S, _DELAY_S = 6.0, 8.0, 3.0, 0.2


def reset(between: Between, ground: Ground) -> str:
    """Every connection ends with a reset, three times within two seconds."""
    for _ in range(3):
        _do(ground, between, Link.abort_all)
        ground.wait(0.7)
    return ""


def black_hole(between: Between, ground: Ground) -> str:
    """Connections are accepted and nothing passes; then the network heals and TCP delivers what it kept."""
    _do(ground, between, lambda link: link.hold(BOTH_WAYS))
    ground.wait(_HELD_S)
    _do(ground, between, lambda link: link.hold(()))
    return ""


def deaf(way: str, between: Between, ground: Ground) -> str:
    """One direction is lost, and the connections with it: done there, and the answer never came."""
    _do(ground, between, lambda link: link.hold({way}))
    ground.wait(_HELD_S)
    _do(ground, between, Link.abort_all)
    _do(ground, between, lambda link: link.hold(()))
    return ""


def slow(between: Between, ground: Ground) -> str:
    """Each piece takes 200 ms more, in each direction."""
    _do(ground, between, lambda link: link.slow_down(_DELAY_S))
    ground.wait(_SLOW_S)
    _do(ground, between, lambda link: link.slow_down(0.0))
    return ""


def cut(between: Between, ground: Ground) -> str:
    """Whatever is sent arrives by half, then the connection ends."""
    _do(ground, between, lambda link: link.cut(True))
    ground.wait(_CUT_S)
    _do(ground, between, lambda link: link.cut(False))
    return ""


def half_open(between: Between, ground: Ground) -> str:
    """The asked loses its connections, the asker is told nothing and goes on speaking to nobody."""
    _do(ground, between, Link.forget_askers)
    return ""


def link_kinds() -> list[Kind]:
    return [
        Kind("connections reset", [_of("reset", between, reset) for between in _BETWEEN]),
        Kind("black hole", [_of("black hole", between, black_hole) for between in _BETWEEN]),
        Kind(
            "black hole one way",
            [
                *(_of("answers lost", between, partial(deaf, TO_ASKER)) for between in _BETWEEN),
                *(_of("questions lost", between, partial(deaf, TO_ASKED)) for between in _BETWEEN),
            ],
        ),
        Kind("200 ms delay", [_of("200 ms", between, slow) for between in _BETWEEN]),
        Kind("cut in mid-message", [_of("cut", between, cut) for between in _BETWEEN]),
        Kind("half-open connections", [_of("half-open", between, half_open) for between in _BETWEEN]),
    ]


def short_link_faults() -> list[Fault]:
    return [_of("reset", _BETWEEN[0], reset), _of("cut", _BETWEEN[4], cut)]


def _of(what: str, between: Between, strike: Callable[[Between, Ground], str]) -> Fault:
    return fault(f"{what} {between.name}", partial(strike, between), f"link to {between.asked}")


def _do(ground: Ground, between: Between, change: Callable[[Link], object]) -> None:
    found = ground.proxy.do(between.asking, between.asked, change)
    assert found, f"there is no link between {between.name}"
