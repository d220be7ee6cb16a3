"""The life cycle of a CAPA: the one place where a state changes. See DOMAIN 9.

opened → planned → plan_approved → implementing → implemented → verifying → effective → closed
                ↘ opened (rejected)                              ↘ not_effective, insufficient_exposure
plan_approved and implemented are passed through in the command that reaches them, and stay in the history.
"""

from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from capa.domain import require
from capa.domain.capa import Action, Capa, Check
from chassis.errors import Conflict, IllegalTransition

_CHECKING = frozenset({"verifying", "insufficient_exposure"})

FROM = MappingProxyType(
    {
        "add_action": frozenset({"opened"}),
        "cancel_action": frozenset({"opened"}),
        "set_effectiveness_plan": frozenset({"opened"}),
        "submit": frozenset({"opened"}),
        "approve": frozenset({"planned"}),
        "reject": frozenset({"planned"}),
        "complete_action": frozenset({"implementing"}),
        "extend_action": frozenset({"implementing"}),
        "conclude_effectiveness": _CHECKING,
        "close": frozenset({"effective"}),
        "reopen": _CHECKING | {"not_effective", "effective", "closed"},
        "cancel": _CHECKING | {"opened", "planned", "implementing", "not_effective"},
    }
)
"""Command → the states that accept it."""


def possible(capa: Capa) -> list[str]:
    return [command for command, states in FROM.items() if capa.state in states]


def allow(capa: Capa, command: str) -> Capa:
    """`IllegalTransition` with what is possible instead, unless the CAPA's state accepts the command."""
    if capa.state not in FROM[command]:
        raise IllegalTransition(f"{capa.number} is {capa.state}: {command} is not possible", possible=possible(capa))
    return capa


def submit(capa: Capa, by: str) -> Capa:
    """opened → planned. What a plan must contain is `domain.plan.whole`."""
    return replace(allow(capa, "submit"), state="planned", plan_author=by)


def approve(capa: Capa, by: str, on_behalf_of: str | None, now: datetime) -> Capa:
    """planned → plan_approved → implementing, by someone whose hand is not in the plan.

    `Conflict` author_approves_own_plan (audited) otherwise: an approval is an independent review (21 CFR 11.50; DOMAIN
    expert point 13). The planned actions are assigned.
    """
    allow(capa, "approve")
    if {by, on_behalf_of} & capa.plan_authors():
        raise Conflict(
            "author_approves_own_plan",
            f"{capa.number}: who wrote, planned or submitted the plan cannot approve it; ask someone else",
            possible=["reject"],
            audited=True,
        )
    actions = tuple(_assigned(action) for action in capa.actions)
    return replace(capa, state="implementing", approved_by=by, approved_at=now, actions=actions)


def _assigned(action: Action) -> Action:
    return replace(action, state="assigned", version=action.version + 1) if action.state == "planned" else action


def reject(capa: Capa, reason: str) -> Capa:
    """planned → opened, with the reason; the plan can be changed again."""
    require.text("reason", reason)
    return replace(allow(capa, "reject"), state="opened", plan_author=None)


def implemented(capa: Capa, now: datetime) -> Capa:
    """implementing → implemented → verifying, once no action is open. The waiting window starts here."""
    if capa.in_state("assigned"):
        return capa
    return replace(allow(capa, "complete_action"), state="verifying", implemented_at=now)


def conclude(capa: Capa, check: Check) -> Capa:
    """verifying or insufficient_exposure → the verdict; an insufficient exposure extends the window by its length."""
    allow(capa, "conclude_effectiveness")
    more = 1 if check.verdict == "insufficient_exposure" else 0
    return replace(
        capa,
        state=check.verdict,
        checks=(*capa.checks, check),
        window_extensions=capa.window_extensions + more,
    )


def close(capa: Capa, now: datetime) -> Capa:
    """effective → closed. `Conflict` not_proven_effective names what is missing: no CAPA closes without a verdict."""
    if capa.state in {"closed", "cancelled"}:
        allow(capa, "close")
    if capa.state != "effective":
        raise Conflict(
            "not_proven_effective",
            f"{capa.number} is {capa.state}: it closes once its effect is proven",
            possible=_still_missing(capa),
        )
    return replace(capa, state="closed", closed_at=now)


def _still_missing(capa: Capa) -> list[str]:
    steps = {
        "submitted_plan": capa.state == "opened",
        "plan_approval": capa.state in {"opened", "planned"},
        "open_actions": capa.state in {"opened", "planned", "implementing"},
    }
    return [*(step for step, missing in steps.items() if missing), "verdict_effective"]


def cancel(capa: Capa, reason: str, now: datetime) -> Capa:
    """Any running state → cancelled, with a reason; its open actions are cancelled with it."""
    require.text("reason", reason)
    allow(capa, "cancel")
    return replace(capa, state="cancelled", closed_at=now, actions=tuple(map(_called_off, capa.actions)))


def _called_off(action: Action) -> Action:
    if action.state in {"done", "cancelled"}:
        return action
    return replace(action, state="cancelled", version=action.version + 1)


def reopen(capa: Capa, reason: str) -> Capa:
    """Back to opened after a verdict, or when a recurrence speaks before one (DOMAIN 3, R3).

    The next round needs its own criterion, actions and approval; what was done and checked stays on record.
    """
    require.text("reason", reason)
    return replace(
        allow(capa, "reopen"),
        state="opened",
        round=capa.round + 1,
        plan=None,
        plan_author=None,
        approved_by=None,
        approved_at=None,
        implemented_at=None,
        closed_at=None,
        window_extensions=0,
    )


def joinable(capa: Capa) -> Capa:
    """A further case may join unless the CAPA did not work or was called off: then it helps no further customer."""
    if capa.state in {"not_effective", "cancelled"}:
        raise Conflict(
            "capa_does_not_help",
            f"{capa.number} is {capa.state}: reopen it or open another",
            possible=possible(capa),
        )
    return capa


def plan_is_approved(capa: Capa) -> bool:
    return capa.approved_by is not None


def plan_is_implemented(capa: Capa) -> bool:
    return capa.implemented_at is not None
