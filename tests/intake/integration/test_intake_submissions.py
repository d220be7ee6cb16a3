"""What becomes of submissions: threads, several complaints of one, merging, counts, sealing."""

from collections.abc import Callable
from typing import Any

import pytest

from chassis.call import Call
from chassis.errors import Conflict, IllegalTransition, Invalid
from chassis.ids import new_id
from chassis.letter_ids import LetterIds, letter_id
from chassis.published_keys import PublishedKeys
from chassis.tokens import Signer, generate_key
from intake.app.submissions import decide, look
from intake.app.submissions.count import count_submissions
from intake.app.submissions.receive_mail import ReceiveMail
from intake.domain.mail.verdict import Own
from redress.intake.v1 import intake_pb2 as pb

CallAs = Callable[..., Call]
DESK = "no-reply@acme.example"
LETTER = (
    "Message-ID: <1@home.example>\r\nFrom: Ann <ann@home.example>\r\nSubject: Battery\r\n\r\n"
    "It gets hot and bulges.\r\n"
)
ANSWER = (
    "Message-ID: <2@home.example>\r\nFrom: Ann <ann@work.example>\r\nSubject: anything\r\n{more}\r\n\r\n"
    "It is hot again.\r\n\r\nOn 3 May 2026 Acme wrote:\r\n> Dear Ann\r\n"
)


@pytest.fixture
def notify() -> Signer:
    return Signer("notify", str(generate_key()).replace("'", '"'))


@pytest.fixture
def take(intake: Any, rules: Any, notify: Signer, call_as: CallAs) -> Any:
    async def published(_url: str) -> dict[str, Any]:
        return notify.jwks()

    letters = LetterIds(PublishedKeys({"notify": "http://notify"}, published), "notify")
    receive = ReceiveMail(intake.db, rules, Own.of(DESK), letters, most_per_hour=3)

    async def taken(text: str) -> Any:
        return await receive.of(call_as("channel"), text.encode(), None)

    return taken


async def test_an_answer_to_a_letter_of_ours_becomes_a_contact_with_what_was_written_anew(
    intake: Any, take: Any, notify: Signer, call_as: CallAs
) -> None:
    first = await take(LETTER)
    ours = letter_id(notify, new_id(), first.complaint_id, "acme.example")
    answer = await take(ANSWER.format(more=f"In-Reply-To: {ours}"))
    assert (answer.state, answer.attached, answer.complaint_id) == ("registered", True, first.complaint_id)
    found = await intake.run(
        look.get_submission, call_as("engineer"), pb.GetSubmissionRequest(submission_id=answer.submission_id)
    )
    assert (found.new_text, [each.kind for each in found.complaints]) == ("It is hot again.", ["attached"])
    assert await intake.count("contacts") == await intake.count("complaints") == 1
    types = [row["type"] for row in await intake.fetch("SELECT type FROM outbox ORDER BY created_at, type")]
    assert sum(kind.endswith("contact.received.v1") for kind in types) == 1


async def test_an_id_that_we_did_not_sign_proves_nothing(take: Any, notify: Signer) -> None:
    first = await take(LETTER)
    stranger = Signer("notify", str(generate_key()).replace("'", '"'))
    forged = letter_id(stranger, new_id(), first.complaint_id, "acme.example")
    sound = letter_id(notify, new_id(), first.complaint_id, "acme.example")
    moved = new_id() + sound[37:]
    for n, named in enumerate((forged, f"<{moved}", f"<{new_id()}@acme.example>")):
        kept = await take(ANSWER.format(more=f"In-Reply-To: {named}").replace("<2@", f"<x{n}@"))
        assert (kept.state, kept.reason) == ("parked", "reply")


async def test_a_mail_that_names_an_earlier_mail_belongs_to_its_complaint(take: Any) -> None:
    first = await take(LETTER)
    second = await take(ANSWER.format(more="References: <0@other.example> <1@home.example>"))
    third = await take(
        ANSWER.format(more="In-Reply-To: <2@home.example>").replace("<2@home.example>\r\nFrom", "<3@h>\r\nFrom")
    )
    assert {second.complaint_id, third.complaint_id} == {first.complaint_id}
    assert (second.attached, third.attached) == (True, True)


async def test_a_subject_alone_never_joins_a_complaint(intake: Any, take: Any) -> None:
    first = await take(LETTER)
    kept = await take(ANSWER.format(more="X: y").replace("anything", f"Re: {first.number}"))
    assert (kept.state, kept.reason, kept.complaint_id) == ("parked", "reply", first.complaint_id)
    assert await intake.count("contacts") == 0


