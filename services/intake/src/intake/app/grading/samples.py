"""Draws complaints that are graded a second time, by people who have not graded them before."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, IllegalTransition, Invalid, NotFound, StaleVersion
from chassis.ids import new_id
from chassis.messages import to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from intake.adapters import double_grading_rows as drawn
from intake.app.grading.editor import EDITING
from intake.app.grading.periods import period_of
from intake.app.load import READING, is_id
from intake.domain.complaint import GRADES
from intake.domain.grading_work.sampling import ALLOCATIONS, Allocation, allotted, assigned
from redress.intake.v1 import grading_pb2 as pb

STATES = ("open", "closed")
MAX_SIZE = 2_000
MAX_GRADERS = 50
_DAYS = 30
_LENGTHS = {"title": 200, "seed": 100}
Row = Mapping[str, Any]


async def draw(tx: Tx, call: Call, request: pb.DrawGradingSampleRequest) -> pb.GradingSample:
    """Stratified by grade. The same seed, period and size draw the same complaints while the records stay."""
    call.require(*EDITING)
    _check(request)
    since, until = period_of(request, tx.now, _DAYS)
    allocation: Allocation = "equal" if request.allocation == "equal" else "proportional"
    seed = request.seed or secrets.token_hex(8)
    populations = dict.fromkeys(GRADES, 0) | await drawn.populations(tx, since, until)
    chosen = allotted(populations, _size(request, sum(populations.values())), allocation)
    rows = [row for grade, n in chosen.items() for row in await drawn.chosen(tx, since, until, grade, n, seed)]
    if not rows:
        raise Invalid("nothing to draw from", [FieldError("from", "no complaint was graded in the period")])
    sample: dict[str, Any] = {
        "grading_sample_id": new_id(),
        "version": 1,
        "title": request.title.strip(),
        "state": "open",
        "period_from": since,
        "period_to": until,
        "allocation": allocation,
        "seed": seed,
        "hide_answers": request.hide_answers,
        "graders": list(dict.fromkeys(request.graders)),
        "strata": [{"grade": g, "population": populations[g], "drawn": chosen[g]} for g in GRADES],
        "drawn_by": call.actor,
        "drawn_at": tx.now,
    }
    await drawn.keep_sample(tx, sample)
    await drawn.keep_items(tx, sample["grading_sample_id"], rows, _graders_of(rows, sample["graders"]))
    _audit(tx, call, sample["grading_sample_id"], "drawn", {"size": [None, len(rows)], "seed": [None, seed]})
    return await shown(tx, await found(tx, sample["grading_sample_id"]))


def _graders_of(rows: Sequence[Row], graders: Sequence[str]) -> list[str | None]:
    """Where nobody is named, whoever takes it. One for whom all are barred stays assigned to nobody, see `barred`."""
    return assigned([row["barred"] for row in rows], graders)


def _size(request: pb.DrawGradingSampleRequest, population: int) -> int:
    if request.HasField("size"):
        return request.size
    return min(MAX_SIZE, max(1, round(request.share * population)))


def _check(request: pb.DrawGradingSampleRequest) -> None:
    faults = [FieldError(n, f"longer than {most}") for n, most in _LENGTHS.items() if len(getattr(request, n)) > most]
    if not request.title.strip():
        faults.append(FieldError("title", "is required"))
    if request.HasField("size") == request.HasField("share"):
        faults.append(FieldError("size", "give either the size or the share"))
    if request.HasField("size") and not 1 <= request.size <= MAX_SIZE:
        faults.append(FieldError("size", f"1 to {MAX_SIZE}"))
    if request.HasField("share") and not 0 < request.share <= 1:
        faults.append(FieldError("share", "above 0, up to 1"))
    if request.allocation not in ("", *ALLOCATIONS):
        faults.append(FieldError("allocation", f"must be one of {', '.join(ALLOCATIONS)}"))
    if len(request.graders) > MAX_GRADERS or any(not 0 < len(name) <= 100 for name in request.graders):
        faults.append(FieldError("graders", f"at most {MAX_GRADERS} ids of at most 100 characters"))
    if faults:
        raise Invalid("this sample cannot be drawn", faults)


async def list_samples(tx: Tx, call: Call, request: pb.ListGradingSamplesRequest) -> pb.ListGradingSamplesReply:
    call.require(*READING)
    limit, after = limit_of(request.page), decode_cursor(request.page.cursor, datetime, UUID) or (None, None)
    rows = await tx.fetch(
        "SELECT * FROM grading_samples WHERE ($1::text IS NULL OR state = $1)"
        " AND ($2::timestamptz IS NULL OR (drawn_at, grading_sample_id) < ($2, $3::uuid))"
        " ORDER BY drawn_at DESC, grading_sample_id DESC LIMIT $4",
        request.state if request.HasField("state") else None,
        *after,
        limit,
    )
    cursor = encode_cursor(rows[-1]["drawn_at"], str(rows[-1]["grading_sample_id"])) if len(rows) == limit else ""
    return pb.ListGradingSamplesReply(samples=[await shown(tx, dict(row)) for row in rows], next_cursor=cursor)


async def get_sample(tx: Tx, call: Call, request: pb.GetGradingSampleRequest) -> pb.GradingSample:
    call.require(*READING)
    return await shown(tx, await found(tx, request.grading_sample_id))


async def close(tx: Tx, call: Call, request: pb.CloseGradingSampleRequest) -> pb.GradingSample:
    """What was not graded a second time by then is left out."""
    call.require(*EDITING)
    row = await found(tx, request.grading_sample_id, " FOR UPDATE")
    if row["version"] != request.if_version:
        raise StaleVersion(f"the sample stands at version {row['version']}")
    if row["state"] == "closed":
        raise IllegalTransition("the sample is closed already")
    await tx.execute(
        "UPDATE grading_samples SET state = 'closed', closed_at = $2, version = version + 1"
        " WHERE grading_sample_id = $1",
        row["grading_sample_id"],
        tx.now,
    )
    _audit(tx, call, row["grading_sample_id"], "closed", {"state": ["open", "closed"]})
    return await shown(tx, await found(tx, request.grading_sample_id))


async def found(tx: Tx, grading_sample_id: str, lock: str = "") -> Row:
    row = is_id(grading_sample_id) and await tx.fetchrow(
        f"SELECT * FROM grading_samples WHERE grading_sample_id = $1{lock}",  # noqa: S608 - no text from outside
        grading_sample_id,
    )
    if not row:
        raise NotFound("there is no such sample")
    return dict(row)


async def shown(tx: Tx, row: Row) -> pb.GradingSample:
    counts = await drawn.counts(tx, row["grading_sample_id"])
    period = {"from": row["period_from"], "to": row["period_to"]}
    return to_message(pb.GradingSample, dict(row) | dict(counts) | period)


def _audit(tx: Tx, call: Call, sample_id: Any, action: str, changes: Mapping[str, list[Any]]) -> None:
    tx.audit(aggregate_type="grading_sample", aggregate_id=str(sample_id), action=action, call=call, changes=changes)
