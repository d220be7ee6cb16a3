"""Mailboxes of the registry, and how far each was read."""

from dataclasses import dataclass
from typing import Any

from chassis.db import Tx
from intake.adapters.channel_store import secrets
from intake.domain.channels.entry import Entry
from intake.domain.mailbox.mailbox import Mailbox, mailbox_of

_COLUMNS = "channel_id, kind, channel, language, product_family, enabled, mapping, options"


@dataclass(frozen=True, slots=True)
class Opened:
    entry: Entry
    mailbox: Mailbox
    password: str


@dataclass(frozen=True, slots=True)
class Mark:
    uid_validity: int = 0
    last_uid: int = 0


async def enabled(tx: Tx) -> list[Opened]:
    """Those that say where they are and whose password is set."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM channels WHERE kind = 'imap' AND enabled ORDER BY channel_id"  # noqa: S608
    )
    found = []
    for row in rows:
        entry = Entry(**dict(row))
        mailbox = mailbox_of(entry.channel_id, entry.options)
        passwords = (await secrets(tx, entry.channel_id)).get("password", ())
        if mailbox and passwords:
            found.append(Opened(entry, mailbox, passwords[0]))
    return found


async def mark_of(tx: Tx, mailbox: Mailbox) -> Mark | None:
    row = await tx.fetchrow(
        "SELECT uid_validity, last_uid FROM mailbox_marks WHERE channel_id = $1 AND folder = $2",
        mailbox.channel_id,
        mailbox.folder,
    )
    return Mark(row["uid_validity"], row["last_uid"]) if row and row["uid_validity"] else None


async def advance(tx: Tx, mailbox: Mailbox, mark: Mark) -> None:
    await _write(tx, mailbox, "uid_validity = $3, last_uid = $4", mark.uid_validity, mark.last_uid)


async def went_well(tx: Tx, mailbox: Mailbox, mark: Mark) -> None:
    changes = "uid_validity = $3, last_uid = $4, polled_at = $5, failing_since = NULL, error = ''"
    await _write(tx, mailbox, changes, mark.uid_validity, mark.last_uid, tx.now)


async def went_wrong(tx: Tx, mailbox: Mailbox, error: str) -> None:
    await _write(tx, mailbox, "failing_since = coalesce(m.failing_since, $3), error = $4", tx.now, error)


async def _write(tx: Tx, mailbox: Mailbox, changes: str, *values: Any) -> None:
    await tx.execute(
        "INSERT INTO mailbox_marks (channel_id, folder, uid_validity, last_uid, error) VALUES ($1, $2, 0, 0, '')"
        " ON CONFLICT DO NOTHING",
        mailbox.channel_id,
        mailbox.folder,
    )
    await tx.execute(
        f"UPDATE mailbox_marks m SET {changes} WHERE channel_id = $1 AND folder = $2",  # noqa: S608 - our own words
        mailbox.channel_id,
        mailbox.folder,
        *values,
    )


async def standing(tx: Tx) -> tuple[float, int]:
    """Seconds since the mailbox that waits longest was read without trouble, and how many are failing."""
    row = await tx.fetchrow(
        "SELECT coalesce(max(extract(epoch FROM $1 - coalesce(m.polled_at, m.failing_since, $1))), 0)::float AS silent,"
        " count(*) FILTER (WHERE m.failing_since IS NOT NULL) AS failing"
        " FROM mailbox_marks m JOIN channels c USING (channel_id) WHERE c.enabled AND c.kind = 'imap'",
        tx.now,
    )
    return (float(row["silent"]), int(row["failing"])) if row else (0.0, 0)
