"""Everything is delivered again: consumers made anew, or whole streams. What it did the first time stays single."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import nats
from nats.js import JetStreamContext

from redress.catalog import OWNERS, stream_of
from tests.bench.delivered import undelivered, waiting_in_nats
from tests.chaos.fault import Fault, Kind, fault
from tests.chaos.ground import Ground, NotRecovered

# A letter whose sender was cut off waits for its claim to run out, a minute.
_QUIET_WITHIN_S, _REPLAYED_WITHIN_S = 120.0, 120.0
_QUIET_LOOKS = 8
# What events bring about; a row that differs afterwards had an effect twice.
_EFFECTS = {
    "intake": ("complaints",),
    "workflow": ("cases", "tasks", "visits", "sla_entries", "timeline", "deliverables"),
    "capa": ("cases",),
    "notify": ("deliveries",),
    "analytics": ("facts", "stage_visits", "task_facts", "contacts", "repeat_links", "cost_lines"),
}
Strike = Callable[[JetStreamContext], Awaitable[None]]


def replay_kinds() -> list[Kind]:
    return [Kind("consumers made anew", [consumers_anew()]), Kind("streams made anew", [streams_anew()])]


def consumers_anew() -> Fault:
    return fault("every consumer made anew", partial(replay, _delete_consumers), alone=True)


def streams_anew() -> Fault:
    return fault("every stream made anew", partial(replay, _delete_streams), alone=True)


def replay(strike: Strike, ground: Ground) -> str:
    """The load rests, so that nothing but the replay can change anything."""
    try:
        if not (ground.load.pause(ground.wait_until) and _quiet(ground)):
            raise NotRecovered(f"before the replay it did not become quiet: {undelivered(ground.stack)}")
        return _replay(strike, ground)
    finally:
        ground.load.resume()


def _replay(strike: Strike, ground: Ground) -> str:
    before, handled = effects(ground), _delivered(ground)
    asyncio.run(_strike(ground.stack.nats.url, strike))
    ground.stack.provision()  # as its operator would: services may not
    due = {owner: int(ground.sql(owner, "SELECT count(*) FROM outbox;")) for owner in OWNERS}
    if not ground.wait_until(lambda: _all_there(ground, due) and _quiet(ground), _REPLAYED_WITHIN_S):
        raise NotRecovered(f"the replay did not end: {undelivered(ground.stack)}, due {due}")
    ground.findings += _differences(before, effects(ground))
    return f"{_delivered(ground) - handled} deliveries of {sum(due.values())} events recognised as known"


def effects(ground: Ground) -> dict[str, str]:
    """Service and table -> number of rows and hash of all their text."""
    return {
        f"{service} {table}": ground.sql(
            service, f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t;"
        )
        for service, tables in _EFFECTS.items()
        for table in tables
        if ground.sql(service, f"SELECT to_regclass('{table}') IS NOT NULL;") == "t"
    }


def _differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return [f"replay changed {name}: {before[name]} -> {after[name]}" for name in before if before[name] != after[name]]


async def _strike(url: str, strike: Strike) -> None:
    client = await nats.connect(url, connect_timeout=5)
    try:
        await strike(client.jetstream(timeout=10))
    finally:
        await client.close()


async def _delete_consumers(stream: JetStreamContext) -> None:
    for owner in OWNERS:
        for consumer in await stream.consumers_info(stream_of(owner)):
            await stream.delete_consumer(stream_of(owner), consumer.name)


async def _delete_streams(stream: JetStreamContext) -> None:
    for owner in OWNERS:
        await stream.delete_stream(stream_of(owner))


def _quiet(ground: Ground) -> bool:
    """Nothing waits anywhere, at every look of two seconds: a letter sent is an event once more."""
    calm = 0

    def still() -> bool:
        nonlocal calm
        calm = 0 if undelivered(ground.stack) or _letters_waiting(ground) else calm + 1
        return calm > _QUIET_LOOKS

    return ground.wait_until(still, _QUIET_WITHIN_S)


def _letters_waiting(ground: Ground) -> int:
    return int(ground.sql("notify", "SELECT count(*) FROM deliveries WHERE state IN ('pending', 'sending');"))


def _all_there(ground: Ground, due: dict[str, int]) -> bool:
    return all(ground.stream_end(owner) >= count for owner, count in due.items()) and not waiting_in_nats(
        ground.stack.nats
    )


def _delivered(ground: Ground) -> int:
    return sum(int(page.total("redress_events_duplicate_total")) for _, page in ground.pages())