async def test_a_bounce_of_our_letter_is_parked_beside_its_complaint(take: Any, notify: Signer) -> None:
    first = await take(LETTER)
    ours = letter_id(notify, new_id(), first.complaint_id, "acme.example")
    bounce = await take(
        "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\n\r\nNo such user.\r\n'
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822;ann@home.example\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {ours}\r\n\r\nDear Ann\r\n--b--\r\n"
    )
    assert (bounce.state, bounce.reason, bounce.complaint_id) == ("parked", "bounce", first.complaint_id)


async def test_a_sender_who_never_stops_is_parked_as_a_loop(intake: Any, take: Any) -> None:
    states = [(await take(LETTER.replace("<1@", f"<{n}@").replace("hot", f"hot {n}"))).reason for n in range(5)]
    assert states == ["", "", "", "loop", "loop"]
    assert await intake.count("complaints") == 3


async def parked(take: Any) -> str:
    kept = await take("X-Spam-Flag: YES\r\n" + LETTER)
    assert kept.state == "parked"
    return str(kept.submission_id)


async def test_a_submission_becomes_several_complaints_and_more_later(intake: Any, take: Any, call_as: CallAs) -> None:
    desk, submission_id = call_as("customer_service"), await parked(take)
    request = pb.PromoteSubmissionRequest(submission_id=submission_id, product_family="Aurora")
    request.parts.add(text="The battery gets hot.")
    request.parts.add(text="The display stays black.", defect_code="black")
    promoted = await intake.run(intake.promote, desk, request)
    assert (promoted.state, [each.kind for each in promoted.complaints]) == ("registered", ["promoted"] * 2)
    more = pb.PromoteSubmissionRequest(submission_id=submission_id)
    more.parts.add(text="The bell is missing.")
    again = await intake.run(intake.promote, desk, more)
    assert (len(again.complaints), again.complaint_id) == (3, promoted.complaint_id)
    rows = await intake.fetch("SELECT product_family, t_received < t_registered AS late FROM complaints")
    assert [row["late"] for row in rows] == [True] * 3
    with pytest.raises(IllegalTransition):
        await intake.run(intake.promote, desk, pb.PromoteSubmissionRequest(submission_id=submission_id))


async def test_a_part_that_cannot_be_registered_is_named_and_none_is(intake: Any, take: Any, call_as: CallAs) -> None:
    request = pb.PromoteSubmissionRequest(submission_id=await parked(take))
    request.parts.add(text="The battery gets hot.")
    request.parts.add(text="n/a")
    with pytest.raises(Invalid) as refused:
        await intake.run(intake.promote, call_as("quality"), request)
    assert [fault.field for fault in refused.value.fields] == ["parts[1].description"]
    assert await intake.count("complaints") == 0


async def test_what_was_told_before_is_merged_and_counts_as_a_contact(intake: Any, take: Any, call_as: CallAs) -> None:
    desk, first = call_as("customer_service"), await take(LETTER.replace("<1@", "<9@"))
    submission_id = await parked(take)
    request = pb.MergeSubmissionRequest(submission_id=submission_id, complaint_id=first.number, reason="told twice")
    merged = await intake.run(decide.merge, desk, request)
    assert (merged.state, merged.decision_reason, merged.complaint_id) == ("merged", "told twice", first.complaint_id)
    assert (await intake.count("complaints"), await intake.count("contacts")) == (1, 1)
    counts = (await intake.run(count_submissions, desk, pb.CountSubmissionsRequest())).counts
    assert {(each.state, each.reason, each.n, each.complaints) for each in counts} == {
        ("registered", "", 1, 1),
        ("merged", "spam", 1, 0),
    }


async def test_what_a_mail_says_is_sealed_and_gone_with_its_sender(intake: Any, take: Any, call_as: CallAs) -> None:
    kept, desk = await take(LETTER), call_as("customer_service")
    stored = str(await intake.fetch("SELECT to_jsonb(s) FROM submissions s")) + str(
        await intake.fetch("SELECT encode(raw, 'escape') FROM submission_bytes")
    )
    assert not any(word in stored for word in ("ann@home", "Battery", "bulges"))
    async with intake.db.tx() as tx:
        await tx.execute("UPDATE persons SET sealed_key = NULL, erased_at = now()")
    wanted = pb.GetSubmissionRequest(submission_id=kept.submission_id)
    found = await intake.run(look.get_submission, desk, wanted)
    assert (found.subject, found.sender_address, found.text) == ("[erased]",) * 3
    with pytest.raises(Conflict):
        await intake.run(look.read_submission, desk, pb.ReadSubmissionRequest(submission_id=kept.submission_id))
    assert (await take(LETTER)).existing
