"""Drafts of the grading table: stored as people leave them, unfinished or not, but never beyond the limits."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.call import Call
from chassis.db import Tx
from chassis.definition_store import decoded, one
from chassis.definitions import Document, opened, text_of
from chassis.errors import FieldError, IllegalTransition, Invalid, NotFound, StaleVersion
from chassis.ids import new_id
from chassis.messages import to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from intake.app.grading.editor import EDITING, complete, published, shown
from intake.app.grading_tables import GRADING_TABLE, NAME
from intake.app.load import READING, is_id
from intake.domain.grading_document import named, read
from intake.domain.grading_limits import breaches
from intake.domain.verdicts import check_reason
from redress.intake.v1 import grading_pb2 as pb

STATES = ("open", "published", "discarded")
MAX_TITLE = 200
Row = Mapping[str, Any]


async def create_draft(tx: Tx, call: Call, request: pb.CreateGradingDraftRequest) -> pb.GradingDraft:
    """A copy of a published version, or a document of one's own. Raises Invalid naming each cell beyond the limits."""
    call.require(*EDITING)
    base = await one(tx, GRADING_TABLE.name, NAME, request.based_on)
    document = opened(request.document) if request.document else base.document
    _check_limits(document)
    draft_id, title = new_id(), _title(request.title)
    await tx.execute(
        "INSERT INTO grading_drafts (draft_id, version, title, state, based_on, document, fault_count, created_by,"
        " created_at, changed_by, changed_at) VALUES ($1, 1, $2, 'open', $3, $4, $5, $6, $7, $6, $7)",
        draft_id,
        title,
        base.version,
        text_of(document),
        len(read(complete(document))[1]),
        call.actor,
        tx.now,
    )
    audit(tx, call, draft_id, "created", {"title": [None, title], "based_on": [None, base.version]}, first=True)
    return await whole(tx, await found(tx, draft_id))


async def list_drafts(tx: Tx, call: Call, request: pb.ListGradingDraftsRequest) -> pb.ListGradingDraftsReply:
    call.require(*READING)
    limit, after = limit_of(request.page), decode_cursor(request.page.cursor, datetime, UUID) or (None, None)
    rows = await tx.fetch(
        "SELECT draft_id, version, title, state, based_on, fault_count, fault_count = 0 AS publishable, created_by,"
        " created_at, changed_by, changed_at, published_version FROM grading_drafts"
        " WHERE ($1::text IS NULL OR state = $1)"
        " AND ($2::timestamptz IS NULL OR (created_at, draft_id) < ($2, $3::uuid))"
        " ORDER BY created_at DESC, draft_id DESC LIMIT $4",
        request.state if request.HasField("state") else None,
        *after,
        limit,
    )
    current = (await published(tx))[0]
    cursor = encode_cursor(rows[-1]["created_at"], str(rows[-1]["draft_id"])) if len(rows) == limit else ""
    drafts = [to_message(pb.GradingDraft, dict(row) | {"behind": row["based_on"] < current}) for row in rows]
    return pb.ListGradingDraftsReply(drafts=drafts, next_cursor=cursor)


async def get_draft(tx: Tx, call: Call, request: pb.GetGradingDraftRequest) -> pb.GradingDraft:
    call.require(*READING)
    return await whole(tx, await found(tx, request.draft_id))


async def save_draft(tx: Tx, call: Call, request: pb.SaveGradingDraftRequest) -> pb.GradingDraft:
    """The whole document anew: rows come, go and move with it. Raises StaleVersion, IllegalTransition, Invalid."""
    call.require(*EDITING)
    row = await held(tx, request.draft_id, request.if_version)
    document = opened(request.document)
    _check_limits(document)
    title = _title(request.title) if request.HasField("title") else row["title"]
    base = (await one(tx, GRADING_TABLE.name, NAME, request.based_on)).version if request.based_on else row["based_on"]
    faults = read(complete(document))[1]
    await tx.execute(
        "UPDATE grading_drafts SET version = version + 1, document = $2, title = $3, based_on = $4, fault_count = $5,"
        " changed_by = $6, changed_at = $7 WHERE draft_id = $1",
        row["draft_id"],
        text_of(document),
        title,
        base,
        len(faults),
        call.actor,
        tx.now,
    )
    changes = {"title": [row["title"], title], "based_on": [row["based_on"], base], "faults": [None, len(faults)]}
    audit(tx, call, row["draft_id"], "saved", changes)
    return await whole(tx, await found(tx, request.draft_id))


async def discard_draft(tx: Tx, call: Call, request: pb.DiscardGradingDraftRequest) -> pb.GradingDraft:
    call.require(*EDITING)
    row = await held(tx, request.draft_id, request.if_version)
    reason = check_reason(request.reason)
    await set_state(tx, call, row, "discarded")
    audit(tx, call, row["draft_id"], "discarded", {"state": ["open", "discarded"]}, reason)
    return await whole(tx, await found(tx, request.draft_id))


async def set_state(tx: Tx, call: Call, row: Row, state: str, published_version: int | None = None) -> None:
    await tx.execute(
        "UPDATE grading_drafts SET version = version + 1, state = $2, published_version = $3, changed_by = $4,"
        " changed_at = $5 WHERE draft_id = $1",
        row["draft_id"],
        state,
        published_version,
        call.actor,
        tx.now,
    )


async def found(tx: Tx, draft_id: str, lock: str = "") -> Row:
    row = is_id(draft_id) and await tx.fetchrow(
        f"SELECT * FROM grading_drafts WHERE draft_id = $1{lock}",  # noqa: S608 - no text from outside
        draft_id,
    )
    if not row:
        raise NotFound("there is no such draft")
    return dict(row)


async def held(tx: Tx, draft_id: str, if_version: int) -> Row:
    row = await found(tx, draft_id, " FOR UPDATE")
    if row["version"] != if_version:
        raise StaleVersion(f"the draft stands at version {row['version']}")
    if row["state"] != "open":
        raise IllegalTransition(f"the draft is {row['state']}")
    return row


async def whole(tx: Tx, row: Row) -> pb.GradingDraft:
    faults = read(complete(decoded(row["document"])))[1]
    behind = row["based_on"] < (await published(tx))[0]
    more = {"publishable": not faults, "faults": shown(faults), "fault_count": len(faults), "behind": behind}
    return to_message(pb.GradingDraft, dict(row) | more)


def _check_limits(document: Document) -> None:
    if beyond := breaches(document):
        raise Invalid("this grading table is beyond its limits", named(beyond))


def _title(given: str) -> str:
    title = given.strip()
    if not 0 < len(title) <= MAX_TITLE:
        raise Invalid("the draft needs a title", [FieldError("title", f"1 to {MAX_TITLE} characters")])
    return title


def audit(
    tx: Tx,
    call: Call,
    draft_id: Any,
    action: str,
    changes: Mapping[str, list[Any]],
    reason: str = "",
    *,
    first: bool = False,
) -> None:
    moved = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    tx.audit(
        aggregate_type="grading_draft",
        aggregate_id=str(draft_id),
        action=action,
        call=call,
        changes=moved,
        reason=reason,
        first=first,
    )
