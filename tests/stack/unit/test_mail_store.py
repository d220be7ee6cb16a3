from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import Envelope

from stack.mail_sink import Inbox, Refusals
from stack.mail_store import MailStore


def _mail(subject: str, kind: str = "") -> bytes:
    message = EmailMessage()
    message["Subject"], message["Message-ID"], message["X-Redress-Kind"] = subject, "<1@redress.example>", kind
    message.set_content("hello")
    return message.as_bytes()


def test_mails_are_counted_by_kind_and_found_again_after_a_restart(tmp_path: Path) -> None:
    store = MailStore(tmp_path)
    store.keep("a@x.example", ["b@x.example"], _mail("投诉已收到", "receipt"))
    store.keep("a@x.example", ["c@x.example"], _mail("answered", "survey"))
    again = MailStore(tmp_path)
    assert (again.count, again.by_kind) == (2, {"receipt": 1, "survey": 1})
    assert again.keep("a@x.example", ["d@x.example"], _mail("third")) == 3


def test_entries_are_paged_and_readable(tmp_path: Path) -> None:
    store = MailStore(tmp_path)
    for number in range(5):
        store.keep("a@x.example", ["b@x.example"], _mail(f"投诉 {number}"))
    page = store.entries(limit=2, offset=3)
    assert [entry["subject"] for entry in page] == ["投诉 3", "投诉 4"]
    assert page[0]["message_id"] == "<1@redress.example>"


def test_a_mail_without_sense_is_kept_as_it_came(tmp_path: Path) -> None:
    store = MailStore(tmp_path)
    number = store.keep("", [], b"Subject: =?klingon?q?x?=\r\n\xff\xfe")
    assert store.raw(number) == b"Subject: =?klingon?q?x?=\r\n\xff\xfe"
    assert store.raw(99) is None


async def test_a_mail_that_cannot_be_kept_is_refused_for_now_only(tmp_path: Path) -> None:
    store = MailStore(tmp_path)
    (tmp_path / "00000001.eml").mkdir()
    inbox, envelope = Inbox(store, Refusals()), Envelope()
    envelope.content = _mail("no room")
    answer = await inbox.handle_DATA(cast(Any, None), cast(Any, None), envelope)
    assert answer.startswith("452")
    assert store.count == 0


def test_refusals_come_first_and_then_evenly() -> None:
    refusals = Refusals(first=2, rate=0.25)
    assert [refusals.is_due() for _ in range(10)] == [True, True, *[False, False, False, True] * 2]
    assert refusals.count == 4
