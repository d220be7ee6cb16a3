"""How often grades had to be corrected because they were wrong when given: in all, per row, per person."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, Invalid
from chassis.messages import to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from intake.app.grading.editor import EDITING
from intake.app.grading.periods import period_of
from intake.domain.grading_work.accuracy import Figure, summed
from redress.intake.v1 import grading_pb2 as pb

_DAYS = 90
# The grade of a source that could not be asked, and of the past, was nobody's judgement of today: as in the KPI.
_COUNTED = """complaints c WHERE c.t_registered >= $1 AND c.t_registered < $2 AND c.state <> 'merged'
 AND NOT c.historical"""
_FIGURES = f"""
SELECT kind, key, count(*) AS n, count(*) FILTER (WHERE wrong) AS wrong,
  count(*) FILTER (WHERE wrong AND corrected > rank) AS too_high,
  count(*) FILTER (WHERE wrong AND corrected < rank) AS too_low
FROM (
  SELECT g.by, g.source, g.table_version || '/' || g.row AS row,
    array_position(ARRAY['urgent', 'important', 'routine'], g.grade) AS rank,
    array_position(ARRAY['urgent', 'important', 'routine'], lead(g.grade) OVER following) AS corrected,
    coalesce(lead(g.reason_code) OVER following = 'wrong_then', FALSE) AS wrong
  FROM gradings g JOIN (SELECT complaint_id FROM {_COUNTED}) AS c USING (complaint_id)
  WINDOW following AS (PARTITION BY g.complaint_id ORDER BY g.n)
) AS given CROSS JOIN LATERAL (VALUES
  ('all', ''), ('person', given.by), (CASE WHEN given.source = 'table' THEN 'row' END, given.row)) AS k(kind, key)
WHERE kind IS NOT NULL GROUP BY kind, key ORDER BY kind, n DESC, key
"""  # noqa: S608 - a statement
_WRONG = """
SELECT r.complaint_id, c.number, g.grade, g.table_version || '/' || g.row AS row, g.source, g.by, g.at,
  r.grade AS corrected_to, r.by AS corrected_by, r.at AS corrected_at, r.reason
FROM gradings r JOIN gradings g ON g.complaint_id = r.complaint_id AND g.n = r.n - 1
JOIN complaints c ON c.complaint_id = r.complaint_id
WHERE r.reason_code = 'wrong_then' AND c.t_registered >= $1 AND c.t_registered < $2 AND c.state <> 'merged'
  AND NOT c.historical AND ($3::text IS NULL OR (g.source = 'table' AND g.table_version || '/' || g.row = $3))
  AND ($4::text IS NULL OR g.by = $4) AND ($5::timestamptz IS NULL OR (r.at, r.complaint_id) < ($5, $6::uuid))
ORDER BY r.at DESC, r.complaint_id DESC LIMIT $7
"""


async def get_accuracy(tx: Tx, call: Call, request: pb.GetGradingAccuracyRequest) -> pb.GradingAccuracy:
    """Of the complaints registered in the period, every grade that any of them was given counts once; merged and
    historical ones do not. A person is whoever registered, answered a question or set the grade."""
    call.require(*EDITING)
    since, until = period_of(request, tx.now, _DAYS)
    rows = [dict(row) for row in await tx.fetch(_FIGURES, since, until)]
    figures = {kind: [_figure(row) for row in rows if row["kind"] == kind] for kind in ("all", "row", "person")}
    return to_message(
        pb.GradingAccuracy,
        {
            "from": since,
            "to": until,
            "all": _shown(summed("", figures["all"])),
            "rows": [_shown(figure) for figure in figures["row"]],
            "persons": [_shown(figure) for figure in figures["person"]],
        },
    )


async def list_wrong(tx: Tx, call: Call, request: pb.ListWrongGradingsRequest) -> pb.ListWrongGradingsReply:
    """What stands behind a figure, newest correction first. Raises Invalid when row and person are both named."""
    call.require(*EDITING)
    since, until = period_of(request, tx.now, _DAYS)
    row, person = (getattr(request, name) if request.HasField(name) else None for name in ("row", "person"))
    if row is not None and person is not None:
        raise Invalid("one figure at a time", [FieldError("person", "not together with row")])
    limit, after = limit_of(request.page), decode_cursor(request.page.cursor, datetime, UUID) or (None, None)
    rows = [dict(one) for one in await tx.fetch(_WRONG, since, until, row, person, *after, limit)]
    return pb.ListWrongGradingsReply(
        gradings=[to_message(pb.WrongGrading, one) for one in rows], next_cursor=_cursor(rows, limit)
    )


def _cursor(rows: Sequence[Mapping[str, Any]], limit: int) -> str:
    if len(rows) < limit:
        return ""
    return encode_cursor(rows[-1]["corrected_at"], str(rows[-1]["complaint_id"]))


def _figure(row: Mapping[str, Any]) -> Figure:
    return Figure(row["key"], row["n"], row["wrong"], row["too_low"], row["too_high"])


def _shown(figure: Figure) -> pb.AccuracyFigure:
    low, high = figure.interval or (None, None)
    return pb.AccuracyFigure(
        key=figure.key,
        n=figure.n,
        wrong=figure.wrong,
        too_low=figure.too_low,
        too_high=figure.too_high,
        accuracy=figure.accuracy,
        ci_low=low,
        ci_high=high,
    )
