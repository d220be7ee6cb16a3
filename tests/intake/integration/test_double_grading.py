"""A sample is drawn, graded a second time without the first grade in sight, and the agreement told."""

from typing import Any

import pytest

from chassis.errors import Forbidden, IllegalTransition, Invalid, NotFound, StaleVersion
from intake.app.grading import agreement, double_grading, samples
from intake.app.regrade import regrade
from redress.intake.v1 import grading_pb2 as pb
from redress.intake.v1 import intake_pb2

TELLING = ("grade", "row", "number", "complaint_id", "customer", "signature", "gradings")


@pytest.fixture
def quality(call_as: Any) -> Any:
    return call_as("quality", actor="judge")


@pytest.fixture
async def registered(intake: Any, given: Any, call_as: Any) -> list[Any]:
    """Two urgent, two important, four routine, each of another problem; by two clerks."""
    clerks = [call_as("customer_service", actor=name) for name in ("ann", "bob")]
    answers = [{"legal": "yes"}] * 2 + [{"media": "yes"}] * 2 + [{}] * 4
    return [
        await intake.one(clerks[n % 2], given(product_family=f"P{n}", customer_name=f"Customer {n}", **more))
        for n, more in enumerate(answers)
    ]


async def drawn(intake: Any, call: Any, **more: Any) -> pb.GradingSample:
    request = pb.DrawGradingSampleRequest(**({"title": "May", "size": 8, "seed": "s"} | more))
    return await intake.run(samples.draw, call, request)  # type: ignore[no-any-return]


async def items_of(intake: Any, call: Any) -> list[pb.GradingItem]:
    return list((await intake.run(double_grading.list_items, call, pb.ListGradingItemsRequest())).items)


async def graded(intake: Any, call: Any, item: pb.GradingItem, grade: str, **more: Any) -> pb.GradingItem:
    request = pb.GradeItemRequest(
        grading_item_id=item.grading_item_id, if_version=1, grade=grade, reason="as I read it", **more
    )
    return await intake.run(double_grading.grade_item, call, request)  # type: ignore[no-any-return]


async def test_a_sample_is_stratified_and_drawn_again_by_its_seed(
    intake: Any, quality: Any, registered: list[Any]
) -> None:
    first = await drawn(intake, quality, size=4)
    assert [(s.grade, s.population, s.drawn) for s in first.strata] == [
        ("urgent", 2, 1),
        ("important", 2, 1),
        ("routine", 4, 2),
    ]
    again = await drawn(intake, quality, size=4)
    chosen = [
        {
            row["complaint_id"]
            for row in await intake.fetch(
                "SELECT complaint_id FROM double_gradings WHERE grading_sample_id = $1", sample.grading_sample_id
            )
        }
        for sample in (first, again)
    ]
    assert chosen[0] == chosen[1]
    assert (await drawn(intake, quality, share=0.5, size=None)).size == 4


async def test_nobody_is_given_what_they_graded_first(
    intake: Any, quality: Any, registered: list[Any], call_as: Any
) -> None:
    sample = await drawn(intake, quality, graders=["ann", "bob"])
    rows = await intake.fetch("SELECT assigned_to, first_by FROM double_gradings")
    assert {(row["assigned_to"], row["first_by"]) for row in rows} == {("ann", "bob"), ("bob", "ann")}
    ann = call_as("customer_service", actor="ann")
    assert len(await items_of(intake, ann)) == 4
    assert await items_of(intake, call_as("customer_service", actor="carl")) == []
    only_ann = await drawn(intake, quality, graders=["ann"], seed="t")
    assert (sample.without_grader, only_ann.without_grader) == (0, 4)


async def test_the_second_grader_sees_nothing_that_tells_the_first_grade(
    intake: Any, quality: Any, registered: list[Any], call_as: Any
) -> None:
    await drawn(intake, quality)
    carl = call_as("engineer", actor="carl")
    item = (await items_of(intake, carl))[0]
    seen = await intake.run(
        double_grading.get_item, carl, pb.GetGradingItemRequest(grading_item_id=item.grading_item_id)
    )
    assert seen.description
    told = {field.name for field, _ in seen.ListFields()}
    assert not [name for name in told if any(word in name for word in TELLING)]
    text = str(seen)
    assert not any(
        word in text for word in ("Customer", "C26-", "1-legal", "6-media", *(r.complaint_id for r in registered))
    )
    ann = call_as("customer_service", actor="ann")
    row = (await intake.fetch("SELECT grading_item_id FROM double_gradings WHERE first_by = 'ann' LIMIT 1"))[0]
    with pytest.raises(NotFound):
        own = pb.GetGradingItemRequest(grading_item_id=str(row["grading_item_id"]))
        await intake.run(double_grading.get_item, ann, own)
    with pytest.raises(Forbidden):
        await intake.run(double_grading.list_items, call_as("channel"), pb.ListGradingItemsRequest())


