"""Complaints that read alike: found before and after registration, proposed, linked, merged, counted."""

from collections.abc import Callable
from typing import Any

import pytest

from chassis.call import Call
from chassis.errors import Conflict, Forbidden, Invalid, NotFound
from intake.app.grading_tables import Registrars
from intake.app.judge import judge_proposal
from intake.app.likeness import by_hand, reading
from intake.app.likeness.asking import Asking
from intake.app.likeness.backgrounds import Backgrounds
from intake.app.likeness.comparing import Comparing
from intake.app.queries import get_complaint, get_contacts
from intake.app.search.indexing import Indexer
from redress.intake.v1 import intake_pb2
from redress.intake.v1 import similarity_pb2 as pb

Given = Callable[..., Any]
CallAs = Callable[..., Call]

LEAK = "Oil drips from the shaft seal\nAfter two weeks oil drips from the seal of the pump onto the floor."
LEAK_AGAIN = "Shaft seal drips oil\nOil drips onto the floor from the seal of our pump, since two weeks."
OTHERS = (
    "Display stays dark\nAfter switching on nothing is shown at all.",
    "Fan is loud\nA grinding noise at full speed.",
    "Invoice is wrong\nThe amount does not fit the order.",
    "Delivery late\nThe parcel came nine days after the promised date.",
)


@pytest.fixture
def clerk(call_as: CallAs) -> Call:
    return call_as("customer_service")


async def indexed(intake: Any) -> None:
    """A minute later."""
    await Indexer(intake.db).batch()
    async with intake.db.tx() as tx:
        await tx.execute("UPDATE likeness_state SET compared_to = '1970-01-01Z'")
        await tx.execute("UPDATE complaints SET t_registered = t_registered - interval '1 minute'")


async def compared(intake: Any) -> int:
    await indexed(intake)
    return (await Comparing(intake.db, Registrars(), Backgrounds()).batch()).proposed


@pytest.fixture
async def known(intake: Any, given: Given, clerk: Call) -> Any:
    """Complaints without a signature; the first one is about a leak."""
    return [
        await intake.one(clerk, given(description=text, defect_code="other", customer_phone=f"+49 30 55555{n}"))
        for n, text in enumerate((LEAK, *OTHERS))
    ]


async def alike(intake: Any, call: Call, **asked: Any) -> list[pb.Alike]:
    reply = await intake.run(Asking(Backgrounds()).find_alike, call, pb.FindAlikeRequest(**asked))
    return list(reply.alike)


async def shown(intake: Any, call: Call, complaint_id: str) -> intake_pb2.Complaint:
    complaint: intake_pb2.Complaint = await intake.run(
        get_complaint, call, intake_pb2.GetComplaintRequest(complaint_id=complaint_id)
    )
    return complaint


async def test_a_clerk_sees_what_was_reported_before_and_why(intake: Any, known: Any, clerk: Call) -> None:
    await indexed(intake)
    found = await alike(intake, clerk, text=LEAK_AGAIN)
    assert found[0].complaint_id == known[0].complaint_id
    assert {"seal", "oil"} <= set(found[0].shared_words)
    assert found[0].excerpt.startswith("Oil drips")
    assert all(each.likeness < found[0].likeness for each in found[1:])


async def test_the_customers_own_complaints_are_shown_however_they_read(intake: Any, known: Any, clerk: Call) -> None:
    await indexed(intake)
    found = await alike(intake, clerk, text=LEAK_AGAIN, customer_phone="+49 30 555552")
    assert [each.complaint_id for each in found if each.same_customer] == [known[2].complaint_id]


async def test_only_complaints_of_the_product_family_are_shown(intake: Any, known: Any, clerk: Call) -> None:
    await indexed(intake)
    assert await alike(intake, clerk, text=LEAK_AGAIN, product_family="pump p7 ")
    assert not await alike(intake, clerk, text=LEAK_AGAIN, product_family="Washer W1")


async def test_a_text_is_needed_and_channels_may_not_ask(intake: Any, clerk: Call, call_as: CallAs) -> None:
    with pytest.raises(Invalid):
        await alike(intake, clerk, text="  ")
    with pytest.raises(Forbidden):
        await alike(intake, call_as("channel"), text="leak")


