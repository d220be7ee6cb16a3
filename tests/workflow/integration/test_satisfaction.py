from datetime import UTC, datetime
from typing import Any

from chassis.ids import new_id
from redress.capa.v1 import events as capa
from redress.notify.v1.events import SurveyAnswered
from redress.workflow.v1 import workflow_pb2 as pb
from workflow.app import queries

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def answered(real: Any, case_id: str, via: str, rating: int = 4) -> Any:
    survey_id = new_id()
    said = SurveyAnswered(
        survey_id=survey_id,
        case_id=case_id,
        closing=1,
        process_rating=5,
        result_rating=rating,
        sent_at=NOW,
        answered_at=NOW,
        via=via,
    )
    return real.event(said, survey_id, 2)


async def at_the_closing_stage(real: Any) -> str:
    """The whole way, its fix verified."""
    await real.staff()
    case_id: str = await real.to_root_cause()
    said: dict[str, Any] = {"number": "X-1", "case_ids": [case_id], "at": NOW}
    rca, plan = new_id(), new_id()
    done: dict[str, Any] = {"legs": ["occurrence"], "categories": ["material"], "responsible_department": "production"}
    await real.react(real.event(capa.RcaCompleted(rca_id=rca, **done, **said), rca, 3))
    await real.react(real.event(capa.CapaApproved(capa_id=plan, actions=1, **said), plan, 3))
    await real.react(real.event(capa.CapaImplemented(capa_id=plan, window_ends_at=NOW, **said), plan, 4))
    await real.complete(case_id, "verify_fix", call=real.as_("quality", "qa-1"))
    return case_id


async def test_a_call_back_that_is_recorded_opens_the_gate_and_ends_its_task(real: Any) -> None:
    case_id = await at_the_closing_stage(real)
    event = answered(real, case_id, "call_back", rating=2)
    await real.react(event)
    await real.react(event)
    case = await real.case(case_id)
    callback = next(each for each in case.deliverables if each.kind == "callback")
    assert (callback.state, callback.by, callback.value) == (
        "fulfilled",
        "service:notify",
        '{"reached": true, "satisfied": 2}',
    )
    assert [task.state for task in case.tasks if task.kind == "callback"] == ["done"]
    assert (await real.close(case_id, real.as_("customer_service", "cs-1"))).state == "closed"


async def test_an_answer_by_link_is_a_line_of_the_story_and_opens_nothing(real: Any) -> None:
    case_id = await at_the_closing_stage(real)
    await real.react(answered(real, case_id, "link"))
    case = await real.case(case_id)
    assert next(each for each in case.deliverables if each.kind == "callback").state == "missing"
    story = await real.run(queries.get_timeline, pb.GetCaseRequest(case_id=case_id))
    assert [entry.kind for entry in story.entries].count("survey.answered") == 1


async def test_a_call_back_before_its_stage_or_after_the_end_changes_nothing(real: Any) -> None:
    await real.staff()
    case_id = await real.open()
    await real.react(answered(real, case_id, "call_back"))
    assert (await real.case(case_id)).stage == "intake"
    await real.react(answered(real, new_id(), "call_back"))
