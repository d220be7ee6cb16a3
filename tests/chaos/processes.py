"""Faults of processes: killed, stopped, and NATS with an older store."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from tests.chaos.fault import Fault, Kind, fault
from tests.chaos.ground import Ground, NotRecovered

_LEASE_TTL_S, _PULL_S = 6.0, 1.0
_SINGLE = ("capa", "notify", "analytics", "gateway")
_DOUBLE = ("intake", "workflow")


def kill(part: str, ground: Ground) -> str:
    """kill -9. Tending starts it again."""
    ground.part(part).kill()
    return ""


def freeze(part: str, seconds: float, ground: Ground) -> str:
    """SIGSTOP and SIGCONT: it hangs with its connections open, and wakes with an old idea of the world."""
    ground.part(part).pause()
    ground.wait(seconds)
    ground.part(part).resume()
    return ""


def kill_relay_holder(owner: str, ground: Ground) -> str:
    """Its lease must expire before another may send."""
    holder = _holder(owner, ground)
    ground.part(holder).kill()
    return _succession(owner, holder, ground)


def freeze_relay_holder(owner: str, beyond_s: float, ground: Ground) -> str:
    """SIGSTOP for longer than the lease lives: a successor sends meanwhile, and the sleeper must be refused."""
    holder, begun = _holder(owner, ground), time.monotonic()
    ground.part(holder).pause()
    try:
        told = _succession(owner, holder, ground)
        ground.wait(begun + _LEASE_TTL_S + beyond_s - time.monotonic())
    finally:
        ground.part(holder).resume()
    if not ground.wait_until(lambda: _holds_no_more(holder, ground), 15):
        raise NotRecovered(f"{holder} woke up and still believes that it holds the relay")
    return told


def stop_nats(seconds: float, ground: Ground) -> str:
    ground.stack.nats.stop()
    ground.wait(seconds)
    ground.stack.nats.launch()
    return ""


def revert_store(seconds: float, ground: Ground) -> str:
    """An older copy of NATS's store is put back, as from a backup: what was acknowledged since is gone there."""
    before = ground.sent_again()
    take_back_store(seconds, ground)
    if not ground.wait_until(lambda: ground.sent_again() > before, 20):
        return "nothing was sent again"
    ground.wait(1.0)
    return f"{ground.sent_again() - before} events sent again"


def take_back_store(seconds: float, ground: Ground) -> None:
    """`seconds`: how old the copy is when it comes back; at least so old that events of intake are lost with it.

    Workflow sleeps meanwhile: what it had handled already would be no loss.
    """
    copy = ground.folder / "older-store"
    _await_events(ground, 5)
    with _asleep("workflow", ground):
        ground.wait(_PULL_S + 0.3)  # what a pull under way brings would wait in its socket
        ground.stack.nats.snapshot_store(copy)
        ground.wait(seconds)
        _await_events(ground, 20)
        ground.stack.nats.stop()
        ground.stack.nats.restore_store(copy)
        ground.stack.nats.launch()
        ground.wait_until(ground.stack.nats.ready, 20)


def process_kinds() -> list[Kind]:
    services = [*_SINGLE, *_DOUBLE]
    return [
        Kind("kill -9 of a service", [_killed(name, f"{name}-0") for name in services]),
        Kind("kill -9 of a server", [_killed("NATS", "nats"), _killed("PostgreSQL", "postgres")]),
        Kind("SIGSTOP of a service", [_frozen(name, f"{name}-{int(name in _DOUBLE)}") for name in services]),
        Kind("SIGSTOP of a server", [_frozen("NATS", "nats"), _frozen("PostgreSQL", "postgres")]),
        Kind("kill -9 of a relay's holder", [_relay("kill -9", owner, kill_relay_holder) for owner in _DOUBLE]),
        Kind("SIGSTOP of a relay's holder", [relay_frozen(owner, 2.0) for owner in _DOUBLE]),
        Kind("NATS stopped", [fault("NATS stopped", partial(stop_nats, 5.0), "nats")]),
        Kind("store reverted", [store_reverted(5.0)]),
    ]


def _killed(name: str, part: str) -> Fault:
    return fault(f"kill -9 {name}", partial(kill, part), part)


def _frozen(name: str, part: str) -> Fault:
    return fault(f"SIGSTOP {name}", partial(freeze, part, 4.0), part)


def _relay(what: str, owner: str, strike: Callable[[str, Ground], str]) -> Fault:
    return fault(f"{what} relay of {owner}", partial(strike, owner), alone=True)


def relay_frozen(owner: str, beyond_s: float) -> Fault:
    return fault(f"SIGSTOP relay of {owner}", partial(freeze_relay_holder, owner, beyond_s), alone=True)


def store_reverted(seconds: float) -> Fault:
    return fault("store reverted", partial(revert_store, seconds), alone=True)


def short_faults() -> list[Fault]:
    """In an order in which what one fault leaves behind (a batch unacknowledged for its 10 s) ends under the next."""
    return [
        _killed("workflow", "workflow-0"),
        _killed("intake", "intake-0"),
        _killed("PostgreSQL", "postgres"),
        _killed("NATS", "nats"),
        store_reverted(2.0),
    ]


@contextmanager
def _asleep(service: str, ground: Ground) -> Iterator[None]:
    replicas = (ground.part(replica.name) for replica in ground.stack.replicas[service])
    sleepers = [part for part in replicas if part.process.alive]
    try:
        for sleeper in sleepers:
            sleeper.pause()
        yield
    finally:
        for sleeper in sleepers:
            sleeper.resume()


def _await_events(ground: Ground, count: int) -> None:
    begun = ground.stream_end("intake")
    if not ground.wait_until(lambda: ground.stream_end("intake") >= begun + count, 60):
        raise NotRecovered("intake's events no longer reach NATS")


def _holder(owner: str, ground: Ground) -> str:
    found: list[str] = []

    def look() -> bool:
        holder = ground.relay_holder(owner)
        found.extend([holder] if holder else [])
        return bool(found)

    if not ground.wait_until(look, 30):
        raise NotRecovered(f"nobody holds the relay of {owner}")
    return found[-1]


def _succession(owner: str, former: str, ground: Ground) -> str:
    begun = time.monotonic()
    if not ground.wait_until(lambda: ground.relay_holder(owner, but=former) is not None, 30):
        raise NotRecovered(f"nobody took over the relay of {owner} from {former}")
    return f"{ground.relay_holder(owner, but=former)} took over after {time.monotonic() - begun:.1f} s"


def _holds_no_more(replica: str, ground: Ground) -> bool:
    return all(not page.total("redress_relay_holder") for name, page in ground.pages() if name == replica)
