"""What is shown of surveys: to the customer's page through the gateway, with comments to those who look after it."""

import sqlalchemy as sa

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import NotFound
from chassis.messages import to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from notify.adapters import surveys as store
from notify.adapters.tables import known_cases, survey_answers, surveys
from notify.app.queries import identifier, one_of
from notify.domain.survey import STATES
from redress.notify.v1 import notify_pb2 as pb

_READERS = ("customer_service", "quality", "manager")


async def get_survey(tx: Tx, call: Call, request: pb.GetSurveyRequest) -> pb.Survey:
    """Raises NotFound, Forbidden for everybody but services."""
    call.require("service")
    return await shown(tx, str(identifier("survey_id", request.survey_id)))


async def list_surveys(tx: Tx, call: Call, request: pb.ListSurveysRequest) -> pb.ListSurveysReply:
    """Newest first. Raises Invalid for an unknown state, Forbidden for who may not read what customers wrote."""
    call.require(*_READERS)
    limit = limit_of(request.page)
    wanted = (
        sa.select(
            surveys,
            known_cases.c.number,
            *(survey_answers.c[name] for name in ("process_rating", "result_rating", "comment", "via", "recorded_by")),
        )
        .join(known_cases, known_cases.c.case_id == surveys.c.case_id, isouter=True)
        .join(survey_answers, survey_answers.c.survey_id == surveys.c.survey_id, isouter=True)
        .where(*_filters(request))
        .order_by(surveys.c.survey_id.desc())
        .limit(limit + 1)
    )
    if after := decode_cursor(request.page.cursor, str):
        wanted = wanted.where(surveys.c.survey_id < identifier("cursor", after[0]))
    rows = await tx.rows(wanted)
    more = len(rows) > limit
    return pb.ListSurveysReply(
        surveys=[to_message(pb.Survey, dict(row)) for row in rows[:limit]],
        next_cursor=encode_cursor(str(rows[limit - 1]["survey_id"])) if more else "",
    )


async def shown(tx: Tx, survey_id: str) -> pb.Survey:
    row = await store.show(tx, survey_id)
    if row is None:
        raise NotFound("there is no such survey")
    return to_message(pb.Survey, dict(row))


def _filters(request: pb.ListSurveysRequest) -> list[sa.ColumnElement[bool]]:
    filters: list[sa.ColumnElement[bool]] = []
    if request.HasField("case_id"):
        filters.append(surveys.c.case_id == identifier("case_id", request.case_id))
    if request.HasField("state"):
        filters.append(surveys.c.state == one_of("state", request.state, STATES))
    return filters
