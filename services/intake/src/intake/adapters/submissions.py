"""Submissions in the database: the mail as it came, and what was made of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chassis.db import Tx
from intake.adapters.bulk import Insert
from intake.domain.mail.mail import Attachment, Mail

PIECE_BYTES = 1024**2
_ATTACHMENTS = Insert(
    "submission_attachments",
    {
        "submission_id": "uuid",
        "n": "int",
        "name": "text",
        "content_type": "text",
        "size": "int",
        "sha256": "text",
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSubmission:
    submission_id: str
    channel: str
    external_id: str
    sha256: str
    content_sha256: str
    raw: bytes
    mail: Mail
    product_family: str
    received_by: str
    state: str
    reason: str = ""
    detail: str = ""
    complaint_id: str | None = None


async def insert(tx: Tx, new: NewSubmission) -> None:
    mail = new.mail
    values: dict[str, Any] = {
        "submission_id": new.submission_id,
        "version": 1,
        "channel": new.channel,
        "external_id": new.external_id,
        "message_id": mail.message_id or None,
        "sha256": new.sha256,
        "content_sha256": new.content_sha256,
        "size": len(new.raw),
        "state": new.state,
        "reason": new.reason,
        "detail": new.detail,
        "complaint_id": new.complaint_id,
        "subject": mail.subject,
        "sender_name": mail.sender_name,
        "sender_address": mail.sender_address,
        "language": mail.language,
        "charset": mail.charset,
        "defects": list(mail.defects),
        "product_family": new.product_family,
        "sent_at": mail.sent_at,
        "received_at": tx.now,
        "received_by": new.received_by,
        "decided_by": "",
        "decision_reason": "",
    }
    places = ", ".join(f"${n}" for n in range(1, len(values) + 1))
    await tx.execute(f"INSERT INTO submissions ({', '.join(values)}) VALUES ({places})", *values.values())  # noqa: S608
    await tx.execute("INSERT INTO submission_bytes (submission_id, raw) VALUES ($1, $2)", new.submission_id, new.raw)
    await _insert_attachments(tx, new.submission_id, mail.attachments)


async def _insert_attachments(tx: Tx, submission_id: str, attachments: Sequence[Attachment]) -> None:
    rows = [(submission_id, n, a.name, a.content_type, a.size, a.sha256) for n, a in enumerate(attachments)]
    await _ATTACHMENTS.run(tx, rows)


async def by_external_id(tx: Tx, channel: str, external_id: str) -> Any:
    return await tx.fetchrow(
        "SELECT s.*, c.number, c.grade, c.questions FROM submissions s LEFT JOIN complaints c USING (complaint_id)"
        " WHERE s.channel = $1 AND s.external_id = $2",
        channel,
        external_id,
    )


async def raw_of(tx: Tx, submission_id: str) -> bytes:
    raw = await tx.fetchval("SELECT raw FROM submission_bytes WHERE submission_id = $1", submission_id)
    assert isinstance(raw, bytes)
    return raw


async def piece_of(tx: Tx, submission_id: str, offset: int) -> bytes:
    piece = await tx.fetchval(
        "SELECT substring(raw FROM $2 FOR $3) FROM submission_bytes WHERE submission_id = $1",
        submission_id,
        offset + 1,
        PIECE_BYTES,
    )
    assert isinstance(piece, bytes)
    return piece


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person made of a parked submission."""

    state: str
    by: str
    reason: str
    complaint_id: str | None


async def decide(tx: Tx, submission_id: str, decision: Decision) -> None:
    await tx.execute(
        "UPDATE submissions SET state = $2, decided_by = $3, decision_reason = $4, complaint_id = $5,"
        " version = version + 1 WHERE submission_id = $1",
        submission_id,
        decision.state,
        decision.by,
        decision.reason,
        decision.complaint_id,
    )
