"""Drafts, simulation, accuracy and back-tests of the grading table over a database."""

import json
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from chassis.errors import Conflict, Forbidden, IllegalTransition, Invalid, NotFound, StaleVersion
from intake.app.grading import accuracy, back_tests, drafts, editor, publishing, simulate
from intake.app.grading.back_test_run import RunBackTests
from intake.app.regrade import regrade
from redress.intake.v1 import grading_pb2 as pb
from redress.intake.v1 import intake_pb2


@pytest.fixture
def quality(call_as: Any) -> Any:
    return call_as("quality", actor="q-1")


async def drafted(intake: Any, call: Any, **changes: Any) -> pb.GradingDraft:
    made = await intake.run(drafts.create_draft, call, pb.CreateGradingDraftRequest(title="Winter"))
    document = json.loads(made.document)
    document["parameters"] |= changes.pop("parameters", {})
    without = changes.pop("without", None)
    document["rows"] = [row for row in document["rows"] if row["id"] != without]
    for row_id, grade in changes.items():
        next(row for row in document["rows"] if row["id"] == row_id)["grade"] = grade
    request = pb.SaveGradingDraftRequest(
        draft_id=made.draft_id, if_version=1, document=json.dumps(document, ensure_ascii=False)
    )
    return await intake.run(drafts.save_draft, call, request)  # type: ignore[no-any-return]


async def test_a_draft_begins_as_a_copy_of_the_table_in_force(intake: Any, quality: Any) -> None:
    made = await intake.run(drafts.create_draft, quality, pb.CreateGradingDraftRequest(title=" Winter "))
    assert (made.title, made.based_on, made.version, made.publishable, made.behind) == ("Winter", 1, 1, True, False)
    assert json.loads(made.document)["rows"][0]["id"] == "1-injury"
    listed = await intake.run(drafts.list_drafts, quality, pb.ListGradingDraftsRequest(state="open"))
    assert [(d.draft_id, d.document) for d in listed.drafts] == [(made.draft_id, "")]


async def test_an_unfinished_draft_is_kept_with_its_faults_by_cell(intake: Any, quality: Any) -> None:
    made = await intake.run(drafts.create_draft, quality, pb.CreateGradingDraftRequest(title="x"))
    document = json.loads(made.document)
    document["rows"][3]["when"][0] = {"column": "same_lot", "operator": "at_least"}
    saved = await intake.run(
        drafts.save_draft,
        quality,
        pb.SaveGradingDraftRequest(draft_id=made.draft_id, if_version=1, document=json.dumps(document)),
    )
    assert not saved.publishable
    assert {(fault.row, fault.column) for fault in saved.faults} == {("2-lot", "same_lot")}
    with pytest.raises(StaleVersion):
        await intake.run(
            drafts.save_draft,
            quality,
            pb.SaveGradingDraftRequest(draft_id=made.draft_id, if_version=1, document=json.dumps(document)),
        )
    with pytest.raises(Invalid):
        await intake.run(back_tests.start, quality, pb.StartBackTestRequest(draft_id=made.draft_id))


BEYOND = [
    (lambda d: d["rows"][0]["when"][0].update(constant="y" * 101), "rows.1-injury.injury_or_fire.constant"),
    (lambda d: d["rows"][0]["when"][0].update(constant=[["yes"]]), "rows.1-injury.injury_or_fire.constant"),
    (lambda d: d["rows"][1]["when"].append({"column": "colour"}), "rows.1-legal.colour"),
    (lambda d: d["columns"][0].update(id="shape"), "columns[0].id"),
    (lambda d: d["rows"].extend(deepcopy(d["rows"][5]) | {"id": f"x{n}"} for n in range(500)), "rows.x487"),
]


async def test_a_draft_beyond_the_limits_is_refused_naming_the_cell(intake: Any, quality: Any) -> None:
    made = await intake.run(drafts.create_draft, quality, pb.CreateGradingDraftRequest(title="x"))
    for spoil, place in BEYOND:
        document = json.loads(made.document)
        spoil(document)
        text = json.dumps(document)
        with pytest.raises(Invalid) as refused:
            request = pb.SaveGradingDraftRequest(draft_id=made.draft_id, if_version=1, document=text)
            await intake.run(drafts.save_draft, quality, request)
        assert place in [fault.field for fault in refused.value.fields]
        verdict = await intake.run(editor.validate, quality, pb.ValidateGradingTableRequest(document=text))
        assert place in [fault.place for fault in verdict.faults]


