"""Corrections, grades by hand, verdicts and contacts, against a real PostgreSQL."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from chassis.call import Call
from chassis.errors import Conflict, IllegalTransition, Invalid, StaleVersion
from intake.app import queries
from intake.app.contact import record_contact
from intake.app.judge import judge_proposal
from intake.app.regrade import regrade
from redress.intake.v1 import intake_pb2 as pb

Given = Callable[..., Any]
CallAs = Callable[..., Call]


async def events(intake: Any, kind: str) -> list[dict[str, Any]]:
    rows = await intake.fetch("SELECT subject, sequence, body FROM outbox WHERE type LIKE $1 ORDER BY seq", f"%{kind}%")
    return [{"subject": r["subject"], "sequence": r["sequence"]} | msgspec.json.decode(r["body"])["data"] for r in rows]


async def test_answering_the_safety_question_regrades_and_removes_it(
    intake: Any, given: Given, call_as: CallAs
) -> None:
    call = call_as("customer_service")
    done = await intake.one(call, given(injury_or_fire="unknown"))
    request = pb.UpdateComplaintRequest(complaint_id=done.number, if_version=1, injury_or_fire="no")
    after = await intake.run(intake.update, call, request)
    assert (after.grade, list(after.questions), after.version) == ("routine", [], 3)
    assert [(g.grade, g.row, g.reason_code) for g in after.gradings] == [
        ("important", "unknown", "first"),
        ("routine", "7", "safety_answered"),
    ]
    assert json.loads(after.gradings[-1].inputs)["injury_or_fire"] == "no"
    (updated,), (regraded,) = await events(intake, "updated"), await events(intake, "regraded")
    assert (updated["sequence"], updated["changed"], updated["questions"]) == (2, ["injury_or_fire"], [])
    assert (regraded["sequence"], regraded["old_grade"], regraded["grade"], regraded["reason_code"]) == (
        3,
        "important",
        "routine",
        "safety_answered",
    )


async def test_a_fact_that_touches_no_grade_changes_no_grade(intake: Any, given: Given, call_as: CallAs) -> None:
    call = call_as("engineer")
    done = await intake.one(call, given())
    request = pb.UpdateComplaintRequest(complaint_id=done.complaint_id, if_version=1, serial="S-1", quantity=4)
    after = await intake.run(intake.update, call, request)
    assert (after.serial, after.quantity, after.version, len(after.gradings)) == ("S-1", 4, 2, 1)
    assert not await events(intake, "regraded")


async def test_new_information_may_raise_the_grade(intake: Any, given: Given, call_as: CallAs) -> None:
    call = call_as("customer_service")
    done = await intake.one(call, given())
    request = pb.UpdateComplaintRequest(complaint_id=done.complaint_id, if_version=1, legal="yes")
    after = await intake.run(intake.update, call, request)
    assert (after.grade, after.gradings[-1].reason_code) == ("urgent", "new_information")


async def test_an_update_on_a_stale_version_changes_nothing(intake: Any, given: Given, call_as: CallAs) -> None:
    call = call_as("customer_service")
    done = await intake.one(call, given())
    with pytest.raises(StaleVersion):
        await intake.run(
            intake.update, call, pb.UpdateComplaintRequest(complaint_id=done.complaint_id, if_version=7, serial="S")
        )
    with pytest.raises(Invalid) as refused:
        await intake.run(
            intake.update,
            call,
            pb.UpdateComplaintRequest(complaint_id=done.complaint_id, if_version=1, customer_email="nobody"),
        )
    assert refused.value.fields[0].field == "customer_email"
    assert await intake.count("outbox") == 1


async def test_the_trail_of_an_address_shows_no_address(intake: Any, given: Given, call_as: CallAs) -> None:
    call = call_as("customer_service")
    done = await intake.one(call, given(customer_email="old@firm.example"))
    request = pb.UpdateComplaintRequest(
        complaint_id=done.complaint_id, if_version=1, customer_email="new@firm.example", customer_phone="13800138000"
    )
    after = await intake.run(intake.update, call, request)
    assert (after.customer_email, after.customer_phone) == ("new@firm.example", "13800138000")
    text = str([tuple(row) for row in await intake.fetch("SELECT changes, reason FROM audit")])
    assert "customer_email" in text
    assert "firm" not in text
    assert "138001" not in text
    assert "firm" not in str(await intake.fetch("SELECT body FROM outbox"))


async def test_a_corrected_code_is_matched_and_counted_anew(intake: Any, given: Given, call_as: CallAs) -> None:
    call = call_as("customer_service")
    await intake.one(call, given(defect_code="noise", customer_ref="K1"))
    done = await intake.one(call, given(defect_code="other", customer_ref="K2"))
    assert done.proposals == 0
    request = pb.UpdateComplaintRequest(complaint_id=done.complaint_id, if_version=1, defect_code="noise")
    after = await intake.run(intake.update, call, request)
    assert [p.level for p in after.proposals] == ["R2"]
    assert after.signature == "pump p7|noise|"
    assert [tuple(r) for r in await intake.fetch("SELECT cell, n FROM cell_days")] == [("pump p7|noise", 2)]
    back = pb.UpdateComplaintRequest(complaint_id=done.complaint_id, if_version=after.version, defect_code="leak")
    assert not (await intake.run(intake.update, call, back)).proposals


async def test_a_grade_by_hand_keeps_the_old_one_and_the_table_does_not_undo_it(
    intake: Any, given: Given, call_as: CallAs
) -> None:
    call = call_as("quality")
    done = await intake.one(call, given())
    request = pb.RegradeRequest(
        complaint_id=done.complaint_id, if_version=1, grade="important", reason_code="wrong_then", reason="misread"
    )
    after = await intake.run(regrade, call, request)
    assert [(g.grade, g.source, g.reason) for g in after.gradings] == [
        ("routine", "table", ""),
        ("important", "override", "misread"),
    ]
    (event,) = await events(intake, "regraded")
    assert (event["sequence"], event["reason_code"]) == (2, "wrong_then")
    media = pb.UpdateComplaintRequest(complaint_id=done.complaint_id, if_version=2, key_account="unknown")
    assert (await intake.run(intake.update, call, media)).grade == "important"
    raised = pb.UpdateComplaintRequest(complaint_id=done.complaint_id, if_version=3, legal="yes")
    assert (await intake.run(intake.update, call, raised)).grade == "urgent"


async def test_a_grade_by_hand_needs_a_reason_and_its_code(intake: Any, given: Given, call_as: CallAs) -> None:
    call = call_as("quality")
    done = await intake.one(call, given())
    usual = {"if_version": 1, "grade": "urgent", "reason_code": "wrong_then", "reason": "because"}
    for change, error in (
        ({"grade": "mild"}, Invalid),
        ({"grade": "routine"}, Conflict),
        ({"reason": " "}, Invalid),
        ({"reason_code": "mood"}, Invalid),
        ({"if_version": 9}, StaleVersion),
    ):
        with pytest.raises(error):
            await intake.run(regrade, call, pb.RegradeRequest(complaint_id=done.complaint_id, **(usual | change)))
    assert await intake.count("gradings") == 1


async def _pair(intake: Any, given: Given, call: Call, **second: Any) -> tuple[Any, Any, pb.Complaint]:
    first = await intake.one(call, given(customer_ref="K1", customer_email="one@firm.example"))
    usual: dict[str, Any] = {"customer_ref": "K1", "customer_email": "two@firm.example"}
    new = await intake.one(call, given(**(usual | second)))
    whole = await intake.run(queries.get_complaint, call, pb.GetComplaintRequest(complaint_id=new.complaint_id))
    return first, new, whole


async def test_a_duplicate_is_merged_and_every_reporter_is_kept(intake: Any, given: Given, call_as: CallAs) -> None:
    call = call_as("customer_service")
    first, new, whole = await _pair(intake, given, call)
    assert [p.level for p in whole.proposals] == ["duplicate"]
    request = pb.JudgeProposalRequest(proposal_id=whole.proposals[0].proposal_id, verdict="duplicate", reason="same")
    after = await intake.run(judge_proposal, call, request)
    assert (after.state, after.merged_into, after.version) == ("merged", first.complaint_id, 2)
    assert (after.proposals[0].verdict, after.proposals[0].reason, after.proposals[0].judged_by) == (
        "duplicate",
        "same",
        call.actor,
    )
    (event,) = await events(intake, "merged")
    assert (event["subject"], event["sequence"], event["into"]) == (new.complaint_id, 2, first.complaint_id)
    contacts = await intake.run(
        queries.get_contacts, call_as("service"), pb.GetContactsRequest(complaint_ids=[first.complaint_id])
    )
    assert {c.customer_email for c in contacts.contacts} == {"one@firm.example", "two@firm.example"}
    stands = await intake.run(queries.get_complaint, call, pb.GetComplaintRequest(complaint_id=first.number))
    assert [contact.note for contact in stands.contacts] == [f"reported again as {new.number}"]
    assert [row["n"] for row in await intake.fetch("SELECT n FROM cell_days")] == [1]
    with pytest.raises(IllegalTransition):
        await intake.run(judge_proposal, call, request)


async def test_a_confirmed_repeat_is_linked_and_may_be_corrected(intake: Any, given: Given, call_as: CallAs) -> None:
    call = call_as("quality")
    earlier = datetime.now(UTC) - timedelta(days=30)
    await intake.one(call, given(customer_ref="K1", t_received=earlier))
    new = await intake.one(call, given(customer_ref="K1"))
    (proposal,) = await intake.fetch("SELECT proposal_id FROM proposals")
    request = pb.JudgeProposalRequest(proposal_id=str(proposal["proposal_id"]), verdict="R1", reason="same seal")
    after = await intake.run(judge_proposal, call, request)
    assert (after.repeat_level, after.version, after.grade) == ("R1", 2, "important")
    request.verdict = "none"
    assert not (await intake.run(judge_proposal, call, request)).HasField("repeat_level")
    linked = await events(intake, "linked")
    assert [(e["sequence"], e["level"], e["repeat_level"], e["open_proposals"]) for e in linked] == [
        (2, "R1", "R1", 0),
        (3, "none", None, 0),
    ]
    assert {e["subject"] for e in linked} == {new.complaint_id}
    with pytest.raises(Conflict):
        await intake.run(judge_proposal, call, request)


async def test_a_contact_is_an_event_of_its_own_and_leaves_the_complaint_as_it_is(
    intake: Any, given: Given, call_as: CallAs
) -> None:
    call = call_as("customer_service")
    done = await intake.one(call, given())
    request = pb.RecordContactRequest(complaint_id=done.number, channel="phone", note="asks how it goes")
    contact = await intake.run(record_contact, call, request)
    (event,) = await events(intake, "contact.received")
    assert (event["subject"], event["sequence"], event["complaint_id"]) == (contact.contact_id, 1, done.complaint_id)
    assert "note" not in event
    whole = await intake.run(queries.get_complaint, call, pb.GetComplaintRequest(complaint_id=done.number))
    assert (whole.version, [c.note for c in whole.contacts]) == (1, ["asks how it goes"])
    with pytest.raises(Invalid):
        await intake.run(record_contact, call, pb.RecordContactRequest(complaint_id=done.number, channel="smoke"))
