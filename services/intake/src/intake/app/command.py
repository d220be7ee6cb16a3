"""The contract's RegisterCommand to the domain's Submission: the names are equal."""

from datetime import UTC, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from chassis.errors import FieldError, Invalid
from chassis.messages import to_dict
from intake.domain.complaint import DefectItem, Submission
from redress.intake.v1.intake_pb2 import RegisterCommand

FORM_FIELDS = frozenset({"form", "form_version", "form_data"})
"""Answers to a form are no facts of a complaint: they become some (app.forms)."""


def submission_of(command: RegisterCommand) -> Submission:
    """Raises Invalid for a time no calendar knows."""
    values: dict[str, Any] = {"channel": "", "description": "", "product_family": ""}
    for field, value in command.ListFields():
        if field.name in FORM_FIELDS:
            continue
        if field.name == "defect_items":
            values[field.name] = tuple(DefectItem(**to_dict(item)) for item in value)
            continue
        values[field.name] = time_of(field.name, value) if isinstance(value, Timestamp) else value
    return Submission(**values)


def time_of(name: str, value: Timestamp) -> datetime:
    try:
        return value.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid("a time is out of range", [FieldError(name, "is not a time")]) from error
