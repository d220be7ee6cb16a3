from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from capa.domain.capa import Action, Capa, EffectivenessPlan
from capa.domain.rca import Rca, Why

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def make_why() -> Callable[..., Why]:
    def make(why_id: str, **fields: Any) -> Why:
        given: dict[str, Any] = {"parent": None, "leg": "occurrence", "question": "Why?", "evidence": ()}
        given |= {"answer": "The valve is never calibrated", "category": "method", "controllable": True}
        return Why(why_id=why_id, by="anna", at=NOW, **(given | fields))

    return make


@pytest.fixture
def make_rca() -> Callable[..., Rca]:
    def make(*whys: Why, **fields: Any) -> Rca:
        given: dict[str, Any] = {"title": "Seal", "problem": "12 of 400 leak", "product_family": "pump"}
        given |= {"defect_code": None, "failure_location": None, "category_set": "6m", "author": "anna"}
        return Rca(rca_id="r", number="R26-0000001", opened_at=NOW, whys=whys, **(given | fields))

    return make


@pytest.fixture
def make_action() -> Callable[..., Action]:
    def make(action_id: str = "a1", **fields: Any) -> Action:
        due = fields.pop("due_original", NOW + timedelta(days=14))
        given: dict[str, Any] = {"type": "corrective", "text": "State the torque", "root_cause": "w1", "owner": "otto"}
        given |= {"department": "production", "expected_effect": "no leak", "added_by": "anna", "round": 1}
        return Action(action_id=action_id, due_original=due, due_current=due, **(given | fields))

    return make


@pytest.fixture
def make_plan() -> Callable[..., EffectivenessPlan]:
    def make(**fields: Any) -> EffectivenessPlan:
        given: dict[str, Any] = {"metric": "leaks", "method": "recurrence", "baseline": 6.0, "target": 0.0}
        given |= {"baseline_period": "2026-Q3", "window_days": 30, "minimum_exposure": 0.8, "checker": "carla"}
        return EffectivenessPlan(set_by="anna", set_at=NOW, **(given | fields))

    return make


@pytest.fixture
def make_capa(make_action: Callable[..., Action], make_plan: Callable[..., EffectivenessPlan]) -> Callable[..., Capa]:
    """A CAPA as it stands in a given state."""

    def make(state: str = "opened", **fields: Any) -> Capa:
        capa = Capa(
            capa_id="c",
            number="A26-0000001",
            title="Seal",
            problem="Seals leak",
            rca_id="r",
            risk_class="major",
            source="complaint",
            rationale="",
            author="anna",
            opened_at=NOW,
            state=state,  # type: ignore[arg-type]
            plan=make_plan(),
            plan_author="anna",
        )
        action_state = {"opened": "planned", "planned": "planned", "implementing": "assigned"}.get(state, "done")
        implemented = None if action_state != "done" else NOW - timedelta(days=30)
        capa = replace(capa, actions=(make_action(state=action_state),), implemented_at=implemented)
        return replace(capa, **fields)

    return make
