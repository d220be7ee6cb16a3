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
