"""Actions of a CAPA. Correction, corrective and preventive action are three things (ISO 9000:2015, 3.12.1-3.12.3)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from capa.domain import require
from capa.domain.capa import ACTION_TYPES, Action, Capa, Extension
from capa.domain.lifecycle import allow, implemented
from capa.domain.rca import Rca
from chassis.errors import Conflict, FieldError, Invalid

_DIFFERENCE = (
    "a correction removes the nonconformity that was found (ISO 9000:2015, 3.12.3), a corrective action removes its "
    "cause so that it does not recur (3.12.2), a preventive action the cause of one that has not happened (3.12.1)"
)


def add_action(capa: Capa, action: Action, rca: Rca | None, now: datetime) -> Capa:
    """Plans a further action, due in the future.

    A corrective action names the confirmed root of the linked analysis that it removes; a correction or containment
    names none, because it removes no cause.
    """
    allow(capa, "add_action")
    require.one_of("type", action.type, ACTION_TYPES)
    for name in ("text", "owner", "department", "expected_effect"):
        require.text(name, getattr(action, name))
    if action.due_original <= now:
        raise Invalid("an action is due in the future", fields=[FieldError("due", "lies in the past")])
    _fits_root(action, rca)
    return replace(capa, actions=(*capa.actions, action))


def _fits_root(action: Action, rca: Rca | None) -> None:
    if action.root_cause is None:
        if action.type == "corrective":
            raise _wrong_root(f"a corrective action names the root cause it removes; {_DIFFERENCE}")
        return
    if action.type in {"containment", "correction"}:
        raise _wrong_root(f"a {action.type} removes no cause: call it corrective, or name no root; {_DIFFERENCE}")
    if action.root_cause not in {root.why_id for root in rca.roots()} if rca else True:
        raise _wrong_root("the root cause must be a confirmed root of the analysis this CAPA is linked to")


def _wrong_root(detail: str) -> Invalid:
    return Invalid(detail, fields=[FieldError("root_cause", "must fit the type of action")])


def cancel_action(capa: Capa, action_id: str, reason: str) -> Capa:
    """Takes a planned action out of a plan that is not submitted; it stays on record."""
    require.text("reason", reason)
    action = allow(capa, "cancel_action").action(action_id)
    _only_in(action, "planned")
    return _put(capa, replace(action, state="cancelled", version=action.version + 1))


def complete_action(capa: Capa, action_id: str, evidence: Iterable[str], by: str, now: datetime) -> Capa:
    """Done, with evidence. The last one implements the CAPA and starts its window."""
    action = allow(capa, "complete_action").action(action_id)
    _only_in(action, "assigned")
    proof = require.evidence(evidence)
    if not proof:
        raise Invalid("an action is done with evidence", fields=[FieldError("evidence", "must be given")])
    done = replace(action, state="done", evidence=proof, done_at=now, done_by=by, version=action.version + 1)
    return implemented(_put(capa, done), now)


def extend_action(capa: Capa, action_id: str, due: datetime, reason: str, by: str, now: datetime) -> Capa:
    """Moves the deadline; `due_original` stays, so that both on-time rates can be told (DOMAIN expert point 15)."""
    require.text("reason", reason)
    action = allow(capa, "extend_action").action(action_id)
    _only_in(action, "assigned")
    if due <= max(now, action.due_current):
        raise Invalid("an extension moves the deadline into the future", fields=[FieldError("due", "is not later")])
    extension = Extension(due=due, reason=reason.strip(), by=by, at=now)
    changed = replace(action, due_current=due, extensions=(*action.extensions, extension), version=action.version + 1)
    return _put(capa, changed)


def _only_in(action: Action, state: str) -> None:
    if action.state != state:
        raise Conflict("action_not_open", f"this action is {action.state}, not {state}")


def _put(capa: Capa, changed: Action) -> Capa:
    actions = tuple(changed if action.action_id == changed.action_id else action for action in capa.actions)
    return replace(capa, actions=actions)
