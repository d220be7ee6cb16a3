"""What a plan must contain before it is submitted."""

from dataclasses import replace
from math import isfinite

from capa.domain import require
from capa.domain.capa import METHODS, Capa, EffectivenessPlan
from capa.domain.lifecycle import allow
from capa.domain.rca import Rca
from chassis.errors import Conflict, FieldError, Invalid, MissingDeliverable


def set_effectiveness_plan(capa: Capa, plan: EffectivenessPlan) -> Capa:
    """Fixes criterion, window and method. Only before submission: a criterion chosen afterwards proves nothing.

    recurrence: `baseline` in events per 30 days, `target` in events, `window_days` ≥ 1, `minimum_exposure` as a share
    of the baseline's exposure. verification_test: `baseline` and `target` as shares 0..1, `window_days` may be 0,
    `minimum_exposure` in tested units.
    """
    allow(capa, "set_effectiveness_plan")
    for name in ("metric", "baseline_period", "checker"):
        require.text(f"plan.{name}", getattr(plan, name))
    require.one_of("plan.method", plan.method, METHODS)
    wrong = [*_wrong_numbers(plan), *(_wrong_shares(plan) if plan.method == "verification_test" else ())]
    if plan.method == "recurrence" and plan.window_days < 1:
        wrong.append(FieldError("plan.window_days", "recurrence is watched for at least one day"))
    if wrong:
        raise Invalid("this effectiveness plan cannot be checked", fields=wrong)
    _checker_is_free(capa, plan.checker)
    return replace(capa, plan=plan)


def _wrong_numbers(plan: EffectivenessPlan) -> list[FieldError]:
    # The first two must be positive: without a baseline or an exposure there is nothing to compare with.
    rules = {
        "baseline": plan.baseline > 0,
        "minimum_exposure": plan.minimum_exposure > 0,
        "target": plan.target >= 0 and plan.target < _baseline_in_window(plan),
        "window_days": plan.window_days >= 0,
    }
    messages = {
        "target": "must be 0 or more, and less than the baseline gives in the same window",
        "window_days": "must be 0 or more",
    }
    return [
        FieldError(f"plan.{name}", messages.get(name, "must be above 0"))
        for name, holds in rules.items()
        if not (holds and isfinite(getattr(plan, name)))
    ]


def _baseline_in_window(plan: EffectivenessPlan) -> float:
    return plan.baseline * max(plan.window_days, 1) / 30 if plan.method == "recurrence" else plan.baseline


def _wrong_shares(plan: EffectivenessPlan) -> list[FieldError]:
    shares = {"baseline": plan.baseline, "target": plan.target}
    return [FieldError(f"plan.{name}", "is a share, 0..1") for name, share in shares.items() if share > 1]


def _checker_is_free(capa: Capa, checker: str) -> None:
    if checker in capa.owners():
        raise Conflict("checker_owns_action", "who carries an action does not check its effect: name another checker")


def whole(capa: Capa, rca: Rca | None) -> None:
    """Refuses a plan that cannot work.

    `MissingDeliverable` names what is missing: a completed analysis (where one is linked), the effectiveness plan, an
    action of this round beyond containment and correction, and a corrective action per confirmed root. `Conflict` when
    the checker carries an action.
    """
    allow(capa, "submit")
    lacking = [*_missing_parts(capa, rca), *_unanswered_roots(capa, rca)]
    if lacking:
        raise MissingDeliverable(f"{capa.number}: the plan is not whole", possible=lacking)
    if capa.plan is not None:
        _checker_is_free(capa, capa.plan.checker)


def _missing_parts(capa: Capa, rca: Rca | None) -> list[str]:
    lasting = [action for action in capa.in_state("planned") if action.type not in {"containment", "correction"}]
    parts = {
        "completed_rca": rca is None or rca.state == "completed",
        "effectiveness_plan": capa.plan is not None,
        "corrective_or_preventive_action": bool(lasting),
    }
    return [part for part, there in parts.items() if not there]


def _unanswered_roots(capa: Capa, rca: Rca | None) -> list[str]:
    answered = {action.root_cause for action in capa.in_state("planned", "done") if action.type == "corrective"}
    roots = rca.roots() if rca else ()
    return [f"corrective_action:{root.why_id}" for root in roots if root.why_id not in answered]


def rca_stands(capa: Capa, rca: Rca | None) -> None:
    """An analysis that was withdrawn after the submission carries no plan."""
    if rca is not None and rca.state != "completed":
        raise MissingDeliverable(f"{capa.number}: {rca.number} is {rca.state}", possible=["completed_rca"])
