"""A customer was erased: their own words in answers to surveys go; ratings, which name nobody, stay."""

from collections.abc import Sequence

from chassis.db import Tx
from chassis.envelope import Received
from redress.intake.v1.events import PersonErased


async def forget_comments(tx: Tx, events: Sequence[Received[PersonErased]]) -> None:
    await tx.execute(
        "UPDATE survey_answers a SET comment = '' FROM surveys s WHERE s.survey_id = a.survey_id AND a.comment <> ''"
        " AND s.case_id = ANY($1::uuid[])",
        [complaint_id for event in events for complaint_id in event.data.complaint_ids],
    )
