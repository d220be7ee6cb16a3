"""Which mails are complaints, and why the others wait for a person."""

import pytest

from intake.domain.mail.reading import read
from intake.domain.mail.verdict import REASONS, Own, judged, numbers_named

OWN = Own.of("no-reply@acme.example")
UUID = "0192f1c5-7b1e-7c3a-9a5b-3f0d5f1f2a11"


def reason(*headers: str, body: str = "It leaks.", sender: str = "ann@home.example") -> str:
    raw = "\r\n".join([f"From: {sender}", *headers]) + f"\r\n\r\n{body}"
    return judged(read(raw.encode()), OWN).reason


def test_a_plain_letter_is_a_complaint() -> None:
    assert reason("Subject: It leaks", "Auto-Submitted: no", "X-Spam-Flag: NO", "X-Spam-Status: No, score=1") == ""


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Auto-Submitted: auto-replied", "auto_reply"),
        ("X-Autoreply: yes", "auto_reply"),
        ("Precedence: bulk", "auto_reply"),
        ("Subject: Out of office: back on Monday", "auto_reply"),
        ("Subject: 自动回复: 出差中", "auto_reply"),
        ("Return-Path: <>", "auto_reply"),
        ("Precedence: list", "mailing_list"),
        ("List-Id: news <news.shop.example>", "mailing_list"),
        ("List-Unsubscribe: <https://shop.example/u>", "mailing_list"),
        ("X-Spam-Flag: YES", "spam"),
        ("X-Spam-Status: Yes, score=9.1", "spam"),
        ("X-Failed-Recipients: x@y.example", "bounce"),
        ("Content-Type: multipart/report; report-type=delivery-status; boundary=x", "bounce"),
        ("Content-Type: multipart/report; report-type=disposition-notification; boundary=x", "read_receipt"),
        ("Content-Type: multipart/report; report-type=feedback-report; boundary=x", "feedback_report"),
        (f"X-Redress-Delivery: {UUID}", "own_letter"),
        (f"Message-ID: <{UUID}@acme.example>", "own_letter"),
        (f"In-Reply-To: <{UUID}@acme.example>", "reply"),
        (f"References: <1@home.example> <{UUID}@ACME.example>", "reply"),
    ],
)
def test_what_a_machine_sent_is_parked_with_its_reason(header: str, expected: str) -> None:
    assert reason(header) == expected
    assert expected in REASONS


def test_a_bounce_without_a_report_is_known_by_who_says_what() -> None:
    assert reason("Subject: Undelivered Mail Returned to Sender", sender="MAILER-DAEMON@mx.example") == "bounce"
    assert reason("Subject: Undelivered parcel") == ""


def test_letters_of_ours_that_come_back_are_not_complaints_but_colleagues_may_forward_some() -> None:
    assert reason(sender="No-Reply@acme.example") == "own_letter"
    assert reason("Message-ID: <CAF1234@acme.example>", sender="li@acme.example") == ""


def test_nobody_to_answer_and_nothing_to_read_are_parked() -> None:
    assert reason(sender="undisclosed") == "no_sender"
    assert reason(body="\r\n -- \r\n") == "no_text"
    assert judged(read(b"just some words"), OWN).reason == "no_sender"
    assert judged(read(bytes(range(256)) * 40), OWN).reason == "unreadable"


def test_the_number_in_a_subject_is_found() -> None:
    assert numbers_named(read("From: a@b.example\nSubject: 回复:您的投诉已受理:C26-0000017".encode())) == [
        "C26-0000017"
    ]
    assert numbers_named(read(b"Subject: ABC26-00000171 and C26-17")) == []