async def test_a_draft_is_published_by_the_definitions_own_way(intake: Any, quality: Any, call_as: Any) -> None:
    draft = await drafted(intake, quality, **{"6-media": "urgent"})
    assert [fault.place for fault in draft.faults] == ["questions"]
    draft = await drafted(intake, quality, parameters={"same_lot_k": 4})
    compared = await intake.run(
        publishing.compare_draft, quality, pb.CompareGradingDraftRequest(draft_id=draft.draft_id)
    )
    assert [(d.path, d.before, d.after) for d in compared.differences] == [("parameters.same_lot_k", "3", "4")]
    request = pb.PublishGradingDraftRequest(draft_id=draft.draft_id, if_version=draft.version, reason="board of May")
    with pytest.raises(Forbidden):
        await intake.run(publishing.publish_draft, quality, request)
    admin = call_as("admin", actor="admin-1")
    done = await intake.run(publishing.publish_draft, admin, request)
    assert (done.state, done.published_version) == ("published", 2)
    versions = await intake.fetch("SELECT version FROM published_definitions WHERE kind = 'grading-table' ORDER BY 1")
    assert [row["version"] for row in versions] == [1, 2]
    with pytest.raises(IllegalTransition):
        request.if_version = done.version
        await intake.run(publishing.publish_draft, admin, request)


async def test_a_draft_that_has_not_seen_the_newest_table_is_not_published(
    intake: Any, quality: Any, call_as: Any
) -> None:
    admin = call_as("admin")
    one, other = [await drafted(intake, quality, parameters={"same_lot_k": k}) for k in (4, 5)]
    publish = pb.PublishGradingDraftRequest(draft_id=one.draft_id, if_version=2, reason="first")
    await intake.run(publishing.publish_draft, admin, publish)
    late = pb.PublishGradingDraftRequest(draft_id=other.draft_id, if_version=2, reason="second")
    with pytest.raises(Conflict) as refused:
        await intake.run(publishing.publish_draft, admin, late)
    assert refused.value.slug == "draft_behind"
    seen = pb.SaveGradingDraftRequest(draft_id=other.draft_id, if_version=2, document=other.document, based_on=2)
    assert not (await intake.run(drafts.save_draft, quality, seen)).behind
    late.if_version = 3
    assert (await intake.run(publishing.publish_draft, admin, late)).published_version == 3


async def test_a_simulation_says_why_the_rows_above_did_not_fire(
    intake: Any, given: Any, quality: Any, call_as: Any
) -> None:
    done = await intake.one(call_as("customer_service"), given(media="yes"))
    told = await intake.run(simulate.simulate, quality, pb.SimulateGradingRequest(complaint_id=done.number))
    assert (told.grade, told.row, told.recorded_grade) == ("important", "6-media", "important")
    rows = {row.row: row for row in told.rows}
    assert (rows["2-lot"].outcome, rows["6-media"].outcome, rows["7"].outcome) == ("not_met", "fired", "not_reached")
    (lot,) = rows["2-lot"].conditions
    assert (lot.wanted, lot.found, lot.holds) == ("3", "1", False)
    facts = json.dumps({"same_lot": 3, "media": "no"})
    changed = pb.SimulateGradingRequest(complaint_id=done.number, facts=facts)
    assert (await intake.run(simulate.simulate, quality, changed)).row == "2-lot"
    made_up = pb.SimulateGradingRequest(facts=json.dumps({"injury_or_fire": "no"}))
    assert (await intake.run(simulate.simulate, quality, made_up)).questions == ["safety", "scope", "urgency"]
    with pytest.raises(Invalid) as refused:
        await intake.run(
            simulate.simulate, quality, pb.SimulateGradingRequest(facts='{"media": "loud", "colour": 1, "quantity": 0}')
        )
    assert [f.field for f in refused.value.fields] == ["facts.media", "facts.colour", "facts.quantity"]
    with pytest.raises(NotFound):
        await intake.run(simulate.simulate, quality, pb.SimulateGradingRequest(complaint_id="C26-0009999"))


async def test_accuracy_is_told_per_row_and_person_with_what_stands_behind_it(
    intake: Any, given: Any, quality: Any, call_as: Any
) -> None:
    clerk = call_as("customer_service", actor="clerk")
    registered = [
        await intake.one(clerk, given(media="yes", product_family=f"P{n}", customer_name=f"N{n}")) for n in range(3)
    ]
    for done, code in zip(registered, ("wrong_then", "new_information"), strict=False):
        wrong = intake_pb2.RegradeRequest(
            complaint_id=done.complaint_id, if_version=1, grade="urgent", reason_code=code, reason="front page"
        )
        await intake.run(regrade, quality, wrong)
    figures = await intake.run(accuracy.get_accuracy, quality, pb.GetGradingAccuracyRequest())
    assert (figures.all.n, figures.all.wrong) == (5, 1)
    rows = {figure.key: figure for figure in figures.rows}
    assert (rows["1/6-media"].n, rows["1/6-media"].wrong, rows["1/6-media"].too_low) == (3, 1, 1)
    assert rows["1/6-media"].accuracy == pytest.approx(2 / 3)
    persons = {figure.key: figure for figure in figures.persons}
    assert {name: (f.n, f.wrong) for name, f in persons.items()} == {"clerk": (3, 1), "q-1": (2, 0)}
    behind = await intake.run(accuracy.list_wrong, quality, pb.ListWrongGradingsRequest(row="1/6-media"))
    assert [(w.number, w.grade, w.corrected_to, w.corrected_by) for w in behind.gradings] == [
        (registered[0].number, "important", "urgent", "q-1")
    ]
    nobody = await intake.run(accuracy.list_wrong, quality, pb.ListWrongGradingsRequest(person="q-1"))
    assert not nobody.gradings


