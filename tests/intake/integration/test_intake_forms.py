"""Forms over a real database: from a draft to complaints that came as answers, and back to the answers."""

import json
from dataclasses import replace
from typing import Any

import pytest

from chassis.call import Call
from chassis.errors import Conflict, Invalid, NotFound, RedressError, StaleVersion
from intake.app.forms import amending, drafts, publishing, views
from intake.app.forms.registering import FormGiven
from intake.app.group import Item
from intake.app.queries import get_complaint
from intake.domain.complaint import Submission
from redress.intake.v1 import forms_pb2 as pb
from redress.intake.v1 import intake_pb2

ADMIN = Call("admin-1", roles=frozenset({"admin"}))
AGENT = Call("agent-1", roles=frozenset({"customer_service"}))
QUALITY = Call("quality-1", roles=frozenset({"quality"}))
PUBLIC = Call("form:general", roles=frozenset({"channel", "public"}))
SHORT = {
    "customer_name": "王芳",
    "phone": "13800000000",
    "product": "A6",
    "description": "高速行驶时仪表黑屏，重启后恢复",
    "injury_or_fire": "no",
}
LABEL = {"zh": "标签", "en": "Label"}
DEVICE = {
    "product": {"family": "Pump P7"},
    "udi": "00812345678901",
    "device_returned": "with_user",
    "customer": {"name": "Ann Miller"},
    "address": {"city": "Basel", "street": "Secret Lane 7"},
    "phone": "+41 61 555 01 00",
    "t_received": "2026-11-20T08:00:00+00:00",
    "description": "The pump stopped during an infusion.",
    "injury_or_fire": "yes",
    "harm": "none",
    "used_for": "treatment",
}


def blank() -> Submission:
    return Submission(channel="web", description="", product_family="")


async def register(intake: Any, call: Call, form: str, data: dict[str, Any], version: int = 0) -> Any:
    item = Item(call, blank(), form=FormGiven(form, version, json.dumps(data)))
    return (await intake.register([item]))[0]


async def published(intake: Any, name: str, document: dict[str, Any]) -> pb.Form:
    saved = await intake.run(
        drafts.save_draft, AGENT, pb.SaveFormDraftRequest(name=name, document=json.dumps(document))
    )
    assert not saved.faults, saved.faults
    done = pb.PublishFormRequest(name=name, if_version=saved.version)
    return await intake.run(publishing.publish, ADMIN, done)  # type: ignore[no-any-return]


def with_more(*fields: dict[str, Any]) -> dict[str, Any]:
    form = json.loads(views.json_of(views.palette()))["new_form"]
    return form | {"fields": [*form["fields"], *({"label": LABEL} | field for field in fields)]}


async def complaint_of(intake: Any, complaint_id: str) -> intake_pb2.Complaint:
    return await intake.run(get_complaint, AGENT, intake_pb2.GetComplaintRequest(complaint_id=complaint_id))  # type: ignore[no-any-return]


async def test_answers_become_a_complaint_that_shows_how_complete_it_is(intake: Any) -> None:
    registered = await register(intake, AGENT, "small_firm", SHORT)
    complaint = await complaint_of(intake, registered.complaint_id)
    assert (complaint.customer_name, complaint.product_family, complaint.injury_or_fire) == ("王芳", "A6", "no")
    assert (complaint.form, complaint.form_version, complaint.completeness) == ("small_firm", 1, 100)


async def test_placeholders_in_required_fields_do_not_make_a_record_complete(intake: Any) -> None:
    registered = await register(intake, AGENT, "medical", DEVICE | {"udi": "n/a", "used_for": "unknown"})
    complaint = await complaint_of(intake, registered.complaint_id)
    missing = {one.field: (one.why, one.required) for one in complaint.missing_answers}
    assert missing["udi"] == ("placeholder", True)
    assert complaint.completeness < 100
    full = await complaint_of(intake, (await register(intake, AGENT, "medical", DEVICE)).complaint_id)
    assert full.completeness > complaint.completeness


async def test_a_complaint_without_a_form_is_measured_by_the_general_one(intake: Any, given: Any) -> None:
    registered = await intake.one(AGENT, given())
    complaint = await complaint_of(intake, registered.complaint_id)
    assert not complaint.HasField("form")
    assert 0 < complaint.completeness < 100
    assert "remedy_wanted" in {one.field for one in complaint.missing_answers}