async def test_answers_are_hidden_where_the_sample_says_so(
    intake: Any, quality: Any, registered: list[Any], call_as: Any
) -> None:
    carl = call_as("engineer", actor="carl")
    for hide in (True, False):
        await drawn(intake, quality, graders=["carl"], hide_answers=hide, seed=str(hide), size=1)
    found = []
    for item in await items_of(intake, carl):
        one = await intake.run(
            double_grading.get_item, carl, pb.GetGradingItemRequest(grading_item_id=item.grading_item_id)
        )
        found.append("legal" in one.answers)
    assert sorted(found) == [False, True]


async def test_agreement_is_told_per_sample_pair_and_question(
    intake: Any, quality: Any, registered: list[Any], call_as: Any
) -> None:
    sample = await drawn(intake, quality, graders=["carl"])
    carl = call_as("quality", actor="carl")
    wanted = pb.GetGradingAgreementRequest(grading_sample_id=sample.grading_sample_id)
    with pytest.raises(Forbidden) as blind:
        await intake.run(agreement.get_agreement, carl, wanted)
    assert blind.value.slug == "still_to_grade"
    firsts = {
        str(row["grading_item_id"]): row["first_grade"]
        for row in await intake.fetch("SELECT grading_item_id, first_grade FROM double_gradings")
    }
    for n, item in enumerate(await items_of(intake, carl)):
        second = firsts[item.grading_item_id] if n else "important"
        await graded(intake, carl, item, second, answers='{"legal": "no"}')
    told = await intake.run(agreement.get_agreement, carl, wanted)
    assert (told.n, told.open, told.left_out) == (8, 0, 0)
    agreed = sum(row.counts[i] for i, row in enumerate(told.matrix))
    assert told.observed == pytest.approx(agreed / 8)
    assert told.kappa.ci_low <= told.kappa.value <= told.kappa.ci_high
    assert {(p.first, p.second, p.n) for p in told.pairs} == {("ann", "carl", 4), ("bob", "carl", 4)}
    assert [(a.column, a.n, a.observed) for a in told.answers] == [("legal", 8, 0.75)]
    differing = pb.ListDoubleGradingsRequest(grading_sample_id=sample.grading_sample_id, differing=True)
    listed = (await intake.run(agreement.list_double_gradings, quality, differing)).gradings
    assert len(listed) == 8 - agreed
    assert all(one.number.startswith("C") and one.first_row.startswith("1/") for one in listed)
    everything = await intake.run(agreement.get_agreement, quality, pb.GetGradingAgreementRequest())
    assert everything.n == 0, "an open sample is told by itself only"
    close = pb.CloseGradingSampleRequest(grading_sample_id=sample.grading_sample_id, if_version=1)
    assert (await intake.run(samples.close, quality, close)).state == "closed"
    assert (await intake.run(agreement.get_agreement, quality, pb.GetGradingAgreementRequest())).n == 8


async def test_a_second_grade_is_given_once_and_while_the_sample_is_open(
    intake: Any, quality: Any, registered: list[Any], call_as: Any
) -> None:
    sample = await drawn(intake, quality, graders=["carl"])
    carl = call_as("engineer", actor="carl")
    one, other = (await items_of(intake, carl))[:2]
    with pytest.raises(Invalid):
        await graded(intake, carl, one, "mild")
    with pytest.raises(Invalid):
        await graded(intake, carl, one, "urgent", answers='{"colour": "red"}')
    done = await graded(intake, carl, one, "urgent")
    assert (done.state, done.second_grade, done.version) == ("graded", "urgent", 2)
    with pytest.raises(StaleVersion):
        await graded(intake, carl, one, "routine")
    close = pb.CloseGradingSampleRequest(grading_sample_id=sample.grading_sample_id, if_version=1)
    await intake.run(samples.close, quality, close)
    with pytest.raises(IllegalTransition):
        await graded(intake, carl, other, "urgent")


async def test_what_was_graded_anew_in_between_is_left_out(
    intake: Any, quality: Any, registered: list[Any], call_as: Any
) -> None:
    sample = await drawn(intake, quality, graders=["carl"])
    carl = call_as("engineer", actor="carl")
    for done in registered:
        anew = intake_pb2.RegradeRequest(
            complaint_id=done.complaint_id,
            if_version=1,
            grade="routine" if done.grade != "routine" else "urgent",
            reason_code="new_information",
            reason="the customer called",
        )
        await intake.run(regrade, quality, anew)
    await graded(intake, carl, (await items_of(intake, carl))[0], "urgent")
    wanted = pb.GetGradingAgreementRequest(grading_sample_id=sample.grading_sample_id)
    told = await intake.run(agreement.get_agreement, quality, wanted)
    assert (told.n, told.left_out, told.open) == (0, 1, 7)
    assert not told.kappa.HasField("value")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"size": 2_001}, "size"),
    ({"size": 0}, "size"),
    ({"share": 0.5}, "size"),
    ({"title": " "}, "title"),
    ({"allocation": "random"}, "allocation"),
    ({"graders": ["x" * 101]}, "graders"),
]


async def test_a_sample_that_cannot_be_drawn_names_its_fault(intake: Any, quality: Any) -> None:
    for wrong, field in WRONG:
        with pytest.raises(Invalid) as refused:
            await drawn(intake, quality, **wrong)
        assert [fault.field for fault in refused.value.fields] == [field]