async def test_a_repeat_without_a_signature_is_proposed_by_its_text(
    intake: Any, known: Any, given: Given, clerk: Call
) -> None:
    new = await intake.one(clerk, given(description=LEAK_AGAIN, defect_code="other"))
    assert await compared(intake) == 1
    complaint = await shown(intake, clerk, new.complaint_id)
    (proposal,) = complaint.proposals
    assert (proposal.other_complaint_id, proposal.level, proposal.basis) == (known[0].complaint_id, "R2", "likeness")
    assert complaint.version == 2
    assert await compared(intake) == 0, "compared again it is not proposed twice"


async def test_the_same_customer_within_days_is_proposed_as_a_duplicate(
    intake: Any, known: Any, given: Given, clerk: Call
) -> None:
    again = given(description=LEAK_AGAIN, defect_code="other", customer_phone="+49 30 555550")
    new = await intake.one(clerk, again)
    await compared(intake)
    assert [p.level for p in (await shown(intake, clerk, new.complaint_id)).proposals] == ["duplicate"]


async def test_imports_of_the_past_and_other_families_get_no_proposals(
    intake: Any, known: Any, given: Given, clerk: Call
) -> None:
    await intake.one(clerk, given(description=LEAK_AGAIN, defect_code="other", product_family="Washer W1"))
    assert await compared(intake) == 0


async def test_a_link_by_hand_counts_like_a_verdict_and_can_be_taken_back(intake: Any, known: Any, clerk: Call) -> None:
    pair = {"complaint_id": known[2].complaint_id, "other_complaint_id": known[1].number}
    linked = await intake.run(
        by_hand.link_complaints, clerk, pb.LinkComplaintsRequest(**pair, level="R2", reason="same fan")
    )
    assert (linked.repeat_level, linked.proposals[0].basis, linked.proposals[0].verdict) == ("R2", "hand", "R2")
    with pytest.raises(Conflict):
        await intake.run(by_hand.link_complaints, clerk, pb.LinkComplaintsRequest(**pair, level="R2", reason="again"))
    apart = await intake.run(by_hand.unlink_complaints, clerk, pb.UnlinkComplaintsRequest(**pair, reason="no"))
    assert not apart.repeat_level
    with pytest.raises(NotFound):
        await intake.run(by_hand.unlink_complaints, clerk, pb.UnlinkComplaintsRequest(**pair, reason="no"))


async def test_a_complaint_is_no_repeat_of_itself_and_a_reason_is_needed(intake: Any, known: Any, clerk: Call) -> None:
    one, other = known[0].complaint_id, known[1].complaint_id
    for changes, field in (({"into": one, "reason": "same"}, "into"), ({"into": other}, "reason")):
        with pytest.raises(Invalid) as refused:
            await intake.run(by_hand.merge_complaint, clerk, pb.MergeComplaintRequest(complaint_id=one, **changes))
        assert [error.field for error in refused.value.fields] == [field]


async def test_a_merge_by_hand_keeps_every_reporter(intake: Any, known: Any, clerk: Call, call_as: CallAs) -> None:
    into, *others = (each.complaint_id for each in known[:3])
    for each in others:
        merge = pb.MergeComplaintRequest(complaint_id=each, into=into, reason="the same leak")
        assert (await intake.run(by_hand.merge_complaint, clerk, merge)).state == "merged"
    reply = await intake.run(reading.list_merged, clerk, pb.ListMergedRequest(complaint_id=into))
    assert [(m.complaint_id, m.reason, m.merged_by) for m in reply.merged] == [
        (each, "the same leak", clerk.actor) for each in others
    ]
    request = intake_pb2.GetContactsRequest(complaint_ids=[into])
    contacts = await intake.run(get_contacts, call_as("service"), request)
    assert {contact.complaint_id for contact in contacts.contacts} == {into, *others}


async def test_agreement_with_proposals_is_counted_by_what_they_rest_on(
    intake: Any, known: Any, given: Given, clerk: Call
) -> None:
    for verdict in ("R2", "none"):
        new = await intake.one(clerk, given(description=LEAK_AGAIN, defect_code="other"))
        await compared(intake)
        proposal = (await shown(intake, clerk, new.complaint_id)).proposals[0]
        judge = intake_pb2.JudgeProposalRequest(proposal_id=proposal.proposal_id, verdict=verdict, reason="looked")
        await intake.run(judge_proposal, clerk, judge)
    reply = await intake.run(reading.get_proposal_figures, clerk, pb.GetProposalFiguresRequest())
    (figure,) = (each for each in reply.figures if each.basis == "likeness")
    assert (figure.judged, figure.accepted, figure.as_proposed, figure.precision) == (2, 1, 1, 0.5)
    assert figure.ci_low < 0.5 < figure.ci_high
