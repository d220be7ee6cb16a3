"""How far two people grade the same complaint alike: kappa with its interval, per pair and per question."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import Forbidden
from chassis.messages import to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from intake.app.grading import samples
from intake.app.grading.editor import EDITING
from intake.app.grading.periods import period_of
from intake.domain.complaint import ANSWERS, GRADES, QUESTIONS_ASKED
from intake.domain.grading_work.agreement import Agreement, Weights, kappa, matrix_of, observed_share
from redress.intake.v1 import grading_pb2 as pb

_DAYS = 366
_MOST = 20_000
_MOST_PAIRS = 200
Pairs = Sequence[tuple[str, str]]
Row = Mapping[str, Any]


async def get_agreement(tx: Tx, call: Call, request: pb.GetGradingAgreementRequest) -> pb.GradingAgreement:
    """Of one sample, or of all second gradings of a period. Raises Forbidden while the caller still has to grade."""
    call.require(*EDITING)
    sample_id = request.grading_sample_id
    if sample_id:
        await samples.found(tx, sample_id)
        await _check_blind(tx, call, sample_id)
    since, until = period_of(request, tx.now, _DAYS)
    rows = await tx.fetch(
        "SELECT d.*, s.state AS sample_state FROM double_gradings d JOIN grading_samples s USING (grading_sample_id)"
        " WHERE ($1::uuid IS NULL OR grading_sample_id = $1) AND second_grade IS NOT NULL"
        " AND ($1::uuid IS NOT NULL OR (second_at >= $2 AND second_at < $3 AND s.state = 'closed'))"
        " ORDER BY second_at DESC LIMIT $4",
        sample_id or None,
        since,
        until,
        _MOST,
    )
    open_ones = await tx.fetchval(
        "SELECT count(*) FROM double_gradings WHERE grading_sample_id = $1 AND second_grade IS NULL", sample_id or None
    )
    counted = [dict(row) for row in rows if not row["left_out"]]
    return _figures(counted, left_out=len(rows) - len(counted), open_ones=open_ones)


async def list_double_gradings(tx: Tx, call: Call, request: pb.ListDoubleGradingsRequest) -> pb.ListDoubleGradingsReply:
    """Both grades of each complaint; for whoever judges the agreement, not for those who still have to grade."""
    call.require(*EDITING)
    await samples.found(tx, request.grading_sample_id)
    await _check_blind(tx, call, request.grading_sample_id)
    limit, after = limit_of(request.page), decode_cursor(request.page.cursor, UUID) or (None,)
    rows = await tx.fetch(
        "SELECT d.*, d.first_table_version || '/' || d.first_row AS row, c.number FROM double_gradings d"
        " JOIN complaints c USING (complaint_id) WHERE d.grading_sample_id = $1 AND d.second_grade IS NOT NULL"
        " AND ($2::boolean IS NULL OR (d.first_grade <> d.second_grade) = $2)"
        " AND ($3::uuid IS NULL OR d.grading_item_id > $3) ORDER BY d.grading_item_id LIMIT $4",
        request.grading_sample_id,
        request.differing if request.HasField("differing") else None,
        *after,
        limit,
    )
    cursor = encode_cursor(str(rows[-1]["grading_item_id"])) if len(rows) == limit else ""
    return pb.ListDoubleGradingsReply(gradings=[_double(dict(row)) for row in rows], next_cursor=cursor)


async def _check_blind(tx: Tx, call: Call, sample_id: str) -> None:
    left = await tx.fetchval(
        "SELECT count(*) FROM double_gradings d JOIN grading_samples s USING (grading_sample_id)"
        " WHERE grading_sample_id = $1 AND s.state = 'open' AND d.second_grade IS NULL AND d.assigned_to = $2",
        sample_id,
        call.actor,
    )
    if left:
        raise Forbidden(f"you still have {left} complaints of this sample to grade", slug="still_to_grade")


def _double(row: Row) -> pb.DoubleGrading:
    answers = msgspec.json.encode(row["second_answers"]).decode()
    return to_message(pb.DoubleGrading, dict(row) | {"first_row": row["row"], "answers": answers})


def _figures(rows: Sequence[Row], *, left_out: int, open_ones: int) -> pb.GradingAgreement:
    pairs = [(row["first_grade"], row["second_grade"]) for row in rows]
    matrix = matrix_of(pairs, GRADES)
    return pb.GradingAgreement(
        n=len(pairs),
        grades=GRADES,
        matrix=[pb.AgreementRow(grade=g, counts=counts) for g, counts in zip(GRADES, matrix, strict=True)],
        kappa=_kappa(pairs, GRADES),
        linear=_kappa(pairs, GRADES, "linear"),
        quadratic=_kappa(pairs, GRADES, "quadratic"),
        observed=observed_share(matrix),
        pairs=list(_by_pair(rows)),
        answers=list(_by_answer(rows)),
        left_out=left_out,
        open=open_ones,
    )


def _by_pair(rows: Sequence[Row]) -> Iterable[pb.PairAgreement]:
    pairs: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        pairs[row["first_by"], row["second_by"]].append((row["first_grade"], row["second_grade"]))
    for (first, second), graded in sorted(pairs.items(), key=lambda pair: -len(pair[1]))[:_MOST_PAIRS]:
        share = observed_share(matrix_of(graded, GRADES))
        yield pb.PairAgreement(first=first, second=second, n=len(graded), observed=share, kappa=_kappa(graded, GRADES))


def _by_answer(rows: Sequence[Row]) -> Iterable[pb.AnswerAgreement]:
    for name in QUESTIONS_ASKED:
        given = [
            (row["first_answers"][name], row["second_answers"][name]) for row in rows if name in row["second_answers"]
        ]
        if given:
            share = observed_share(matrix_of(given, ANSWERS))
            yield pb.AnswerAgreement(column=name, n=len(given), observed=share, kappa=_kappa(given, ANSWERS))


def _kappa(pairs: Pairs, categories: Sequence[str], weights: Weights = "none") -> pb.Kappa:
    return _shown(kappa(matrix_of(pairs, categories), weights))


def _shown(found: Agreement | None) -> pb.Kappa:
    if found is None:
        return pb.Kappa()
    low, high = found.interval
    return pb.Kappa(value=found.value, ci_low=low, ci_high=high, standard_error=found.standard_error)
