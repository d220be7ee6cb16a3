"""What a mail is about: by the signed id of a letter of ours that it answers, by a mail that came before, or, only as a
proposal, by a number in its subject."""

from dataclasses import dataclass
from typing import Any, Protocol

from chassis.db import Tx
from intake.domain.mail.mail import Mail
from intake.domain.mail.threading import answered_ids
from intake.domain.mail.verdict import numbers_named


class LetterIds(Protocol):
    async def about(self, message_ids: list[str]) -> str | None: ...


@dataclass(frozen=True, slots=True)
class About:
    complaint_id: str
    number: str
    grade: str
    merged_into: str | None
    by: str
    """How it is known."""
    sure: bool
    """False: a person decides."""


async def signed_about(letters: LetterIds | None, mail: Mail) -> str | None:
    """Outside of any transaction: the keys may have to be fetched. Raises Unavailable."""
    return await letters.about(answered_ids(mail)) if letters else None


async def about_of(tx: Tx, mail: Mail, signed: str | None) -> About | None:
    if signed and (row := await _complaint(tx, "complaint_id = $1", signed)):
        return _about(row, "answers a letter of ours", sure=True)
    ids = answered_ids(mail)
    if ids and (row := await _of_earlier_mail(tx, ids)):
        return _about(row, "answers a mail that came before", sure=True)
    numbers = numbers_named(mail)
    if numbers and (row := await _complaint(tx, "number = ANY($1::text[]) ORDER BY number LIMIT 1", numbers)):
        return _about(row, f"names {row['number']} in its subject", sure=False)
    return None


async def _complaint(tx: Tx, where: str, value: object) -> Any:
    return await tx.fetchrow(
        f"SELECT complaint_id, number, grade, merged_into FROM complaints WHERE {where}",  # noqa: S608 - our own words
        value,
    )


async def _of_earlier_mail(tx: Tx, message_ids: list[str]) -> Any:
    """Of one that became a complaint, or was kept with one; the one it names first is the nearest."""
    return await tx.fetchrow(
        "SELECT c.complaint_id, c.number, c.grade, c.merged_into FROM submissions s"
        " JOIN complaints c USING (complaint_id)"
        " WHERE s.message_id = ANY($1::text[]) AND s.source = 'mail' AND s.state IN ('registered', 'merged')"
        " ORDER BY array_position($1::text[], s.message_id), s.received_at LIMIT 1",
        message_ids,
    )


def _about(row: Any, by: str, *, sure: bool) -> About:
    into = str(row["merged_into"]) if row["merged_into"] else None
    return About(str(row["complaint_id"]), row["number"], row["grade"], into, by, sure)
