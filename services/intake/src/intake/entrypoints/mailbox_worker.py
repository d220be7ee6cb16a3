"""Reads the mailboxes of the registry, side by side; one process at a time."""

import asyncio
import time
from contextlib import suppress

from chassis import logs
from chassis.db import Database
from chassis.errors import Unavailable
from chassis.lease import Lease
from intake.adapters import mailboxes
from intake.adapters.imap import FAILURES
from intake.adapters.mailboxes import Opened
from intake.app.mailbox.poll import Poll, words_of
from intake.app.submissions.receive_mail import ReceiveMail
from intake.metrics import MailboxMetrics

_LOOK_EVERY_S = 2.0
_SIDE_BY_SIDE = 4
_LONGEST_WAIT_S = 900.0
_LOG = logs.get("mailbox")


class MailboxWorker:
    def __init__(
        self, db: Database, receive: ReceiveMail, lease: Lease, metrics: MailboxMetrics, ca_file: str = ""
    ) -> None:
        self._db = db
        self._lease = lease
        self._metrics = metrics
        self._poll = Poll(db, receive, lambda outcome: metrics.mails.labels(outcome).inc(), self._is_held, ca_file)
        self._due: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self._room = asyncio.Semaphore(_SIDE_BY_SIDE)
        self._holds = False

    async def run(self) -> None:
        """For as long as the service; the lease is renewed beside the reading, which may take long."""
        holding = asyncio.create_task(self._hold())
        try:
            while True:
                if self._holds:
                    await self.once()
                await self._show()
                await asyncio.sleep(_LOOK_EVERY_S)
        finally:
            holding.cancel()
            with suppress(asyncio.CancelledError):
                await holding

    async def once(self) -> None:
        """Every mailbox that is due; one that fails waits longer and longer."""
        with suppress(Unavailable):
            async with self._db.read() as tx:
                found = await mailboxes.enabled(tx)
            now = time.monotonic()
            due = [each for each in found if self._due.get(each.mailbox.channel_id, 0.0) <= now]
            await asyncio.gather(*(self._visit(each) for each in due))

    async def _hold(self) -> None:
        while True:
            try:
                # A lease is a write: most installations have no mailbox to take one for.
                self._holds = await self._has_mailboxes() and await self._lease.held()
            except Unavailable:
                self._holds = False
            await asyncio.sleep(self._lease.ttl_s / 3)

    async def _has_mailboxes(self) -> bool:
        async with self._db.read() as tx:
            return bool(await mailboxes.enabled(tx))

    async def _is_held(self) -> bool:
        return self._holds

    async def _visit(self, opened: Opened) -> None:
        mailbox = opened.mailbox
        async with self._room:
            try:
                await self._poll(opened)
            except (*FAILURES, Unavailable) as error:
                await self._failed(opened, error)
            else:
                self._failures.pop(mailbox.channel_id, None)
                self._due[mailbox.channel_id] = time.monotonic() + mailbox.poll_seconds

    async def _failed(self, opened: Opened, error: BaseException) -> None:
        mailbox = opened.mailbox
        times = self._failures[mailbox.channel_id] = self._failures.get(mailbox.channel_id, 0) + 1
        wait_s = min(mailbox.poll_seconds * 2 ** min(times, 10), max(_LONGEST_WAIT_S, mailbox.poll_seconds))
        self._due[mailbox.channel_id] = time.monotonic() + wait_s
        _LOG.warning("a mailbox waits", channel_id=mailbox.channel_id, wait_s=wait_s, error=type(error).__name__)
        with suppress(Unavailable):
            async with self._db.tx() as tx:
                await mailboxes.went_wrong(tx, mailbox, words_of(error))

    async def _show(self) -> None:
        with suppress(Unavailable):
            async with self._db.read() as tx:
                silent, failing = await mailboxes.standing(tx)
            self._metrics.silent.set(silent)
            self._metrics.failing.set(failing)
