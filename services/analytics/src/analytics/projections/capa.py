"""What each event of capa says about CAPAs, actions, checks and costs: only its own columns."""

from collections.abc import Iterator
from typing import Any

from chassis.envelope import Received
from redress.capa.v1 import events as capa


def contained(event: Received[capa.ContainmentDone]) -> dict[str, Any]:
    return {"complaint_id": event.data.case_id, "t_contained": event.data.at}


def opened(event: Received[capa.CapaOpened]) -> dict[str, Any]:
    said = event.data
    return {
        "capa_id": said.capa_id,
        "number": said.number,
        "rca_id": said.rca_id,
        "risk_class": said.risk_class,
        "t_opened": said.at,
    }


def approved(event: Received[capa.CapaApproved]) -> dict[str, Any]:
    return {**_named(event.data), "t_approved": event.data.at}


def implemented(event: Received[capa.CapaImplemented]) -> dict[str, Any]:
    return {
        **_named(event.data),
        "t_implemented": event.data.at,
        "window_ends_at": event.data.window_ends_at,
        "implemented_seq": event.sequence,
    }


def window(event: Received[capa.CapaImplemented]) -> dict[str, Any]:
    """Each implementation is observed on its own: a CAPA that failed and is implemented anew has a second window."""
    return {
        "capa_id": event.data.capa_id,
        "implemented_seq": event.sequence,
        "t_implemented": event.data.at,
        "window_ends_at": event.data.window_ends_at,
    }


def reopened(event: Received[capa.CapaReopened]) -> dict[str, Any]:
    return {**_named(event.data), "reopened_seq": event.sequence}


def closed(event: Received[capa.CapaClosed]) -> dict[str, Any]:
    return {
        **_named(event.data),
        "t_closed": event.data.at,
        "outcome": event.data.outcome,
        "closed_seq": event.sequence,
    }


def _named(said: Any) -> dict[str, Any]:
    return {"capa_id": said.capa_id, "number": said.number}


def cases(event: Received[Any]) -> Iterator[dict[str, Any]]:
    """The complaints an event of a CAPA names; a CAPA answers for all that were ever linked to it."""
    for case_id in event.data.case_ids:
        yield {"capa_id": event.data.capa_id, "complaint_id": case_id}


def check(event: Received[capa.CapaEffectivenessConcluded]) -> dict[str, Any]:
    return {
        "capa_id": event.data.capa_id,
        "check_seq": event.sequence,
        "verdict": event.data.verdict,
        "at": event.data.at,
        "window_ends_at": event.data.window_ends_at,
    }


def action_assigned(event: Received[capa.ActionAssigned]) -> dict[str, Any]:
    said = event.data
    return {
        "action_id": said.action_id,
        "capa_id": said.capa_id,
        "type": said.type,
        "t_assigned": said.at,
        "due_original": said.due_at,
        "due_current": said.due_at,
        "due_said_at": said.at,
    }


def action_extended(event: Received[capa.ActionExtended]) -> dict[str, Any]:
    return _action_due(event.data)


def action_extension(event: Received[capa.ActionExtended]) -> dict[str, Any]:
    said = event.data
    return {
        "action_id": said.action_id,
        "extension_seq": event.sequence,
        "capa_id": said.capa_id,
        "at": said.at,
    }


def action_done(event: Received[capa.ActionDone]) -> dict[str, Any]:
    return {**_action_due(event.data), "type": event.data.type, "t_done": event.data.at}


def _action_due(said: capa.ActionExtended | capa.ActionDone) -> dict[str, Any]:
    return {
        "action_id": said.action_id,
        "capa_id": said.capa_id,
        "due_original": said.due_original,
        "due_current": said.due_current,
        "due_said_at": said.at,
    }


def cost(event: Received[capa.CostPosted]) -> dict[str, Any]:
    said = event.data
    return {
        "cost_id": said.cost_id,
        "date": said.date,
        "category": said.category,
        "sub_type": said.sub_type,
        "amount_minor": said.amount_minor,
        "currency": said.currency,
        "complaint_id": said.case_id,
        "capa_id": said.capa_id,
        "estimated": said.estimated,
    }
