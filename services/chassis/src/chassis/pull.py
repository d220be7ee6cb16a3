"""Pull requests to a durable consumer, as the JetStream API defines them (ADR-0013 of NATS, CONSUMER.MSG.NEXT).

nats-py's `fetch` asks twice for every batch and at least once a second; at rest that was most of what a service did.
Here one request stays with the server until it is used up or expires, and what comes meanwhile waits in a list.
"""

import asyncio
import time
from collections import deque
from contextlib import suppress

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

_GRACE_S = 1.0
_OVER = {"404", "408"}


class PullRefused(OSError):
    """The server ended the request: the consumer is gone, JetStream is not there, or a limit is passed."""


class Pull:
    """Messages of one consumer, in the order of delivery. Everything taken must be acknowledged or handed back."""

    def __init__(self, nc: Client, stream: str, consumer: str, *, batch: int = 100, expires_s: float = 5.0) -> None:
        self._nc = nc
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self._batch = batch
        self._expires_s = expires_s
        self._request = msgspec.json.encode({"batch": batch, "expires": int(expires_s * 1e9)})
        self._inbox = nc.new_inbox()
        self._subscription: Subscription | None = None
        self._messages: deque[Msg] = deque()
        self._came = asyncio.Event()
        self._awaited = 0
        """How many messages the request that is with the server may still bring."""
        self._asked_at = 0.0
        self._refused: str | None = None

    async def open(self) -> None:
        self._subscription = await self._nc.subscribe(self._inbox, cb=self._on_message)

    async def next(self) -> list[Msg]:
        """Waits for messages and returns at most a batch; empty when none came in time. Raises PullRefused."""
        if not self._messages:
            await self._ask()
            self._came.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._expires_s + _GRACE_S):
                    await self._came.wait()
        if self._refused is not None:
            raise PullRefused(self._refused)
        taken = [self._messages.popleft() for _ in range(min(self._batch, len(self._messages)))]
        if taken:
            await self._ask()  # so that more comes while these are handled
        return taken

    async def close(self) -> list[Msg]:
        """Ends it; returns what was delivered and not taken."""
        if self._subscription is not None:
            await self._subscription.unsubscribe()
        left = list(self._messages)
        self._messages.clear()
        return left

    async def _ask(self) -> None:
        now = time.monotonic()
        if self._awaited > 0 and now - self._asked_at < self._expires_s + _GRACE_S:
            return
        self._awaited, self._asked_at = self._batch, now
        await self._nc.publish(self._subject, self._request, reply=self._inbox)

    async def _on_message(self, message: Msg) -> None:
        status = message.headers.get("Status") if message.headers and not message.reply else None
        if status is None:
            self._messages.append(message)
            self._awaited -= 1
        elif status in _OVER:
            self._awaited = 0
        elif status != "100":
            self._refused = f"{status} {(message.headers or {}).get('Description', '')}".strip()
        self._came.set()
