"""The mail server: a few connections kept open, rows spread over them."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import aiosmtplib
from aiosmtplib import SMTP

from chassis.clock import utc_now
from notify.domain.address import without_address
from notify.domain.delivery import Answer

_CLOSING = 421
# Servers drop idle clients without asking; a connection that rested longer is made anew.
_IDLE_S = 20.0


@dataclass(frozen=True)
class Mail:
    delivery_id: str
    address: str
    content: bytes


@dataclass(frozen=True)
class Access:
    """Where the server is and how we show who we are. `sender` is the envelope's bare address."""

    host: str
    port: int
    sender: str
    greeting: str
    username: str | None
    password: str | None
    starttls: bool
    timeout_s: float
    ca_file: str | None = None


@dataclass(frozen=True)
class Tried:
    answer: Answer
    at: datetime


Observe = Callable[[float], None]


class MailServer:
    def __init__(self, access: Access, connections: int, observe: Observe) -> None:
        self._lines = [_Line(access) for _ in range(connections)]
        self._observe = observe

    async def send(self, mails: Sequence[Mail], until: float) -> dict[str, Tried]:
        """Sends what it can before the monotonic time `until`. Mails missing from the result were not tried."""
        tried: dict[str, Tried] = {}
        queue = iter(mails)
        await asyncio.gather(*(self._work(line, queue, until, tried) for line in self._lines[: len(mails)]))
        return tried

    async def _work(self, line: "_Line", queue: Iterator[Mail], until: float, tried: dict[str, Tried]) -> None:
        for mail in queue:
            if time.monotonic() >= until:
                return
            begun = time.perf_counter()
            answer = await line.send(mail)
            self._observe(time.perf_counter() - begun)
            tried[mail.delivery_id] = Tried(answer, utc_now())
            if not line.usable:
                # The server is away or full: one mail a connection found out, the others keep their attempts.
                return

    async def close(self) -> None:
        for line in self._lines:
            await line.close()


class _Line:
    """One connection, used by one task at a time."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._client = SMTP(
            hostname=access.host,
            port=access.port,
            username=access.username,
            password=access.password,
            start_tls=access.starttls,
            cert_bundle=access.ca_file,
            local_hostname=access.greeting,
            timeout=access.timeout_s,
        )
        self._used = 0.0
        self.usable = False

    async def send(self, mail: Mail) -> Answer:
        """Never raises for anything the server or the network does."""
        try:
            async with asyncio.timeout(self._access.timeout_s):
                await self._connect()
                return await self._transfer(mail)
        except aiosmtplib.SMTPResponseException as error:
            return await self._refused(error, mail)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            await self.close()
            return Answer("temporary", f"no connection: {type(error).__name__}")

    async def close(self) -> None:
        """Says goodbye where somebody listens."""
        self.usable = False
        if self._client.is_connected:
            with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                await self._client.quit(timeout=1)
        self._client.close()

    async def _connect(self) -> None:
        if self.usable and self._client.is_connected and time.monotonic() - self._used < _IDLE_S:
            return
        await self.close()
        await self._client.connect()

    async def _transfer(self, mail: Mail) -> Answer:
        try:
            await self._client.mail(self._access.sender)
        except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPSenderRefused) as error:
            if not self.usable or getattr(error, "code", _CLOSING) != _CLOSING:
                raise
            # An older connection that the server has had enough of; nothing was handed over yet.
            self.usable = False
            await self._connect()
            await self._client.mail(self._access.sender)
        await self._client.rcpt(mail.address)
        reply = await self._client.data(mail.content)
        self.usable, self._used = True, time.monotonic()
        return Answer("accepted", without_address(f"{reply.code} {reply.message}", mail.address))

    async def _refused(self, error: aiosmtplib.SMTPResponseException, mail: Mail) -> Answer:
        text = without_address(f"{error.code} {error.message}", mail.address)
        if isinstance(error, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError) and error.code != _CLOSING:
            await self._reset()
            return Answer("permanent" if error.code >= 500 else "temporary", text)
        # Greeting, login or sender: the server does not want us, which is not this mail's fault.
        await self.close()
        return Answer("temporary", text)

    async def _reset(self) -> None:
        try:
            await self._client.rset()
            self.usable, self._used = True, time.monotonic()
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            await self.close()
