"""What notify tells the others."""

from datetime import datetime

import msgspec


class DeliverySent(msgspec.Struct, frozen=True, kw_only=True):
    delivery_id: str
    kind: str
    """receipt | task_assigned | task_overdue | escalation | case_closed"""
    channel: str
    case_id: str | None
    task_id: str | None
    attempts: int
    at: datetime


class DeliveryFailed(msgspec.Struct, frozen=True, kw_only=True):
    """Given up after the last attempt; the log says why."""

    delivery_id: str
    kind: str
    channel: str
    case_id: str | None
    task_id: str | None
    attempts: int
    at: datetime


class SurveySent(msgspec.Struct, frozen=True, kw_only=True):
    """The customer was asked; the base of the response rate."""

    survey_id: str
    case_id: str
    closing: int
    """Which closing of the case it asks about: 1 for the first."""
    at: datetime


class SurveyAnswered(msgspec.Struct, frozen=True, kw_only=True):
    """Once per survey (ISO 10002 8.3): the customer's satisfaction with the handling and with its result."""

    survey_id: str
    case_id: str
    closing: int
    process_rating: int | None
    """1 very dissatisfied … 5 very satisfied; None: not answered. At least one of the two is there."""
    result_rating: int | None
    sent_at: datetime
    answered_at: datetime
    via: str
    """link | call_back"""