async def test_wrong_answers_are_named_by_the_fields_of_the_form(intake: Any) -> None:
    for change, field, text in (
        ({"phone": "abc"}, "form_data.phone", "is not a telephone number"),
        ({"description": None}, "form_data.description", "is required"),
        ({"customer_name": "n/a"}, "form_data.customer_name", "is a placeholder, not an answer"),
        ({"injury_or_fire": "maybe"}, "form_data.injury_or_fire", "must be one of yes, no, unknown"),
        ({"grade": "urgent"}, "form_data.grade", "is no field of this form"),
    ):
        refused = await register(intake, AGENT, "small_firm", SHORT | change)
        assert isinstance(refused, Invalid)
        assert (field, text) in {(fault.field, fault.message) for fault in refused.fields}
    assert await intake.count("complaints") == 0


async def test_the_public_cannot_answer_what_is_asked_of_colleagues(intake: Any) -> None:
    refused = await register(intake, PUBLIC, "general", {"immediate_action_needed": "yes"})
    assert isinstance(refused, RedressError)
    assert ("form_data.immediate_action_needed", "is not asked here") in {(f.field, f.message) for f in refused.fields}


async def test_one_item_with_a_form_leaves_the_others_of_its_group_alone(intake: Any, given: Any) -> None:
    wrong = Item(AGENT, blank(), form=FormGiven("no_such_form", 0, "{}"))
    right = Item(AGENT, blank(), form=FormGiven("small_firm", 1, json.dumps(SHORT)))
    outcomes = await intake.register([wrong, Item(AGENT, given()), right])
    assert [isinstance(outcome, RedressError) for outcome in outcomes] == [True, False, False]


async def test_what_names_somebody_is_not_in_plain_in_the_answers(intake: Any) -> None:
    await register(intake, AGENT, "medical", DEVICE)
    kept = (await intake.fetch("SELECT data::text AS data, sealed FROM complaint_forms"))[0]
    assert "Secret Lane" not in kept["data"]
    assert b"Secret Lane" not in kept["sealed"]
    assert "with_user" in kept["data"]


async def test_a_record_is_read_with_the_version_it_was_filled_in_with(intake: Any) -> None:
    first = with_more({"key": "colour", "type": "choice", "options": [{"value": "red", "label": LABEL}]})
    await published(intake, "ours", first)
    answers = {"customer": {"name": "Ann"}, "product": {"family": "P7"}, "description": "It leaks", "colour": "red"}
    old = await register(intake, AGENT, "ours", answers)
    await published(intake, "ours", with_more({"key": "size", "type": "number", "required": True}))
    shown = await intake.run(
        amending.get_complaint_form, AGENT, pb.GetComplaintFormRequest(complaint_id=old.complaint_id)
    )
    assert (shown.form_version, json.loads(shown.form_data)) == (1, answers)
    assert "colour" in json.loads(shown.json_schema)["properties"]
    assert isinstance(await register(intake, AGENT, "ours", answers), Invalid)
    assert not isinstance(await register(intake, AGENT, "ours", answers, version=1), RedressError)


async def test_a_retired_form_is_refused_and_its_records_are_still_read(intake: Any) -> None:
    old = await register(intake, AGENT, "small_firm", SHORT)
    await intake.run(publishing.retire, ADMIN, pb.RetireFormRequest(name="small_firm", reason="replaced by ours"))
    refused = await register(intake, AGENT, "small_firm", SHORT)
    assert isinstance(refused, Conflict)
    assert (refused.slug, "replaced by ours" in refused.detail) == ("form_retired", True)
    assert (await complaint_of(intake, old.complaint_id)).completeness == 100
    with pytest.raises(Conflict):
        await intake.run(
            views.get_public_form, Call("g", roles=frozenset({"service"})), pb.GetPublicFormRequest(name="small_firm")
        )


async def test_a_draft_keeps_faults_and_is_not_published_with_them(intake: Any) -> None:
    request = pb.SaveFormDraftRequest(name="ours", document=json.dumps(with_more({"key": "x", "type": "hologram"})))
    saved = await intake.run(drafts.save_draft, AGENT, request)
    assert [fault.field for fault in saved.faults] == ["fields[3].type"]
    with pytest.raises(Invalid):
        await intake.run(publishing.publish, ADMIN, pb.PublishFormRequest(name="ours", if_version=1))
    with pytest.raises(StaleVersion):
        await intake.run(drafts.save_draft, AGENT, request)
    with pytest.raises(NotFound):
        await intake.run(views.get_form, AGENT, pb.GetFormRequest(name="ours"))


