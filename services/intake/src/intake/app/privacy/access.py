"""Everything that is held about a person, as one document: what they may ask for (GDPR article 15, PIPL article 45)."""

from collections.abc import Sequence
from typing import Any

import msgspec

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import Conflict, NotFound
from chassis.messages import to_dict
from intake.adapters import personal, submissions
from intake.adapters.persons import Owner, owner
from intake.app.load import is_id
from intake.app.privacy.roles import DECIDING
from intake.app.queries import whole
from intake.domain.privacy.erasing import said
from redress.intake.v1 import privacy_pb2 as pb

_MOST = 500
_NOT_THEIRS = ("proposals", "registered_by", "identity_protected")
_SUBMISSIONS = f"""SELECT s.*, p.sealed_key FROM submissions s JOIN persons p USING (person_id) WHERE s.person_id = $1
 ORDER BY s.received_at, s.submission_id LIMIT {_MOST}"""  # noqa: S608 - our own number
_ATTACHMENTS = f"""SELECT a.* FROM attachments a JOIN customers k ON k.customer_id = a.complaint_id
 WHERE k.person_id = $1 AND a.state = 'kept' ORDER BY a.added_at, a.attachment_id LIMIT {_MOST}"""  # noqa: S608


async def export_person(tx: Tx, call: Call, request: pb.ExportPersonRequest) -> pb.PersonExport:
    """Raises NotFound, Invalid without a reason, Conflict for someone who was erased. At most 500 of each kind."""
    call.require(*DECIDING)
    reason = said(request.reason)
    row = is_id(request.person_id) and await tx.fetchrow(
        "SELECT * FROM persons WHERE person_id = $1 FOR UPDATE", request.person_id
    )
    if not row:
        raise NotFound("there is no such person")
    if row["sealed_key"] is None:
        raise Conflict("erased", "this person was erased: nothing is held about them")
    document = await _document(tx, row, owner(tx.sealer, row["person_id"], row["sealed_key"]))
    tx.audit(
        aggregate_type="person", aggregate_id=request.person_id, action="everything exported", call=call, reason=reason
    )
    return pb.PersonExport(person_id=request.person_id, document=msgspec.json.encode(document).decode())


async def _document(tx: Tx, row: Any, whose: Owner) -> dict[str, Any]:
    complaints = await tx.fetch(
        f"{personal.SELECT} WHERE k.person_id = $1 ORDER BY c.t_registered, c.complaint_id LIMIT {_MOST}",
        row["person_id"],
    )
    return {
        "person_id": whose.person_id,
        "since": row["created_at"],
        "as_of": tx.now,
        "complaints": [await _complaint(tx, complaint) for complaint in complaints],
        "submissions": [_submission(tx, found) for found in await tx.fetch(_SUBMISSIONS, row["person_id"])],
        "attachments": _attachments(await tx.fetch(_ATTACHMENTS, row["person_id"])),
    }


async def _complaint(tx: Tx, row: Any) -> dict[str, Any]:
    """To the person themselves nothing about them is protected."""
    seen = personal.opened(tx.sealer, row) | {"identity_protected": False}
    return {name: value for name, value in to_dict(await whole(tx, seen)).items() if name not in _NOT_THEIRS}


_OF_SUBMISSION = ("submission_id", "channel", "state", "received_at", "sent_at", "size", "sha256", "content_type")


def _submission(tx: Tx, row: Any) -> dict[str, Any]:
    opened = submissions.opened(tx, row)
    return {name: opened[name] for name in (*_OF_SUBMISSION, *submissions.SEALED)}


def _attachments(rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [
        {name: row[name] for name in ("attachment_id", "complaint_id", "content_type", "size", "sha256", "added_at")}
        for row in rows
    ]
