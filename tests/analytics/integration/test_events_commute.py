"""Late, repeated and shuffled events, and events before their complaint, end in the same facts."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.db import Database, Tx
from chassis.ids import new_id
from redress.capa.v1 import events as capa
from redress.intake.v1 import events as intake
from redress.workflow.v1 import events as workflow

TABLES = {
    "facts": "complaint_id",
    "stage_visits": "complaint_id, stage, visit",
    "stage_exits": "complaint_id, stage, exit_seq",
    "task_facts": "task_id",
    "contacts": "contact_id",
    "repeat_links": "complaint_id, other",
    "action_facts": "action_id",
    "capa_facts": "capa_id",
    "capa_cases": "capa_id, complaint_id",
    "capa_checks": "capa_id, check_seq",
    "cost_lines": "cost_id",
    "surveys": "survey_id",
    "case_extensions": "complaint_id, extension_seq",
    "action_extensions": "action_id, extension_seq",
    "capa_windows": "capa_id, implemented_seq",
}


def long_story(told: Any) -> Any:
    """Regraded, corrected, paused, returned, closed, reopened, closed again, kept as knowledge."""
    case = told(grade="routine").register(proposals=2).open().acknowledge(minutes=1).respond(hours=1)
    at, case_id = case.after, case.case_id
    case.say(
        intake.ComplaintRegraded(
            complaint_id=case_id, old_grade="routine", grade="important", reason_code="wrong_then", at=at(hours=2)
        )
    )
    case.say(
        workflow.CaseDueChanged(
            case_id=case_id, due_at=at(hours=80), due_current_at=at(hours=40), reason="regrade", at=at(hours=2)
        )
    )
    case.say(
        workflow.CaseDueChanged(
            case_id=case_id, due_at=at(hours=80), due_current_at=at(hours=45), reason="extension", at=at(hours=2.5)
        )
    )
    case.enter("diagnosis", "intake", hours=3)
    case.say(workflow.CasePaused(case_id=case_id, reason_code="waiting_for_customer", at=at(hours=4)))
    case.contacted(hours=5).contacted(hours=4.5)
    case.say(workflow.CaseResumed(case_id=case_id, due_at=at(hours=41), paused_seconds=3600, at=at(hours=5)))
    case.say(
        intake.ComplaintUpdated(
            complaint_id=case_id,
            changed=["lot"],
            product_family="pots",
            product_model="P9",
            lot="L7",
            defect_code="burst",
            failure_location="lid",
            signature="pots/burst",
            questions=[],
            proposals=3,
        )
    )
    case.return_to("intake", "diagnosis", visit=2, hours=6)
    case.enter("diagnosis", "intake", visit=2, hours=7)
    case.say(capa.ContainmentDone(case_id=case_id, place="warehouse", at=at(hours=8)), subject="containment")
    case.enter("root_cause", "diagnosis", hours=9).enter("effectiveness", "root_cause", hours=9)
    case.close(path="full", hours=30, rca_ids=["r"], working_seconds=9000.0).enter(
        "knowledge", "effectiveness", hours=30
    )
    case.reopen(stage="diagnosis", visit=3, hours=50)
    case.enter("effectiveness", "diagnosis", visit=2, hours=60)
    case.close(path="full", hours=70, rca_ids=["r"], first=False, working_seconds=12000.0)
    case.enter("knowledge", "effectiveness", visit=2, hours=70)
    case.say(
        workflow.TaskCompleted(
            task_id=case.events[-1].data.task.task_id,
            case_id=case_id,
            kind="knowledge",
            stage="knowledge",
            by="p",
            ref=None,
            opened_at=at(hours=70),
            started_at=at(hours=71),
            due_at=at(hours=90),
            at=at(hours=72),
        ),
        subject="task",
    )
    case.survey(process=2, hours=71).survey(process=5, result=4, closing=2, hours=111)
    case.work(62, 64).work(61, 63)
    return case


def second_story(told: Any, other: Any) -> Any:
    """A repeat of the first, first judged R2, then R1; a third report of it is merged."""
    case = told(received=other.received + timedelta(hours=75), number="C26-0000002").register(proposals=1).open()
    for level, repeat, at in (("R2", "R2", 1), ("R1", "R1", 2)):
        case.say(
            intake.ComplaintLinked(
                complaint_id=case.case_id,
                other=other.case_id,
                level=level,
                repeat_level=repeat,
                open_proposals=2 - at,
                at=case.after(hours=at),
            )
        )
    return case


def third_story(told: Any, other: Any) -> Any:
    case = told(received=other.received, number="C26-0000003").register().open()
    case.say(intake.ComplaintMerged(complaint_id=case.case_id, into=other.case_id, at=case.after(hours=1)))
    return case.close(outcome="duplicate", hours=1)


def capa_story(case: Any) -> None:
    capa_id, action_id, at = new_id(), new_id(), case.after
    named = {"capa_id": capa_id, "number": "A26-1"}
    linked = named | {"case_ids": [case.case_id]}
    for said in (
        capa.CapaOpened(**linked, rca_id=new_id(), risk_class="major", at=at(hours=10)),
        capa.CapaApproved(**linked, actions=1, at=at(hours=11)),
        capa.CapaImplemented(**linked, window_ends_at=at(days=40), at=at(days=10)),
        capa.CapaEffectivenessConcluded(**named, verdict="insufficient_exposure", at=at(days=20)),
        capa.CapaEffectivenessConcluded(**named, verdict="not_effective", at=at(days=30)),
        capa.CapaReopened(**linked, at=at(days=31)),
        capa.CapaImplemented(**linked, window_ends_at=at(days=90), at=at(days=50)),
        capa.CapaEffectivenessConcluded(**named, verdict="effective", at=at(days=90)),
        capa.CapaClosed(**linked, outcome="effective", at=at(days=90)),
    ):
        case.say(said, subject=capa_id)
    due = {"due_original": at(days=5), "due_current": at(days=8)}
    action = {"action_id": action_id, "capa_id": capa_id}
    case.say(
        capa.ActionAssigned(
            **action, number="A26-1", type="corrective", owner="p", department="rd", due_at=at(days=5), at=at(hours=11)
        ),
        action_id,
    )
    case.say(capa.ActionExtended(**action, **due, at=at(days=4)), action_id)
    case.say(capa.ActionDone(**action, **due, type="corrective", by="p", at=at(days=7)), action_id)
    case.say(
        capa.CostPosted(
            cost_id=new_id(),
            date=at(days=3).date(),
            category="external_failure",
            sub_type="warranty",
            amount_minor=12000,
            currency="CNY",
            case_id=case.case_id,
            capa_id=None,
            estimated=False,
        ),
        subject="cost",
    )


async def facts_in(tx: Tx) -> dict[str, list[dict[str, Any]]]:
    return {
        table: [dict(row) for row in await tx.fetch(f"SELECT * FROM {table} ORDER BY {key}")]
        for table, key in TABLES.items()
    }


@pytest.fixture
def history(told: Any) -> list[Any]:
    first = long_story(told)
    second, third = second_story(told, first), third_story(told, first)
    capa_story(first)
    return [*first.events, *second.events, *third.events]


async def test_any_order_of_a_history_gives_the_same_facts(
    analytics_db: Database, history: list[Any], react: Any, shuffled: Any
) -> None:
    expected = await _fresh(analytics_db, react, history, 1)
    for seed in range(12):
        found = await _fresh(analytics_db, react, shuffled(history, seed), batch=1 + seed * 6)
        for table in TABLES:
            assert found[table] == expected[table], f"{table}, order {seed}"


async def _fresh(db: Database, react: Any, events: list[Any], batch: int) -> dict[str, list[dict[str, Any]]]:
    async with db.tx() as tx:
        for table in TABLES:
            await tx.execute(f"DELETE FROM {table}")
    await react(db, events, batch)
    async with db.read() as tx:
        return await facts_in(tx)


async def test_the_story_ends_where_it_should(analytics_db: Database, history: list[Any], react: Any) -> None:
    facts = await _fresh(analytics_db, react, history, 100)
    first, second, third = sorted(facts["facts"], key=lambda fact: str(fact["number"]))
    start = history[0].data.t_received
    assert first["state"] == "closed"
    assert first["t_closed_first"] == start + timedelta(hours=30)
    assert first["t_closed_final"] == start + timedelta(hours=70)
    assert (first["grade"], first["grade_first"], first["product_family"]) == ("important", "routine", "pots")
    assert first["due_original"] == start + timedelta(hours=80)
    assert first["working_seconds_first"] == 9000.0
    assert [(span.lower - start, span.upper - start) for span in first["touched"]] == [
        (timedelta(hours=61), timedelta(hours=64)),
        (timedelta(hours=71), timedelta(hours=72)),
    ]
    assert first["t_contacted"] == start + timedelta(hours=1)  # the merged report, before the customer came back
    assert (second["repeat_level"], second["open_proposals"], second["state"]) == ("R1", 0, "open")
    assert (third["state"], third["valid"]) == ("merged", False)


async def test_a_survey_is_one_row_however_often_it_was_told(
    analytics_db: Database, history: list[Any], react: Any
) -> None:
    facts = await _fresh(analytics_db, react, [*history, *reversed(history)], 10)
    assert sorted((s["closing"], s["process_rating"], s["result_rating"]) for s in facts["surveys"]) == [
        (1, 2, None),
        (2, 5, 4),
    ]
    assert len(facts["case_extensions"]) == 1
    assert len(facts["capa_windows"]) == 2


async def test_visits_end_where_the_case_left_them(analytics_db: Database, history: list[Any], react: Any) -> None:
    visits = (await _fresh(analytics_db, react, history, 100))["stage_visits"]
    start = history[0].data.t_received
    found = {
        (v["stage"], v["visit"]): (
            (v["t_enter"] - start).total_seconds() / 3600,
            v["t_exit"] and (v["t_exit"] - start).total_seconds() / 3600,
            v["outcome"],
        )
        for v in visits
        if str(v["complaint_id"]) == history[0].subject
    }
    assert found == {
        ("intake", 1): (0, 3, "done"),
        ("diagnosis", 1): (3, 6, "returned"),
        ("intake", 2): (6, 7, "done"),
        ("diagnosis", 2): (7, 9, "done"),
        ("root_cause", 1): (9, 9, "done"),
        ("effectiveness", 1): (9, 30, "done"),
        ("knowledge", 1): (30, 50, "returned"),
        ("diagnosis", 3): (50, 60, "done"),
        ("effectiveness", 2): (60, 70, "done"),
        ("knowledge", 2): (70, 72, "done"),
    }


async def test_an_older_sequence_never_overwrites_state(told: Any, analytics_db: Database, react: Any) -> None:
    case = told().register().open().enter("diagnosis", "intake", hours=1).close(hours=2)
    await react(analytics_db, list(reversed(case.events)))
    async with analytics_db.read() as tx:
        row = await tx.fetchrow("SELECT stage, state, t_closed_final FROM facts")
    assert row is not None
    assert (row["stage"], row["state"]) == ("diagnosis", "closed")


async def test_a_batch_of_a_hundred_registrations_is_one_statement(
    told: Any, analytics_db: Database, react: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[str] = []
    original = Tx.execute

    async def counting(self: Tx, sql: str, *values: Any) -> str:
        statements.append(sql)
        return await original(self, sql, *values)

    monkeypatch.setattr(Tx, "execute", counting)
    cases = [told(number=f"C26-{n:07}").register().open().acknowledge(minutes=1) for n in range(100)]
    for n, most in ((0, 1), (1, 4), (2, 1)):
        statements.clear()
        await react(analytics_db, [case.events[n] for case in cases])
        assert len(statements) <= most