async def test_a_simulation_tells_which_records_would_fail_and_how_complete_they_would_be(intake: Any) -> None:
    for description in ("仪表黑屏", "收音机没有声音"):
        await register(intake, AGENT, "small_firm", SHORT | {"description": description})
    document = json.loads((await intake.run(views.get_form, AGENT, pb.GetFormRequest(name="small_firm"))).document)
    document["fields"][3]["min_length"] = 6
    document["fields"].append({"key": "since", "type": "date", "label": LABEL, "weight": 3})
    del document["layout"]
    await intake.run(
        drafts.save_draft, AGENT, pb.SaveFormDraftRequest(name="small_firm", document=json.dumps(document))
    )
    request = pb.SimulateFormRequest(name="small_firm", samples=json.dumps({"empty": {}, "short": SHORT}))
    found = await intake.run(drafts.simulate, AGENT, request)
    assert (found.records, found.would_fail) == (2, 1)
    assert [(one.field, one.records) for one in found.failing] == [("form_data.description", 1)]
    assert (found.completeness_before, found.completeness_after) == (100, 83)
    assert [(one.name, one.accepted) for one in found.samples] == [("empty", False), ("short", True)]
    assert await intake.count("complaints") == 2


async def test_answers_of_a_later_stage_are_added_and_raise_the_score(intake: Any) -> None:
    registered = await register(intake, AGENT, "medical", DEVICE)
    later = {"is_complaint": "yes", "failed_specifications": "no", "relation": "none", "reportable": "no"}
    request = pb.AmendComplaintFormRequest(
        complaint_id=registered.complaint_id, if_version=1, form_data=json.dumps(later), stage="diagnosis", reason="D"
    )
    amended = await intake.run(amending.amend, QUALITY, request)
    assert json.loads(amended.form_data)["relation"] == "none"
    assert json.loads(amended.form_data)["address"]["street"] == "Secret Lane 7"
    assert (amended.version, amended.stage) == (2, "diagnosis")
    assert "reportable_why" in {one.field for one in amended.missing_answers}
    with pytest.raises(StaleVersion):
        await intake.run(amending.amend, QUALITY, request)
    for wrong in ({"relation": "perhaps"}, {"description": "new"}, {"nothing": 1}):
        bad = pb.AmendComplaintFormRequest(
            complaint_id=registered.complaint_id, if_version=2, form_data=json.dumps(wrong), stage="diagnosis"
        )
        with pytest.raises(Invalid):
            await intake.run(amending.amend, QUALITY, bad)


async def test_a_correction_of_the_complaint_moves_its_score(intake: Any) -> None:
    registered = await register(intake, AGENT, "automotive", await _example(intake, "automotive", drop=("lot",)))
    before = (await intake.fetch("SELECT completeness FROM complaint_forms"))[0]["completeness"]
    request = intake_pb2.UpdateComplaintRequest(complaint_id=registered.complaint_id, if_version=1, lot="L2026-7")
    complaint = await intake.run(intake.update, AGENT, request)
    after = (await intake.fetch("SELECT completeness FROM complaint_forms"))[0]["completeness"]
    assert (after, after > before) == (complaint.completeness, True)


async def _example(intake: Any, name: str, drop: tuple[str, ...]) -> dict[str, Any]:
    form = await intake.run(views.get_form, AGENT, pb.GetFormRequest(name=name))
    return {key: value for key, value in json.loads(form.example).items() if key not in drop}


async def test_the_public_sees_only_what_it_is_asked(intake: Any) -> None:
    gateway = Call("service:gateway", roles=frozenset({"service"}))
    form = await intake.run(views.get_public_form, gateway, pb.GetPublicFormRequest(name="general"))
    keys = {field["key"] for field in json.loads(form.document)["fields"]}
    assert "consent" in keys
    assert not keys & {"immediate_action_needed", "t_received", "medium"}
    assert "recurrent_when" not in form.asked
    again = pb.GetPublicFormRequest(name="general", form_data=json.dumps({"recurrent": "yes"}))
    assert "recurrent_when" in (await intake.run(views.get_public_form, gateway, again)).asked
    with pytest.raises(NotFound):
        await intake.run(views.get_public_form, gateway, pb.GetPublicFormRequest(name="automotive"))


async def test_the_same_key_registers_answers_once(intake: Any) -> None:
    call = replace(PUBLIC, idempotency_key="form-1")
    item = Item(call, blank(), b"x", FormGiven("small_firm", 1, json.dumps(SHORT)))
    first, second = (await intake.register([item]))[0], (await intake.register([item]))[0]
    assert (first.number, await intake.count("complaints")) == (second.number, 1)
