"""What each event of intake says about a complaint: only its own columns."""

from typing import Any

from chassis.envelope import Received
from redress.intake.v1 import events as intake

_DESCRIBED = ("product_family", "product_model", "lot", "defect_code", "failure_location", "signature")
_GIVEN_ONCE = (
    "complaint_id",
    "number",
    "channel",
    "language",
    "key_account",
    "historical",
    "reachable",
    "grade_row",
    "grading_table",
    "grading_version",
    "t_occurred",
    "t_aware",
    "t_received",
    "t_registered",
)


def registered(event: Received[intake.ComplaintRegistered]) -> dict[str, Any]:
    said = event.data
    return {
        **{name: getattr(said, name) for name in _GIVEN_ONCE},
        **_described(event),
        "t_closed_import": said.t_closed if said.historical else None,
        "grade_first": said.grade,
        "grade": said.grade,
        "grade_seq": event.sequence,
    }


def updated(event: Received[intake.ComplaintUpdated]) -> dict[str, Any]:
    return {"complaint_id": event.data.complaint_id, **_described(event)}


def _described(event: Received[Any]) -> dict[str, Any]:
    return {
        **{name: getattr(event.data, name) for name in _DESCRIBED},
        "described_seq": event.sequence,
        "open_proposals": event.data.proposals,
        "proposals_seq": event.sequence,
    }


def regraded(event: Received[intake.ComplaintRegraded]) -> dict[str, Any]:
    wrong = event.data.reason_code == "wrong_then"
    return {
        "complaint_id": event.data.complaint_id,
        "grade": event.data.grade,
        "grade_seq": event.sequence,
        "t_regraded_wrong": event.data.at if wrong else None,
    }


def merged(event: Received[intake.ComplaintMerged]) -> dict[str, Any]:
    return {"complaint_id": event.data.complaint_id, "merged_into": event.data.into, "t_merged": event.data.at}


def merged_as_contact(event: Received[intake.ComplaintMerged]) -> dict[str, Any]:
    """A duplicate is not counted as a complaint but as a contact of the one it repeats (DOMAIN §3)."""
    return {
        "contact_id": event.data.complaint_id,
        "complaint_id": event.data.into,
        "channel": "duplicate",
        "at": event.data.at,
    }


def contact(event: Received[intake.ContactReceived]) -> dict[str, Any]:
    said = event.data
    return {
        "contact_id": said.contact_id,
        "complaint_id": said.complaint_id,
        "channel": said.channel,
        "at": said.at,
    }


def contacted(contact_row: dict[str, Any]) -> dict[str, Any]:
    return {"complaint_id": contact_row["complaint_id"], "t_contacted": contact_row["at"]}


def linked(event: Received[intake.ComplaintLinked]) -> dict[str, Any]:
    return {
        "complaint_id": event.data.complaint_id,
        "repeat_level": event.data.repeat_level,
        "repeat_seq": event.sequence,
        "open_proposals": event.data.open_proposals,
        "proposals_seq": event.sequence,
    }


def repeat_link(event: Received[intake.ComplaintLinked]) -> dict[str, Any]:
    said = event.data
    return {
        "complaint_id": said.complaint_id,
        "other": said.other,
        "level": said.level,
        "judged_seq": event.sequence,
    }
