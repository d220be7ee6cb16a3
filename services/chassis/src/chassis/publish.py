"""Sending to JetStream so that a stale sender is refused.

`Nats-Expected-Last-Sequence` fences (error 10071). Thirty messages and more go as one atomic batch, which is one fsync;
fewer go singly and pipelined, each expecting the one before it. See NOTES of nats-server 2.12: ADR-50.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass

from nats.aio.client import Client

from chassis.envelope import CONTENT_TYPE
from chassis.ids import new_id

_ATOMIC_FROM = 30
_TIMEOUT_S = 5.0
_WRONG_LAST_SEQUENCE = 10071
_DUPLICATE_IN_BATCH = 10201


class Fenced(Exception):
    """The stream's last sequence is not the one we know: another sender, or a stream that lost its tail."""


class Refused(OSError):
    """JetStream answered with an error; treated as an outage and retried."""


@dataclass(frozen=True, slots=True)
class Message:
    event_id: str
    subject: str
    body: bytes


async def send(nc: Client, stream: str, messages: Sequence[Message], *, after: int) -> list[int]:
    """Stream sequences of the messages, in order. Raises Fenced when the stream does not end at `after`."""
    if len(messages) < _ATOMIC_FROM:
        return await _pipelined(nc, stream, messages, after)
    try:
        return await _atomic(nc, stream, messages, after)
    except _DuplicateInBatch:
        return await _one_by_one(nc, stream, messages, after)


class _DuplicateInBatch(Exception):
    pass


async def _pipelined(nc: Client, stream: str, messages: Sequence[Message], after: int) -> list[int]:
    answers = await asyncio.gather(
        *(
            nc.request(m.subject, m.body, timeout=_TIMEOUT_S, headers=_headers(m, stream, expect=after + i))
            for i, m in enumerate(messages)
        ),
        return_exceptions=True,
    )
    sequences: list[int] = []
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
        sequence, duplicate = _ack(answer.data)
        if duplicate:
            # The ones behind it expected a sequence that did not come; agree anew and go on.
            raise Fenced
        sequences.append(sequence)
    return sequences


async def _one_by_one(nc: Client, stream: str, messages: Sequence[Message], after: int) -> list[int]:
    sequences = []
    for m in messages:
        answer = await nc.request(m.subject, m.body, timeout=_TIMEOUT_S, headers=_headers(m, stream, expect=after))
        sequence, duplicate = _ack(answer.data)
        after = after if duplicate else sequence
        sequences.append(sequence)
    return sequences


async def _atomic(nc: Client, stream: str, messages: Sequence[Message], after: int) -> list[int]:
    batch = new_id()
    last = len(messages)
    for i, m in enumerate(messages, start=1):
        headers = _headers(m, stream, expect=after if i == 1 else None)
        headers |= {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(i)}
        if i == 1:
            _ack((await nc.request(m.subject, m.body, timeout=_TIMEOUT_S, headers=headers)).data)
        elif i < last:
            await nc.publish(m.subject, m.body, headers=headers)
        else:
            headers["Nats-Batch-Commit"] = "1"
            end, _ = _ack((await nc.request(m.subject, m.body, timeout=_TIMEOUT_S, headers=headers)).data)
    return list(range(end - last + 1, end + 1))


def _headers(message: Message, stream: str, *, expect: int | None) -> dict[str, str]:
    headers = {
        "Nats-Msg-Id": message.event_id,
        "Content-Type": CONTENT_TYPE,
        "Nats-Expected-Stream": stream,
    }
    if expect is not None:
        headers["Nats-Expected-Last-Sequence"] = str(expect)
    return headers


def _ack(data: bytes) -> tuple[int, bool]:
    if not data:
        return 0, False  # the first message of a batch is acknowledged with nothing
    answer = json.loads(data)
    error = answer.get("error")
    if error:
        code = error.get("err_code")
        if code == _WRONG_LAST_SEQUENCE:
            raise Fenced
        if code == _DUPLICATE_IN_BATCH:
            raise _DuplicateInBatch
        raise Refused(f"JetStream {code}: {error.get('description')}")
    return int(answer["seq"]), bool(answer.get("duplicate", False))
