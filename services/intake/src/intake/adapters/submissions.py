"""Submissions in the database: what came, as it came, and what was made of it. What it says, who sent it and its bytes
are sealed under the key of whoever sent it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.db import Tx
from intake.adapters import notes
from intake.adapters.bulk import Copy, Insert
from intake.adapters.persons import Owner, owner
from intake.domain.mail.mail import Attachment
from intake.domain.submissions.incoming import Fate, Incoming, Link

PIECE_BYTES = 1024**2
SEALED = ("subject", "sender_name", "sender_address")
_NAMES = "attachment_names"
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
_PIECES = Copy("submission_bytes", ("submission_id", "n", "raw"))


@dataclass(frozen=True, slots=True)
class NewSubmission:
    submission_id: str
    external_id: str
    sha256: str
    content_sha256: str
    received_by: str
    given: Incoming
    whose: Owner
    fate: Fate


async def insert(tx: Tx, new: NewSubmission) -> None:
    values = _values(tx, new)
    places = ", ".join(f"${n}" for n in range(1, len(values) + 1))
    await tx.execute(f"INSERT INTO submissions ({', '.join(values)}) VALUES ({places})", *values.values())  # noqa: S608
    await tx.conn.copy_records_to_table("submission_bytes", records=_pieces(new), columns=_PIECES.columns)
    await _insert_attachments(tx, new.submission_id, new.given.attachments)


def _values(tx: Tx, new: NewSubmission) -> dict[str, Any]:
    given, fate = new.given, new.fate
    return {
        "submission_id": new.submission_id,
        "version": 1,
        "channel": given.channel,
        "channel_id": given.channel_id,
        "kind": given.kind,
        "source": given.source,
        "external_id": new.external_id,
        "message_id": given.message_id or None,
        "content_type": given.content_type,
        "sha256": new.sha256,
        "content_sha256": new.content_sha256,
        "size": len(given.raw),
        "state": fate.state,
        "reason": fate.reason,
        "detail": fate.detail,
        "complaint_id": fate.complaint_id,
        "person_id": new.whose.person_id,
        "sealed": _sealed(new),
        "subject": "",
        "sender_name": "",
        "sender_address": "",
        "language": given.language,
        "charset": given.charset,
        "defects": list(given.defects),
        "product_family": given.product_family,
        "sent_at": given.sent_at,
        "received_at": tx.now,
        "received_by": new.received_by,
        "decided_by": "",
        "decision_reason": "",
    }


def _sealed(new: NewSubmission) -> bytes:
    names = "\n".join(attachment.name for attachment in new.given.attachments)
    texts = [getattr(new.given, name) for name in SEALED]
    return notes.seal_texts(new.whose, place(new.submission_id), *texts, names)


def _pieces(new: NewSubmission) -> Iterator[tuple[str, int, bytes]]:
    raw = memoryview(new.given.raw)
    for n, start in enumerate(range(0, max(len(raw), 1), PIECE_BYTES)):
        piece = bytes(raw[start : start + PIECE_BYTES])
        yield new.submission_id, n, new.whose.seal(piece, about=place(new.submission_id, n))


def place(submission_id: object, piece: int | None = None) -> str:
    return f"submission/{submission_id}" if piece is None else f"submission/{submission_id}/{piece}"


async def _insert_attachments(tx: Tx, submission_id: str, attachments: Sequence[Attachment]) -> None:
    """Their names are sealed beside the subject."""
    rows = [(submission_id, n, "", a.content_type, a.size, a.sha256) for n, a in enumerate(attachments)]
    await _ATTACHMENTS.run(tx, rows)


async def by_external_id(tx: Tx, source: str, external_id: str) -> Any:
    return await tx.fetchrow(
        "SELECT s.*, c.number, c.grade, c.questions FROM submissions s LEFT JOIN complaints c USING (complaint_id)"
        " WHERE s.source = $1 AND s.external_id = $2",
        source,
        external_id,
    )


def opened(tx: Tx, row: Any) -> dict[str, Any]:
    """A row with the `sealed_key` of its person, as people read it: markers where they were erased."""
    texts = notes.texts_of(tx.sealer, dict(row) | {_NAMES: ""}, place(row["submission_id"]), (*SEALED, _NAMES))
    return dict(row) | texts


async def attachments_of(tx: Tx, row: dict[str, Any]) -> list[dict[str, Any]]:
    """Of an opened row."""
    names = row[_NAMES].split("\n")
    found = await tx.fetch(
        "SELECT n, name, content_type, size, sha256 FROM submission_attachments WHERE submission_id = $1 ORDER BY n",
        row["submission_id"],
    )
    return [dict(a) | {"name": a["name"] or (names[a["n"]] if a["n"] < len(names) else names[0])} for a in found]


async def raw_of(tx: Tx, submission_id: str) -> bytes | None:
    """None once whoever sent it was erased."""
    rows = await tx.fetch(f"{_RAW} ORDER BY b.n", submission_id)
    pieces = [_opened_piece(tx, row) for row in rows]
    return None if None in pieces else b"".join(piece for piece in pieces if piece is not None)


async def piece_of(tx: Tx, submission_id: str, offset: int) -> bytes | None:
    """From `offset` to the end of its piece at most; empty after the end, None once they were erased."""
    rows = await tx.fetch(f"{_RAW} AND (b.n = $2 OR s.person_id IS NULL)", submission_id, offset // PIECE_BYTES)
    if not rows:
        return b""
    piece = _opened_piece(tx, rows[0])
    start = offset % PIECE_BYTES if rows[0]["person_id"] is not None else offset
    return None if piece is None else piece[start : start + PIECE_BYTES]


_RAW = """SELECT b.submission_id, b.n, b.raw, s.person_id, p.sealed_key FROM submission_bytes b
 JOIN submissions s USING (submission_id) LEFT JOIN persons p ON p.person_id = s.person_id WHERE b.submission_id = $1"""


def _opened_piece(tx: Tx, row: Any) -> bytes | None:
    if row["person_id"] is None:
        return bytes(row["raw"])
    if row["sealed_key"] is None:
        return None
    key = owner(tx.sealer, row["person_id"], row["sealed_key"]).key
    return key.open(row["raw"], about=place(row["submission_id"], row["n"]))


async def link(tx: Tx, submission_id: str, complaint_ids: Sequence[str], kind: Link, by: str) -> None:
    await tx.execute(
        "INSERT INTO submission_complaints (submission_id, complaint_id, kind, at, by)"
        " SELECT $1, unnest($2::uuid[]), $3, $4, $5 ON CONFLICT DO NOTHING",
        submission_id,
        list(complaint_ids),
        kind,
        tx.now,
        by,
    )


async def settle(tx: Tx, submission_id: str, fate: Fate) -> None:
    await tx.execute(
        "UPDATE submissions SET state = $2, reason = $3, detail = $4, complaint_id = $5, version = version + 1"
        " WHERE submission_id = $1",
        submission_id,
        fate.state,
        fate.reason,
        fate.detail,
        fate.complaint_id,
    )


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person made of a submission."""

    state: str
    by: str
    reason: str
    complaint_id: str | None


async def decide(tx: Tx, submission_id: str, decision: Decision) -> None:
    await tx.execute(
        "UPDATE submissions SET state = $2, decided_by = $3, decision_reason = $4, complaint_id = $5, decided_at = $6,"
        " version = version + 1 WHERE submission_id = $1",
        submission_id,
        decision.state,
        decision.by,
        decision.reason,
        decision.complaint_id,
        tx.now,
    )
