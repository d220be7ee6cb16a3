"""Asking for a back-test and looking at what it found; the work is done by a worker (`back_test_run`)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.call import Call
from chassis.db import Tx
from chassis.definition_store import decoded
from chassis.errors import Conflict, FieldError, Invalid, NotFound
from chassis.ids import new_id
from chassis.messages import to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from intake.adapters import back_test_rows
from intake.app.grading import drafts
from intake.app.grading.editor import EDITING, complete, published
from intake.app.grading.targets import targets_of
from intake.app.load import READING, is_id
from intake.domain.complaint import GRADES
from intake.domain.grading_document import parse
from redress.intake.v1 import grading_pb2 as pb

MONTHS = (1, 36)
KEPT = timedelta(days=180)
_DEFAULT_MONTHS, _MONTH_DAYS = 6, 30.436875
_MOST_WAITING = 20
Row = Mapping[str, Any]


async def start(tx: Tx, call: Call, request: pb.StartBackTestRequest) -> pb.BackTest:
    """Raises Invalid naming every fault of the draft, Conflict while many wait."""
    call.require(*EDITING)
    draft = await drafts.found(tx, request.draft_id)
    version, _ = await published(tx)
    parse(complete(decoded(draft["document"]), version + 1))
    months = request.months if request.HasField("months") else _DEFAULT_MONTHS
    if not MONTHS[0] <= months <= MONTHS[1]:
        raise Invalid("the period is out of range", [FieldError("months", f"{MONTHS[0]} to {MONTHS[1]}")])
    targets, source = targets_of(request)
    since = tx.now - timedelta(days=months * _MONTH_DAYS)
    back_test_id = new_id()
    await _make_room(tx)
    await tx.execute(
        "INSERT INTO back_tests (back_test_id, state, draft_id, draft_version, document, compared_with, period_from,"
        " period_to, targets, targets_source, total, done, requested_by, requested_at)"
        " VALUES ($1, 'waiting', $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $7)",
        back_test_id,
        draft["draft_id"],
        draft["version"],
        draft["document"],
        version,
        since,
        tx.now,
        targets,
        source,
        await back_test_rows.count(tx, since, tx.now),
        call.actor,
    )
    drafts.audit(tx, call, draft["draft_id"], "back-test asked for", {"months": [None, months]})
    return shown(await found(tx, back_test_id))


async def _make_room(tx: Tx) -> None:
    """Old results go; their tables and complaints stay, so that they can be made again."""
    await tx.execute("DELETE FROM back_tests WHERE finished_at < $1", tx.now - KEPT)
    waiting = await tx.fetchval("SELECT count(*) FROM back_tests WHERE state IN ('waiting', 'running')")
    if waiting >= _MOST_WAITING:
        raise Conflict("too_many_back_tests", f"{waiting} back-tests are under way; wait for one or cancel it")


async def list_back_tests(tx: Tx, call: Call, request: pb.ListBackTestsRequest) -> pb.ListBackTestsReply:
    call.require(*READING)
    draft_id = request.draft_id if request.HasField("draft_id") else None
    if draft_id is not None and not is_id(draft_id):
        raise Invalid("the filter does not fit", [FieldError("draft_id", "is not an id")])
    limit, after = limit_of(request.page), decode_cursor(request.page.cursor, datetime, UUID) or (None, None)
    rows = await tx.fetch(
        "SELECT * FROM back_tests WHERE ($1::uuid IS NULL OR draft_id = $1)"
        " AND ($2::timestamptz IS NULL OR (requested_at, back_test_id) < ($2, $3::uuid))"
        " ORDER BY requested_at DESC, back_test_id DESC LIMIT $4",
        draft_id,
        *after,
        limit,
    )
    cursor = encode_cursor(rows[-1]["requested_at"], str(rows[-1]["back_test_id"])) if len(rows) == limit else ""
    return pb.ListBackTestsReply(back_tests=[shown(dict(row)) for row in rows], next_cursor=cursor)


async def get_back_test(tx: Tx, call: Call, request: pb.GetBackTestRequest) -> pb.BackTest:
    call.require(*READING)
    return shown(await found(tx, request.back_test_id))


async def cancel(tx: Tx, call: Call, request: pb.CancelBackTestRequest) -> pb.BackTest:
    """One that ended stays as it is."""
    call.require(*EDITING)
    row = await found(tx, request.back_test_id, " FOR UPDATE")
    if row["state"] in ("waiting", "running"):
        await tx.execute(
            "UPDATE back_tests SET state = 'cancelled', finished_at = $2 WHERE back_test_id = $1",
            row["back_test_id"],
            tx.now,
        )
        drafts.audit(tx, call, row["draft_id"], "back-test cancelled", {"state": [row["state"], "cancelled"]})
    return shown(await found(tx, request.back_test_id))


async def list_changes(tx: Tx, call: Call, request: pb.ListBackTestChangesRequest) -> pb.ListBackTestChangesReply:
    """The complaints that the draft would grade otherwise, newest registered first."""
    call.require(*READING)
    test = await found(tx, request.back_test_id)
    wanted = {name: getattr(request, name) for name in ("before", "after") if request.HasField(name)}
    if wrong := [name for name, value in wanted.items() if value not in GRADES]:
        raise Invalid("no such grade", [FieldError(name, f"must be one of {', '.join(GRADES)}") for name in wrong])
    limit, after = limit_of(request.page), decode_cursor(request.page.cursor, int) or (2**31 - 1,)
    rows = await tx.fetch(
        "SELECT * FROM back_test_changes WHERE back_test_id = $1 AND n < $2"
        ' AND ($3::text IS NULL OR "before" = $3) AND ($4::text IS NULL OR "after" = $4) ORDER BY n DESC LIMIT $5',
        test["back_test_id"],
        min(max(after[0], 0), 2**31 - 1),
        wanted.get("before"),
        wanted.get("after"),
        limit,
    )
    cursor = encode_cursor(rows[-1]["n"]) if len(rows) == limit else ""
    changes = [to_message(pb.BackTestChange, dict(row) | _hours(dict(row), test["targets"])) for row in rows]
    return pb.ListBackTestChangesReply(changes=changes, next_cursor=cursor)


def _hours(row: Row, targets: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    names = ("response_hours", "case_hours", "clock")
    return {f"{name}_{side}": targets[row[side]][name] for name in names for side in ("before", "after")}


async def found(tx: Tx, back_test_id: str, lock: str = "") -> Row:
    row = is_id(back_test_id) and await tx.fetchrow(
        f"SELECT * FROM back_tests WHERE back_test_id = $1{lock}",  # noqa: S608 - no text from outside
        back_test_id,
    )
    if not row:
        raise NotFound("there is no such back-test")
    return dict(row)


def shown(row: Row) -> pb.BackTest:
    targets, report = row["targets"], row["report"]
    return to_message(
        pb.BackTest,
        dict(row)
        | report
        | {
            "from": row["period_from"],
            "to": row["period_to"],
            "targets": [{"grade": grade} | targets[grade] for grade in GRADES],
            "moves": [_move(move, targets) for move in report.get("moves", ())],
        },
    )


def _move(move: Row, targets: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    before, after = targets[move["before"]], targets[move["after"]]
    return dict(move) | {name: after[name] - before[name] for name in ("response_hours", "case_hours")}
