"""Poison: events that nobody may handle, straight into the streams, between good ones. Each is parked, and counted."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import nats

from redress.catalog import TYPE_OF
from redress.intake.v1.events import ComplaintRegistered
from redress.workflow.v1.events import CaseOpened
from redressctl.verify.subscriptions import SUBSCRIPTIONS
from tests.chaos.fault import Fault, Kind, fault
from tests.chaos.ground import Ground, NotRecovered

_GOLDEN = Path(__file__).resolve().parents[1] / "contracts" / "golden"
_SUBJECTS = (TYPE_OF[ComplaintRegistered], TYPE_OF[CaseOpened])
_PARKED_WITHIN_S = 90.0
_LATER_ID = "01a204d5-0000-7000-8000-0000000000ff"


def poison_kind() -> Kind:
    return Kind("poison burst", [poisoned(120)])


def poisoned(count: int) -> Fault:
    return fault("poison burst", partial(burst, count), alone=True)


def burst(count: int, ground: Ground) -> str:
    """As many as `count` into each of two streams; ends when every one of them is parked."""
    sent = asyncio.run(_publish(ground.stack.nats.url, count))
    ground.poisoned.update(sent)
    if not ground.wait_until(lambda: parked(ground) >= ground.poisoned, _PARKED_WITHIN_S):
        raise NotRecovered(f"parked are {dict(parked(ground))}, due are {dict(ground.poisoned)}")
    return f"{sent.total()} parked"


def parked(ground: Ground) -> Counter[str]:
    """Consumer -> dead letters that nobody has settled."""
    query = "SELECT count(*) FROM dead_letter WHERE coalesce(replayed_at, discarded_at) IS NULL;"
    return Counter({consumer: int(ground.sql(consumer, query)) for consumer in SUBSCRIPTIONS})


async def _publish(url: str, count: int) -> Counter[str]:
    client = await nats.connect(url, connect_timeout=5)
    stream = client.jetstream(timeout=10)
    sent: Counter[str] = Counter()
    try:
        for subject in _SUBJECTS:
            bodies = list(venoms(json.loads((_GOLDEN / f"{subject}--1.json").read_text())))
            for number in range(count):
                await stream.publish(subject, bodies[number % len(bodies)])
            sent.update({consumer: count for consumer, types in SUBSCRIPTIONS.items() if subject in types})
    finally:
        await client.close()
    return sent


def venoms(good: dict[str, Any]) -> Iterator[bytes]:
    """Each way in which an event can be wrong, made from a good one."""
    yield b""
    yield b"\xff\xfe\x00 not even text"
    yield b'{"specversion": "1.0"}'
    yield b"[" * 5000 + b"]" * 5000
    yield _but(good, data={})
    yield _but(good, data={**good["data"], "number": 7})
    yield _but(good, type=good["type"].replace(".v1", ".v9"))
    yield _but(good, type="redress.capa.capa.closed.v1")
    yield _but(good, time="2024-11-20T08:30:00Z")
    yield _but(good, time="2026-11-20T08:30:00")
    yield _but(good, id="not-a-uuid")
    yield _but(good, subject="no\x00body")
    yield _but(good, sequence="9" * 30)
    yield _but(good, sequence="-1")


def _but(good: dict[str, Any], **other: Any) -> bytes:
    return json.dumps({**good, "id": _LATER_ID, **other}).encode()