async def back_tested(intake: Any, call: Any, draft: pb.GradingDraft) -> pb.BackTest:
    test = await intake.run(back_tests.start, call, pb.StartBackTestRequest(draft_id=draft.draft_id, months=1))
    assert test.state == "waiting"
    await RunBackTests(intake.db)()
    return await intake.run(back_tests.get_back_test, call, pb.GetBackTestRequest(back_test_id=test.back_test_id))  # type: ignore[no-any-return]


async def test_a_back_test_lists_each_complaint_that_would_move_and_the_load(
    intake: Any, given: Any, quality: Any, call_as: Any
) -> None:
    clerk = call_as("customer_service")
    press = await intake.one(clerk, given(media="yes"))
    await intake.one(clerk, given(product_family="Other", customer_name="Bo"))
    draft = await drafted(intake, quality, without="6-media")
    test = await back_tested(intake, quality, draft)
    assert (test.state, test.total, test.done, test.changed, test.relaxed) == ("done", 2, 2, 1, 1)
    asked = pb.ListBackTestChangesRequest(back_test_id=test.back_test_id)
    (change,) = (await intake.run(back_tests.list_changes, quality, asked)).changes
    assert (change.number, change.before, change.after) == (press.number, "important", "routine")
    assert (change.case_hours_before, change.case_hours_after, change.by_hand) == (40, 80, False)
    assert test.targets_source == "default"
    with pytest.raises(NotFound):
        await intake.run(back_tests.get_back_test, quality, pb.GetBackTestRequest(back_test_id="x"))


async def test_a_back_test_counts_a_lot_anew_where_the_threshold_asks_for_more(
    intake: Any, given: Any, quality: Any, call_as: Any
) -> None:
    clerk = call_as("customer_service")
    done = [
        await intake.one(clerk, given(lot="L1", customer_name=f"N{n}", customer_phone=f"+49 30 55{n}0000"))
        for n in range(7)
    ]
    assert [one.grade for one in done] == ["routine"] * 2 + ["urgent"] * 5
    test = await back_tested(intake, quality, await drafted(intake, quality, parameters={"same_lot_k": 6}))
    assert (test.changed, test.relaxed, list(test.recomputed)) == (3, 3, ["same_lot"])
    (move,) = test.moves
    assert (move.before, move.after, move.n, move.case_hours) == ("urgent", "routine", 3, 56.0)
    asked = pb.ListBackTestChangesRequest(back_test_id=test.back_test_id, after="routine")
    changes = (await intake.run(back_tests.list_changes, quality, asked)).changes
    assert [c.number for c in changes] == [one.number for one in reversed(done[2:5])]
    assert (changes[0].row_before, changes[0].row_after, changes[0].clock_after) == ("2-lot", "7", "working")
    load = {one.grade: (one.before, one.after) for one in test.load}
    assert load == {"urgent": (5, 2), "important": (0, 0), "routine": (2, 5)}


async def test_a_back_test_looks_for_repeats_anew_where_the_window_differs(
    intake: Any, given: Any, quality: Any, call_as: Any, now: Any
) -> None:
    clerk = call_as("customer_service")
    who = {"customer_phone": "+49 30 5550000"}
    await intake.one(clerk, given(t_received=now - timedelta(days=200), **who))
    again = await intake.one(clerk, given(t_received=now - timedelta(days=20), **who))
    assert again.grade == "important"
    test = await back_tested(intake, quality, await drafted(intake, quality, parameters={"repeat_window_days": 90}))
    assert (test.changed, list(test.recomputed)) == (1, ["same_lot", "repeat_r1"])
    assert [(row.row, row.before, row.after) for row in test.rows] == [("5-repeat", 1, 0), ("7", 1, 2)]


async def test_a_cancelled_back_test_is_not_run(intake: Any, quality: Any) -> None:
    draft = await drafted(intake, quality, parameters={"same_lot_k": 6})
    test = await intake.run(back_tests.start, quality, pb.StartBackTestRequest(draft_id=draft.draft_id))
    cancel = pb.CancelBackTestRequest(back_test_id=test.back_test_id)
    assert (await intake.run(back_tests.cancel, quality, cancel)).state == "cancelled"
    await RunBackTests(intake.db)()
    listed = await intake.run(back_tests.list_back_tests, quality, pb.ListBackTestsRequest(draft_id=draft.draft_id))
    assert [one.state for one in listed.back_tests] == ["cancelled"]
