"""Streams and durable consumers as we want them: the same whether a service makes them or provisioning does.

What stands already is changed as one JSON document, as the server told it: a field that nats-py does not know, or that
an operator set by hand, stays as it is.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

from nats.aio.client import Client
from nats.js.errors import APIError, BadRequestError, NotFoundError

from redress.catalog import stream_of
from redress.listeners import LISTENERS
from redress.nats_users import by_owner, subjects_of

_NANOSECONDS = 10**9
_DUPLICATE_WINDOW_S = 120
# What a killed replica had in hand comes to another after this. A batch that takes longer is delivered twice, which
# the inbox recognises.
_ACK_WAIT_S = 10
_DAY_S = 86_400
_TIMEOUT_S = 5.0
_EXISTS_OTHERWISE, _NO_SUCH_STREAM = 10058, 10059
# What we gave a stream, kept with it: where it has another value now, somebody chose that by hand.
GIVEN_REPLICAS, GIVEN_DAYS = "redress.replicas", "redress.max_age_days"

Config = dict[str, Any]


class StreamShape(Protocol):
    @property
    def nats_replicas(self) -> int: ...

    @property
    def stream_max_age_days(self) -> int: ...


async def ask(nc: Client, subject: str, request: Mapping[str, Any] | None = None) -> Config:
    """JetStream's answer to `$JS.API.<subject>`. Raises nats-py's own errors: APIError, NotFoundError, time-outs."""
    body = json.dumps(request).encode() if request else b""
    answer: Config = json.loads((await nc.request(f"$JS.API.{subject}", body, timeout=_TIMEOUT_S)).data)
    if "error" in answer:
        APIError.from_error(answer["error"])
    return answer


def stream_config(owner: str, shape: StreamShape) -> Config:
    return {
        "name": stream_of(owner),
        "subjects": [subjects_of(owner)],
        "retention": "limits",
        "storage": "file",
        "discard": "old",
        "max_age": shape.stream_max_age_days * _DAY_S * _NANOSECONDS,
        "duplicate_window": _DUPLICATE_WINDOW_S * _NANOSECONDS,
        "num_replicas": shape.nats_replicas,
        "allow_direct": True,
        "allow_atomic": True,
        "metadata": {GIVEN_REPLICAS: str(shape.nats_replicas), GIVEN_DAYS: str(shape.stream_max_age_days)},
    }


def consumer_config(durable: str, types: Sequence[str]) -> Config:
    return {
        "durable_name": durable,
        "deliver_policy": "all",
        "replay_policy": "instant",
        "ack_policy": "explicit",
        "ack_wait": _ACK_WAIT_S * _NANOSECONDS,
        "max_deliver": -1,
        "max_ack_pending": 5000,
        "filter_subjects": list(types),
    }


async def ensure_stream(nc: Client, owner: str, shape: StreamShape) -> bool:
    """Creates an owner's stream, True then; one that is there stays as it is."""
    with suppress(NotFoundError):
        await ask(nc, f"STREAM.INFO.{stream_of(owner)}")
        return False
    try:
        await ask(nc, f"STREAM.CREATE.{stream_of(owner)}", stream_config(owner, shape))
    except BadRequestError as error:
        if error.err_code != _EXISTS_OTHERWISE:  # another replica was a moment sooner
            raise
        return False
    return True


async def follow_shape(nc: Client, owner: str, shape: StreamShape) -> list[str]:
    """Gives a stream the replicas and the age that are wanted now, each only where it still has what we gave it.

    Returns what was changed, in words. A stream that somebody else made says of nothing that we gave it: it stays.
    """
    config: Config = (await ask(nc, f"STREAM.INFO.{stream_of(owner)}"))["config"]
    wanted = stream_config(owner, shape)
    scale = {"num_replicas": (GIVEN_REPLICAS, 1), "max_age": (GIVEN_DAYS, _DAY_S * _NANOSECONDS)}
    given: Mapping[str, str] = config.get("metadata") or {}
    ours = [field for field, (name, unit) in scale.items() if given.get(name) == str(config[field] // unit)]
    changed = [field for field in ours if config[field] != wanted[field]]
    if changed:
        labels = {scale[field][0]: wanted["metadata"][scale[field][0]] for field in changed}
        update = {field: wanted[field] for field in changed} | {"metadata": {**given, **labels}}
        await ask(nc, f"STREAM.UPDATE.{stream_of(owner)}", config | update)
    return [f"{field} {config[field] // scale[field][1]} -> {wanted[field] // scale[field][1]}" for field in changed]


async def ensure_consumer(nc: Client, stream: str, durable: str, types: Sequence[str]) -> str:
    """Creates a durable consumer, or makes the one that is there deliver these types and no others, from where it
    stands. Returns "made", "filter changed" or "" where nothing had to be done."""
    try:
        config: Config = (await ask(nc, f"CONSUMER.INFO.{stream}.{durable}"))["config"]
    except NotFoundError as error:
        if error.err_code == _NO_SUCH_STREAM:
            raise
        await _write_consumer(nc, stream, consumer_config(durable, types))
        return "made"
    if set(filters(config)) == set(types):
        return ""
    # Both names of a filter are never set at once.
    await _write_consumer(nc, stream, config | {"filter_subject": "", "filter_subjects": list(types)})
    return "filter changed"


async def _write_consumer(nc: Client, stream: str, config: Config) -> None:
    request = {"stream_name": stream, "config": config}
    await ask(nc, f"CONSUMER.DURABLE.CREATE.{stream}.{config['durable_name']}", request)


async def passed_over(nc: Client, owner: str) -> list[str]:
    """Who would pass over which of an owner's events, in words: consumers that are there and deliver less than their
    service reacts to. They never come back for what they passed; one that is missing will begin at the beginning."""
    found: list[str] = []
    for service, types in LISTENERS.items():
        if own := by_owner(types).get(owner):
            with suppress(NotFoundError):
                config = (await ask(nc, f"CONSUMER.INFO.{stream_of(owner)}.{service}"))["config"]
                found += [f"{kind} to {service}" for kind in undelivered(own, config)]
    return found


def filters(config: Mapping[str, Any]) -> list[str]:
    """What a consumer delivers; empty means all. JetStream keeps a single filter in a field of its own."""
    single = config.get("filter_subject")
    return list(config.get("filter_subjects") or ([single] if single else []))


def undelivered(types: Iterable[str], config: Mapping[str, Any]) -> list[str]:
    """Those of `types` that a consumer with this configuration does not deliver."""
    found = filters(config)
    return [kind for kind in types if found and not any(_covers(one, kind) for one in found)]


def _covers(filter_subject: str, kind: str) -> bool:
    return filter_subject == kind or (filter_subject.endswith(">") and kind.startswith(filter_subject[:-1]))
