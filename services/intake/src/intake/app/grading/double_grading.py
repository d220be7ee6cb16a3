"""The second grading: by somebody who sees the complaint, but neither its first grade nor a way to look it up."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import Conflict, FieldError, IllegalTransition, Invalid, Malformed, NotFound, StaleVersion
from chassis.messages import to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from intake.app.load import WORKING, found, is_id
from intake.domain.complaint import ANSWERS, GRADES, QUESTIONS_ASKED
from intake.domain.verdicts import check_reason
from redress.intake.v1 import grading_pb2 as pb

_MINE = "(d.assigned_to = $1 OR (d.assigned_to IS NULL AND cardinality(s.graders) = 0)) AND NOT $1 = ANY(d.barred)"
_SHOWN = (
    *("language", "product_family", "product_model", "description", "defect_code", "failure_location", "quantity"),
    *("remedy_wanted", "t_occurred", "t_received", "customer_deadline"),
)
Row = Mapping[str, Any]


async def list_items(tx: Tx, call: Call, request: pb.ListGradingItemsRequest) -> pb.ListGradingItemsReply:
    """The caller's own, still to be graded; in an order that tells nothing about the grades."""
    call.require(*WORKING)
    sample_id = request.grading_sample_id if request.HasField("grading_sample_id") else None
    if sample_id is not None and not is_id(sample_id):
        raise Invalid("the filter does not fit", [FieldError("grading_sample_id", "is not an id")])
    limit, after = limit_of(request.page), decode_cursor(request.page.cursor, UUID) or (None,)
    rows = await tx.fetch(
        "SELECT d.grading_item_id, d.version, d.grading_sample_id, 'open' AS state FROM double_gradings d"  # noqa: S608
        f" JOIN grading_samples s USING (grading_sample_id) WHERE s.state = 'open' AND {_MINE}"
        " AND d.second_grade IS NULL AND ($2::uuid IS NULL OR grading_sample_id = $2)"
        " AND ($3::uuid IS NULL OR d.grading_item_id > $3)"
        " ORDER BY d.grading_item_id LIMIT $4",
        call.actor,
        sample_id,
        *after,
        limit,
    )
    cursor = encode_cursor(str(rows[-1]["grading_item_id"])) if len(rows) == limit else ""
    return pb.ListGradingItemsReply(items=[to_message(pb.GradingItem, row) for row in rows], next_cursor=cursor)


async def get_item(tx: Tx, call: Call, request: pb.GetGradingItemRequest) -> pb.GradingItem:
    """Raises NotFound also for what another is to grade: who grades what is nobody else's business."""
    call.require(*WORKING)
    return await _blind(tx, call, await _own(tx, call, request.grading_item_id))


async def grade_item(tx: Tx, call: Call, request: pb.GradeItemRequest) -> pb.GradingItem:
    """Once: a second look at one's own grade would not be blind any more. Raises Invalid, StaleVersion, Conflict."""
    call.require(*WORKING)
    item = await _own(tx, call, request.grading_item_id, " FOR UPDATE OF d")
    if item["version"] != request.if_version:
        raise StaleVersion(f"the item stands at version {item['version']}")
    if item["second_grade"] is not None:
        raise Conflict("already_graded", "this complaint was graded a second time already")
    if item["sample_state"] != "open":
        raise IllegalTransition("the sample is closed")
    answers = _answers(request.answers)
    if request.grade not in GRADES:
        raise Invalid("no such grade", [FieldError("grade", f"must be one of {', '.join(GRADES)}")])
    reason = check_reason(request.reason)
    last = await tx.fetchval("SELECT max(n) FROM gradings WHERE complaint_id = $1", item["complaint_id"])
    await tx.execute(
        "UPDATE double_gradings SET second_grade = $2, second_by = $3, second_at = $4, reason = $5,"
        " second_answers = $6, left_out = $7, version = version + 1 WHERE grading_item_id = $1",
        item["grading_item_id"],
        request.grade,
        call.actor,
        tx.now,
        reason,
        answers,
        last != item["first_n"],
    )
    tx.audit(
        aggregate_type="grading_item",
        aggregate_id=str(item["grading_item_id"]),
        action="graded a second time",
        call=call,
        changes={"second_grade": [None, request.grade]},
        reason=reason,
        first=True,
    )
    return await _blind(tx, call, await _own(tx, call, request.grading_item_id))


async def _own(tx: Tx, call: Call, grading_item_id: str, lock: str = "") -> Row:
    row = is_id(grading_item_id) and await tx.fetchrow(
        "SELECT d.*, s.hide_answers, s.state AS sample_state FROM double_gradings d"  # noqa: S608 - no text from outside
        f" JOIN grading_samples s USING (grading_sample_id) WHERE d.grading_item_id = $2 AND {_MINE}{lock}",
        call.actor,
        grading_item_id,
    )
    if not row or row["second_by"] not in (None, call.actor):
        raise NotFound("there is nothing like that for you to grade")
    return dict(row)


async def _blind(tx: Tx, call: Call, item: Row) -> pb.GradingItem:
    """Only facts are taken over, by name: what a complaint gains later stays hidden."""
    row = await found(tx, call, str(item["complaint_id"]))
    facts = {name: row[name] for name in _SHOWN}
    answers = {} if item["hide_answers"] else {name: row[name] for name in QUESTIONS_ASKED}
    state = {"state": "open" if item["second_grade"] is None else "graded", "answers": _text(answers)}
    known = {name: item[name] for name in ("grading_item_id", "grading_sample_id", "version", "second_grade")}
    return to_message(pb.GradingItem, facts | known | state)


def _text(answers: Mapping[str, str]) -> str:
    return msgspec.json.encode(answers).decode()


def _answers(text: str) -> dict[str, str]:
    """To any of the grading questions; those that were not thought about are left out."""
    try:
        given = msgspec.json.decode(text or "{}")
    except (msgspec.DecodeError, RecursionError) as error:
        raise Malformed("the answers are not JSON", [FieldError("answers", "is not JSON")]) from error
    if not isinstance(given, dict):
        raise Malformed("the answers are not an object", [FieldError("answers", "must be an object")])
    faults = [
        FieldError(f"answers.{name[:63]}", f"{' | '.join(ANSWERS)}, to one of {', '.join(QUESTIONS_ASKED)}")
        for name, value in given.items()
        if name not in QUESTIONS_ASKED or value not in ANSWERS
    ]
    if faults:
        raise Invalid("these answers cannot be taken", faults[:20])
    return given
