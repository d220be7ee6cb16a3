"""One visit to a mailbox: each mail that is new is kept, then its mark is moved, then the mail is marked there.

At least once: what was kept and not marked is read again, and is known then (`keep`). What cannot be kept stays where
it is, is counted, and keeps nobody else waiting.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, TypeVar

from chassis import logs
from chassis.call import Call
from chassis.db import Database
from chassis.errors import RedressError, Unavailable
from intake.adapters import mailboxes
from intake.adapters.imap import FAILURES, HEAD_BYTES, Folder, Listed, Session
from intake.adapters.mailboxes import Mark, Opened
from intake.app.submissions.receive_mail import ReceiveMail, receipt_of
from intake.metrics import outcome_of

BATCH = 50
CALL = Call(actor="system:intake", roles=frozenset({"channel"}))
_LOG = logs.get("mailbox")
_T = TypeVar("_T")

Counted = Callable[[str], None]
"""What became of one mail, in one word."""


class Held(Protocol):
    async def __call__(self) -> bool:
        """False once another process reads the mailboxes."""


class Poll:
    def __init__(self, db: Database, receive: ReceiveMail, counted: Counted, held: Held, ca_file: str = "") -> None:
        self._db = db
        self._receive = receive
        self._counted = counted
        self._held = held
        self._ca_file = ca_file

    async def __call__(self, opened: Opened) -> None:
        """Everything that is new there. Raises one of FAILURES, Unavailable; what was handled until then is kept."""
        session = await asyncio.to_thread(Session.opened, opened.mailbox, opened.password, self._ca_file)
        try:
            mark = await self._begin(opened, await asyncio.to_thread(session.select))
            while await self._held() and (found := await asyncio.to_thread(session.listed, mark.last_uid, BATCH)):
                for listed in found:
                    mark = await self._one(session, opened, mark, listed)
        finally:
            await asyncio.to_thread(session.close)
        async with self._db.tx() as tx:
            await mailboxes.went_well(tx, opened.mailbox, mark)

    async def _begin(self, opened: Opened, folder: Folder) -> Mark:
        """From the mark on; from the start where the server numbered its mails anew (RFC 3501 §2.3.1.1)."""
        async with self._db.read() as tx:
            mark = await mailboxes.mark_of(tx, opened.mailbox)
        if mark and mark.uid_validity == folder.uid_validity:
            return mark
        never_read = mark is None and opened.mailbox.begin == "new"
        return Mark(folder.uid_validity, max(folder.next_uid - 1, 0) if never_read else 0)

    async def _one(self, session: Session, opened: Opened, mark: Mark, listed: Listed) -> Mark:
        kept = await self._kept(session, opened, listed)
        further = replace(mark, last_uid=listed.uid)
        async with self._db.tx() as tx:
            await mailboxes.advance(tx, opened.mailbox, further)
        if kept and not await asyncio.to_thread(session.marked, listed.uid):
            _LOG.warning("a mail could not be marked", channel_id=opened.mailbox.channel_id, uid=listed.uid)
        return further

    async def _kept(self, session: Session, opened: Opened, listed: Listed) -> bool:
        """Sizes are known before anything is fetched: of a mail that is too large only its head is."""
        most = opened.mailbox.limit_bytes
        oversized = f"has {listed.size} bytes, more than {most}: only its head was read" if listed.size > most else ""
        raw = await asyncio.to_thread(session.fetched, listed.uid, HEAD_BYTES if oversized else most)
        if not raw.strip():
            # It has gone meanwhile, or holds nothing.
            return False
        try:
            kept = await self._receive.of(CALL, raw, opened.entry, oversized=oversized)
        except Unavailable:
            raise
        except RedressError as error:
            self._failed(opened, listed, error.slug)
            return False
        except Exception as error:
            self._failed(opened, listed, type(error).__name__)
            return False
        self._counted(outcome_of(receipt_of(kept)))
        return True

    def _failed(self, opened: Opened, listed: Listed, error: str) -> None:
        self._counted("failed")
        _LOG.error("a mail stays in its mailbox", channel_id=opened.mailbox.channel_id, uid=listed.uid, error=error)


def words_of(error: BaseException) -> str:
    """For people; a server's own words may name users, so that only the kind of the trouble is told."""
    if not isinstance(error, FAILURES):
        return "intake could not keep what it read"
    return f"the server was not reached, refused or broke off ({type(error).__name__})"
