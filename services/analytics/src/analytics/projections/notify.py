"""What notify's events say about a complaint: its receipt, and what its customer thinks of it."""

from collections.abc import Iterator
from typing import Any

from chassis.envelope import Received
from redress.notify.v1 import events as notify


def acknowledged(event: Received[notify.DeliverySent]) -> Iterator[dict[str, Any]]:
    """Only the receipt acknowledges; a task notice to a colleague does not."""
    if event.data.kind == "receipt" and event.data.case_id is not None:
        yield {"complaint_id": event.data.case_id, "t_auto_ack": event.data.at}


def asked(event: Received[notify.SurveySent]) -> dict[str, Any]:
    said = event.data
    return {
        "survey_id": said.survey_id,
        "complaint_id": said.case_id,
        "closing": said.closing,
        "t_sent": said.at,
    }


def answered(event: Received[notify.SurveyAnswered]) -> dict[str, Any]:
    """Says all of the survey, so that an answer may come before the event of its sending."""
    said = event.data
    return {
        "survey_id": said.survey_id,
        "complaint_id": said.case_id,
        "closing": said.closing,
        "t_sent": said.sent_at,
        "process_rating": said.process_rating,
        "result_rating": said.result_rating,
        "t_answered": said.answered_at,
        "via": said.via,
        "answered_seq": event.sequence,
    }
