from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from notify.adapters.mail import MailFrom, compose, message_id
from notify.domain.letter import Letter

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SENDER = MailFrom.of("客户服务 <no-reply@acme.example>")


def composed(name: str = "张三") -> bytes:
    letter = Letter("您的投诉已受理:C26-0000001", "尊敬的张三:\n\n.点开头\n", "zh")
    return compose(
        letter,
        delivery_id="d1",
        own_id=message_id("d1", SENDER),
        kind="receipt",
        sender=SENDER,
        name=name,
        address="z@example.com",
        at=AT,
    )


def test_a_mail_carries_utf8_headers_and_says_that_a_machine_wrote_it() -> None:
    raw = composed()
    mail = message_from_bytes(raw, policy=default)
    assert raw.partition(b"\r\n\r\n")[0].isascii()
    assert mail["Subject"] == "您的投诉已受理:C26-0000001"
    assert mail["To"].addresses[0].display_name == "张三"
    assert mail["From"].addresses[0].display_name == "客户服务"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Redress-Kind"] == "receipt"
    assert mail["X-Redress-Delivery"] == "d1"
    assert mail.get_content().replace("\r\n", "\n") == "尊敬的张三:\n\n.点开头\n"


def test_a_mail_that_is_sent_again_has_the_same_message_id() -> None:
    first, again = (message_from_bytes(composed(), policy=default)["Message-ID"] for _ in range(2))
    assert first == again == message_id("d1", SENDER) == "<d1@acme.example>"


@pytest.mark.parametrize("name", ["Eve\r\nBcc: victim@example.com", "Eve\nX-Evil: 1", "a" * 300])
def test_a_name_cannot_add_a_header(name: str) -> None:
    mail = message_from_bytes(composed(name), policy=default)
    assert mail["Bcc"] is None
    assert mail["X-Evil"] is None
