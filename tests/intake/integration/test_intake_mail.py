"""Raw mails against a real PostgreSQL: kept as they came, registered or parked, decided by a person."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from chassis.call import Call
from chassis.errors import Forbidden, IllegalTransition, Invalid, NotFound, StaleVersion
from intake.app.privacy.identity import protect_identity
from intake.app.submissions import collect, decide, look
from intake.metrics import outcome_of
from redress.intake.v1 import intake_pb2 as pb
from redress.intake.v1 import privacy_pb2

CallAs = Callable[..., Call]
REAL = Path(__file__).parents[4] / "shared/data/emails"
HEAD = "Message-ID: <1@home.example>\r\nFrom: 王芳 <wang@home.example>\r\nSubject: 电池发烫"
LETTER = f"{HEAD}\r\n\r\n充电时电池发烫，外壳变形。\r\n"


async def parts(raw: bytes, product_family: str = "", chunk: int = 64 * 1024) -> AsyncIterator[pb.ReceiveMailRequest]:
    header = pb.MailHeader(product_family=product_family) if product_family else pb.MailHeader()
    yield pb.ReceiveMailRequest(header=header)
    for start in range(0, len(raw), chunk):
        yield pb.ReceiveMailRequest(chunk=raw[start : start + chunk])
    yield pb.ReceiveMailRequest(end=len(raw))


async def received(intake: Any, call: Call, text: str | bytes = LETTER, **more: Any) -> pb.SubmissionReceipt:
    raw = text.encode() if isinstance(text, str) else text
    receipt: pb.SubmissionReceipt = await intake.receive_mail(call, parts(raw, **more))
    return receipt


async def submission(intake: Any, call: Call, submission_id: str) -> pb.Submission:
    request = pb.GetSubmissionRequest(submission_id=submission_id)
    found: pb.Submission = await intake.run(look.get_submission, call, request)
    return found


async def test_a_mail_becomes_a_complaint_that_is_graded_and_asks_about_safety(intake: Any, call_as: CallAs) -> None:
    call = call_as("channel")
    receipt = await received(intake, call, product_family="Aurora e-bike", chunk=11)
    assert (receipt.state, receipt.grade, "safety" in receipt.questions) == ("registered", "important", True)
    (row,) = await intake.complaints()
    assert (row["channel"], row["external_id"], row["language"]) == ("mail", "<1@home.example>", "zh")
    assert (row["customer_name"], row["customer_email"], row["product_family"]) == (
        "王芳",
        "wang@home.example",
        "Aurora e-bike",
    )
    assert row["description"] == "充电时电池发烫，外壳变形。"
    assert row["t_received"] == row["t_aware"] == row["t_registered"]
    assert await intake.count("outbox") == 1


async def test_a_mail_delivered_again_by_another_way_is_the_same_submission(intake: Any, call_as: CallAs) -> None:
    call = call_as("channel")
    first = await received(intake, call)
    again = await received(intake, call, "Received: from mx2.example\r\n" + LETTER)
    assert (again.existing, again.submission_id, again.number) == (True, first.submission_id, first.number)
    assert await intake.count("submissions") == await intake.count("complaints") == 1


async def test_another_mail_under_the_same_message_id_is_not_lost(intake: Any, call_as: CallAs) -> None:
    call = call_as("channel")
    first = await received(intake, call)
    other = await received(intake, call, LETTER.replace("外壳变形", "还冒烟"))
    assert (other.state, other.existing, other.number != first.number) == ("registered", False, True)


async def test_bytes_attachments_and_facts_are_kept_and_shown(intake: Any, call_as: CallAs) -> None:
    raw = (
        LETTER.replace("\r\n\r\n", '\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\n', 1)
        + '--b\r\nContent-Type: image/png; name="照片.png"\r\n\r\nPNG\r\n--b--\r\n'
    ).encode()
    desk = call_as("customer_service")
    receipt = await received(intake, call_as("channel"), raw)
    shown = await submission(intake, desk, receipt.submission_id)
    assert (shown.text, shown.subject, shown.size) == ("充电时电池发烫，外壳变形。", "电池发烫", len(raw))
    assert [(each.name, each.content_type, each.size) for each in shown.attachments] == [("照片.png", "image/png", 3)]
    pieces = [
        await intake.run(
            look.read_submission,
            desk,
            pb.ReadSubmissionRequest(submission_id=receipt.submission_id, offset=offset),
        )
        for offset in (0, 5, len(raw))
    ]
    assert [piece.piece for piece in pieces] == [raw, raw[5:], b""]
    trail = await intake.fetch(
        "SELECT action, actor, changes FROM audit WHERE aggregate_type = 'submission' ORDER BY n"
    )
    assert [row["action"] for row in trail] == ["mail received", "raw mail read"]
    assert trail[1]["actor"] == desk.actor
    assert not any("wang" in str(dict(row)) or "电池" in str(dict(row)) for row in trail)


async def test_the_raw_mail_of_a_protected_complainant_is_for_those_who_may_know_them(
    intake: Any, call_as: CallAs
) -> None:
    receipt = await received(intake, call_as("channel"))
    protect = privacy_pb2.ProtectIdentityRequest(complaint_id=receipt.complaint_id, identity_protected=True, reason="x")
    await intake.run(protect_identity, call_as("quality"), protect)
    wanted = pb.ReadSubmissionRequest(submission_id=receipt.submission_id)
    with pytest.raises(Forbidden):
        await intake.run(look.read_submission, call_as("customer_service"), wanted)
    assert (await intake.run(look.read_submission, call_as("quality"), wanted)).piece


async def test_the_bytes_of_a_mail_cannot_be_changed_by_the_service_itself(intake: Any, call_as: CallAs) -> None:
    await received(intake, call_as("channel"))
    for sql in ("UPDATE submission_bytes SET raw = ''", "DELETE FROM submission_bytes"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with intake.db.tx() as tx:
                await tx.execute(sql)


async def test_what_is_no_complaint_is_parked_without_event_and_can_be_listed(intake: Any, call_as: CallAs) -> None:
    call, desk = call_as("channel"), call_as("customer_service")
    away = await received(intake, call, LETTER.replace("Subject", "Auto-Submitted: auto-replied\r\nSubject"))
    await received(intake, call, bytes(range(256)) * 4)
    assert (away.state, away.reason) == ("parked", "auto_reply")
    assert await intake.count("complaints") == await intake.count("outbox") == 0
    found = await intake.run(look.list_submissions, desk, pb.ListSubmissionsRequest(reason="unreadable"))
    assert [(each.state, each.detail) for each in found.submissions] == [("parked", "is no mail at all")]
    request = pb.ListSubmissionsRequest(state="parked")
    request.page.limit = 1
    first = await intake.run(look.list_submissions, desk, request)
    request.page.cursor = first.next_cursor
    second = await intake.run(look.list_submissions, desk, request)
    assert {each.reason for page in (first, second) for each in page.submissions} == {"auto_reply", "unreadable"}
    with pytest.raises(Invalid, match="filter"):
        await intake.run(look.list_submissions, desk, pb.ListSubmissionsRequest(state="lost"))


async def test_a_parked_mail_is_promoted_with_corrections_once(intake: Any, call_as: CallAs) -> None:
    parked = await received(intake, call_as("channel"), "Subject: 漏水\r\n\r\n泵漏水。")
    desk = call_as("customer_service")
    assert parked.reason == "no_sender"
    wanted = pb.PromoteSubmissionRequest(submission_id=parked.submission_id, if_version=1, reason="rang us")
    with pytest.raises(Invalid) as refused:
        await intake.run(intake.promote, desk, wanted)
    assert refused.value.fields[0].field == "customer_name"
    wanted.customer_name, wanted.product_family, wanted.text = "王芳", "Pump P7", "泵漏水,已停机"
    with pytest.raises(StaleVersion):
        await intake.run(
            intake.promote, desk, pb.PromoteSubmissionRequest(submission_id=parked.submission_id, if_version=7)
        )
    promoted = await intake.run(intake.promote, desk, wanted)
    assert (promoted.state, promoted.version, promoted.decided_by) == ("registered", 2, desk.actor)
    (row,) = await intake.complaints()
    assert (str(row["complaint_id"]), row["description"]) == (promoted.complaint_id, "泵漏水,已停机")
    assert row["registered_by"] == desk.actor
    wanted.if_version = 2
    with pytest.raises(IllegalTransition):
        await intake.run(intake.promote, desk, wanted)
    again = await received(intake, call_as("channel"), "Subject: 漏水\r\n\r\n泵漏水。")
    assert (again.existing, again.complaint_id) == (True, promoted.complaint_id)


async def test_an_answer_to_a_letter_of_ours_is_put_beside_its_complaint(intake: Any, call_as: CallAs) -> None:
    call, desk = call_as("channel"), call_as("customer_service")
    first = await received(intake, call)
    answer = LETTER.replace("<1@", "<2@").replace("电池发烫", f"回复:您的投诉已受理:{first.number}", 1)
    parked = await received(intake, call, answer)
    assert (parked.state, parked.reason) == ("parked", "reply")
    request = pb.ListSubmissionsRequest(complaint_id=first.complaint_id, state="parked")
    beside = await intake.run(look.list_submissions, desk, request)
    assert [each.submission_id for each in beside.submissions] == [parked.submission_id]
    attached = await intake.run(decide.attach, desk, pb.AttachSubmissionRequest(submission_id=parked.submission_id))
    assert (attached.state, attached.complaint_id) == ("registered", first.complaint_id)
    (contact,) = await intake.fetch("SELECT complaint_id::text, channel, note FROM contacts")
    assert tuple(contact)[:2] == (first.complaint_id, "mail")
    assert await intake.count("complaints") == 1
    assert [row["type"] for row in await intake.fetch("SELECT type FROM outbox ORDER BY created_at")][-1].endswith(
        "contact.received.v1"
    )


async def test_a_rejection_needs_a_reason_and_is_written_down(intake: Any, call_as: CallAs) -> None:
    parked = await received(intake, call_as("channel"), "X-Spam-Flag: YES\r\n" + LETTER)
    desk = call_as("quality")
    with pytest.raises(Invalid, match="reason"):
        await intake.run(decide.reject, desk, pb.RejectSubmissionRequest(submission_id=parked.submission_id))
    wanted = pb.RejectSubmissionRequest(submission_id=parked.submission_id, reason="advertising")
    rejected = await intake.run(decide.reject, desk, wanted)
    assert (rejected.state, rejected.decision_reason, rejected.decided_by) == ("rejected", "advertising", desk.actor)
    (entry,) = await intake.fetch("SELECT reason, changes FROM audit WHERE action = 'rejected'")
    assert entry["reason"] == "advertising"


async def test_channels_send_mails_and_see_none(intake: Any, call_as: CallAs) -> None:
    receipt = await received(intake, call_as("channel"))
    for use_case, request in (
        (look.list_submissions, pb.ListSubmissionsRequest()),
        (look.get_submission, pb.GetSubmissionRequest(submission_id=receipt.submission_id)),
        (decide.reject, pb.RejectSubmissionRequest(submission_id=receipt.submission_id, reason="x")),
    ):
        with pytest.raises(Forbidden):
            await intake.run(use_case, call_as("channel"), request)
    with pytest.raises(Forbidden):
        await intake.run(
            look.read_submission,
            call_as("engineer"),
            pb.ReadSubmissionRequest(submission_id=receipt.submission_id),
        )
    with pytest.raises(NotFound):
        await submission(intake, call_as("quality"), "nonsense")
    with pytest.raises(Forbidden):
        await received(intake, call_as("partner"))


async def test_a_mail_that_breaks_off_is_no_mail(intake: Any, call_as: CallAs) -> None:
    async def cut() -> AsyncIterator[pb.ReceiveMailRequest]:
        async for part in parts(LETTER.encode(), chunk=40):
            if part.WhichOneof("part") != "end":
                yield part

    with pytest.raises(Invalid, match="broke off"):
        await intake.receive_mail(call_as("channel"), cut())
    assert await intake.count("submissions") == 0


async def test_no_mail_and_too_much_mail_are_refused(
    intake: Any, call_as: CallAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect, "MAX_BYTES", 1000)
    for raw, status in ((b"\r\n \n", 422), (b"x" * 1001, 413)):
        with pytest.raises(Invalid) as refused:
            await received(intake, call_as("channel"), raw)
        assert refused.value.status == status
    assert await intake.count("submissions") == 0


@pytest.mark.skipif(not REAL.exists(), reason="the real mails are not here: ../shared/data/emails")
async def test_every_real_mail_ends_registered_or_parked_with_a_reason(
    intake: Any, call_as: CallAs, capsys: pytest.CaptureFixture[str]
) -> None:
    call, outcomes = call_as("channel"), Counter[str]()
    for path in sorted(REAL.glob("*.eml")):
        receipt = await received(intake, call, path.read_bytes())
        assert (receipt.state == "parked") == bool(receipt.reason), path.name
        outcomes["again" if receipt.existing else outcome_of(receipt)] += 1
    with capsys.disabled():
        print(f"\n{sum(outcomes.values())} real mails: {dict(outcomes.most_common())}")  # noqa: T201
    assert await intake.count("submissions") == sum(outcomes.values()) - outcomes["again"]
    assert await intake.count("complaints") == outcomes["registered"]
    for name, reason in (("bounce_gmail-invalid-address", "bounce"), ("complaints_yahoo", "feedback_report")):
        again = await received(intake, call, (REAL / f"flanker__messages_{name}.eml").read_bytes())
        assert (again.existing, again.reason) == (True, reason)
