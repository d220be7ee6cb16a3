"""Did it work? The verdict on a CAPA. See DOMAIN 9."""

from dataclasses import dataclass
from datetime import datetime
from math import exp, isfinite, lgamma, log, sqrt

from capa.domain import require
from capa.domain.capa import Capa, Check, EffectivenessPlan, Verdict
from capa.domain.lifecycle import allow
from capa.domain.rules import Exposure
from chassis.errors import Conflict, FieldError, Forbidden, Invalid


@dataclass(frozen=True)
class Finding:
    """What the checker saw in the window.

    recurrence: `observed` matching complaints; `exposure` as a share of the baseline's (1.0: as many units).
    verification_test: `observed` failures among `exposure` tested units.
    """

    observed: float
    exposure: float
    note: str
    decision: str | None = None


def poisson_at_most(count: int, expected: float) -> float:
    """P(X ≤ count) of a Poisson distribution with mean `expected` > 0; summed from the top against underflow."""
    if count > expected + 40 * sqrt(expected) + 40:
        return 1.0
    total = 0.0
    for step in range(count, -1, -1):
        term = exp(step * log(expected) - expected - lgamma(step + 1))
        total += term
        if step < expected and term < total * 1e-16:
            break
    return min(total, 1.0)


def expected_events(plan: EffectivenessPlan, exposure: float, window_days: int) -> float:
    """Events the baseline would have produced: rate per 30 days × window × exposure, or share × units."""
    if plan.method == "verification_test":
        return plan.baseline * exposure
    return plan.baseline * window_days / 30 * exposure


def verdict_of(plan: EffectivenessPlan, finding: Finding, window_days: int, limits: Exposure) -> tuple[Verdict, float]:
    """The verdict and the expected events behind it.

    More than the target: not effective. Otherwise the exposure must be able to tell: no less than the plan's minimum,
    at least 3 expected events, and at most a 5 % chance of so few under the baseline. For zero recurrences both say the
    same: exp(-3) = 0.05, the "rule of three" (Hanley and Lippman-Hand, JAMA 1983;249:1743; exact Poisson limits:
    Garwood, Biometrika 1936;28:437). Below that: insufficient exposure.
    """
    expected = expected_events(plan, finding.exposure, window_days)
    level = finding.observed / finding.exposure if plan.method == "verification_test" else finding.observed
    if level > plan.target:
        return "not_effective", expected
    tells = (
        finding.exposure >= plan.minimum_exposure
        and expected >= limits.minimum_expected
        and poisson_at_most(int(finding.observed), expected) <= limits.alpha
    )
    return ("effective" if tells else "insufficient_exposure"), expected


def check(capa: Capa, finding: Finding, by: str, *, quality: bool, limits: Exposure, now: datetime) -> Check:
    """Concludes a window.

    `Conflict` window_not_over before its end; `Forbidden` for anyone but the plan's checker or quality, and for the
    owner of an action. Once the extensions are used up, a person decides with a reason (`decision`, `note`).
    """
    allow(capa, "conclude_effectiveness")
    plan, ends = capa.plan, capa.window_ends_at()
    assert plan is not None
    assert ends is not None
    _may_check(capa, plan, by, quality)
    if now < ends:
        raise Conflict("window_not_over", f"the waiting window of {capa.number} ends at {ends.isoformat()}")
    _countable(plan, finding)
    verdict, expected = verdict_of(plan, finding, capa.window_days(), limits)
    decided = _decision(capa, verdict, finding, limits)
    return Check(
        verdict=decided or verdict,
        observed=finding.observed,
        exposure=finding.exposure,
        expected=expected,
        note=finding.note.strip(),
        by=by,
        at=now,
        decided=decided is not None,
    )


def _may_check(capa: Capa, plan: EffectivenessPlan, by: str, quality: bool) -> None:
    if by in capa.owners():
        raise Forbidden("who carried an action does not judge its effect", slug="owner_checks_own_action")
    if by != plan.checker and not quality:
        raise Forbidden("the effect is judged by the plan's checker or by quality")


def _countable(plan: EffectivenessPlan, finding: Finding) -> None:
    whole = isfinite(finding.observed) and finding.observed >= 0 and finding.observed == int(finding.observed)
    wrong = [] if whole else [FieldError("observed", "is a count of events")]
    if not (isfinite(finding.exposure) and finding.exposure > 0):
        wrong.append(FieldError("exposure", "must be above 0"))
    elif plan.method == "verification_test" and finding.observed > finding.exposure:
        wrong.append(FieldError("observed", "exceeds the number of tested units"))
    if wrong:
        raise Invalid("this finding cannot be judged", fields=wrong)


def _decision(capa: Capa, verdict: Verdict, finding: Finding, limits: Exposure) -> Verdict | None:
    used_up = capa.window_extensions >= limits.max_extensions
    needed = verdict == "insufficient_exposure" and used_up
    if finding.decision is None:
        if needed:
            raise Conflict(
                "decision_required",
                f"the exposure is still insufficient after {capa.window_extensions} extensions: decide, with a reason",
                possible=["decision=effective", "decision=not_effective"],
            )
        return None
    if not needed:
        raise Conflict("decision_not_open", "a person decides only when the exposure stays insufficient to the end")
    require.text("note", finding.note)
    return "effective" if require.one_of("decision", finding.decision, _DECISIONS) == "effective" else "not_effective"


_DECISIONS = ("effective", "not_effective")
