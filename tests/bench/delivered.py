"""Is everything that was accepted with all its consumers?"""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.request import urlopen

from stack.nats import Nats
from stack.stack import Stack
from tests.bench.metrics_page import read_metrics


def wait_delivered(stack: Stack, timeout_s: float, pause: Callable[[float], None] = time.sleep) -> float:
    """Until no outbox holds an unsent event and no consumer has one left to take or to acknowledge, twice in a row:
    what a reaction emits comes after what it reacts to. Returns the seconds it took; raises TimeoutError.
    """
    begun = time.monotonic()
    quiet = 0
    while quiet < 2:
        if time.monotonic() - begun > timeout_s:
            raise TimeoutError(f"not delivered after {timeout_s:g} s: {undelivered(stack)}")
        quiet = quiet + 1 if not undelivered(stack) else 0
        pause(0.25)
    return time.monotonic() - begun


def undelivered(stack: Stack) -> dict[str, int]:
    """Where events wait -> how many. NATS is asked first: it costs the services nothing."""
    return waiting_in_nats(stack.nats) or unsent(stack)


def waiting_in_nats(nats: Nats) -> dict[str, int]:
    return waiting_of(_jsz(nats, "consumers"))


def stream_ends(nats: Nats) -> dict[str, int]:
    """Stream -> its last sequence. Raises OSError when NATS does not answer."""
    return {stream["name"]: stream["state"]["last_seq"] for stream in _streams(_jsz(nats, "streams"))}


def waiting_of(jsz: dict[str, Any]) -> dict[str, int]:
    """`stream > consumer` -> messages not yet delivered, or delivered and not acknowledged."""
    waiting = {
        f"{stream['name']} > {consumer['name']}": consumer["num_pending"] + consumer["num_ack_pending"]
        for stream in _streams(jsz)
        for consumer in stream.get("consumer_detail") or ()
    }
    return {name: count for name, count in waiting.items() if count}


def unsent(stack: Stack) -> dict[str, int]:
    pending = {
        name: int(read_metrics(replicas[0].ops_url).total("redress_outbox_pending"))
        for name, replicas in stack.replicas.items()
    }
    return {f"{name} outbox": count for name, count in pending.items() if count}


def _jsz(nats: Nats, depth: str) -> dict[str, Any]:
    with urlopen(f"{nats.monitor_url}/jsz?{depth}=1", timeout=5) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def _streams(jsz: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for account in jsz.get("account_details") or ():
        yield from account.get("stream_detail") or ()
