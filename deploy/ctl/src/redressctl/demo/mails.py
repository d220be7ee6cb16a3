"""Mails as they come to a complaints mailbox, written for the demo. The same bytes on every run: known again."""

from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage

_DATE = "Mon, 02 Mar 2026 09:15:00 +0800"
_BOX = "complaints@redress.example"


@dataclass(frozen=True)
class Written:
    what: str
    raw: bytes


def mailbag() -> list[Written]:
    makers: tuple[Callable[[], Written], ...] = (_chinese_in_gbk, _english_with_attachment, _bounce, _out_of_office)
    return [make() for make in makers]


def _chinese_in_gbk() -> Written:
    """As older Chinese mail programs send it: 8-bit GBK, which the text's header names."""
    text = (
        "您好：\n我三月初买的折叠车，骑了不到一百公里，折叠处的锁扣就松了，骑行中车把突然下沉，差点摔倒。\n"
        "希望尽快更换。\n\n何静怡\n"
    )
    mail = _mail("何静怡 <he.jingyi@youxiang.example>", "折叠车锁扣松动，要求更换", "demo-gbk")
    mail.set_content(text, charset="gbk", cte="8bit")
    return Written("a complaint in Chinese, GBK", mail.as_bytes())


def _english_with_attachment() -> Written:
    mail = _mail("Tobias Ferrante <tobias.ferrante@post.example>", "Charger smells burnt", "demo-attachment")
    mail.set_content(
        "Hello,\n\nthe charger of my bike gets so hot that it smells burnt after an hour. I attach the readings of my"
        " meter.\nPlease send me another one.\n\nTobias Ferrante\n"
    )
    readings = "minute;celsius\n10;38\n30;61\n60;84\n"
    mail.add_attachment(readings.encode(), maintype="text", subtype="csv", filename="readings.csv")
    mail.set_boundary("part")
    return Written("a complaint in English with an attachment", mail.as_bytes())


def _bounce() -> Written:
    """What a mail server sends back when it could not deliver a letter (RFC 3464)."""
    lines = (
        "From: Mail Delivery System <mailer-daemon@post.example>",
        f"To: {_BOX}",
        "Subject: Undelivered Mail Returned to Sender",
        f"Date: {_DATE}",
        "Message-ID: <demo-bounce@customers.example>",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="part"',
        *("", "--part", "Content-Type: text/plain", "", "Your message could not be delivered: the mailbox is full."),
        *("", "--part", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; post.example"),
        *("", "Final-Recipient: rfc822; someone@post.example", "Action: failed", "Status: 5.2.2", "", "--part--", ""),
    )
    return Written("a bounce", "\r\n".join(lines).encode())


def _out_of_office() -> Written:
    mail = _mail("吴海 <wu.hai@youxiang.example>", "自动回复：您的投诉已受理", "demo-away")
    mail["Auto-Submitted"] = "auto-replied"
    mail.set_content("我正在休假，3 月 9 日回来后回复您。\n")
    return Written("an automatic reply", mail.as_bytes())


def _mail(sender: str, subject: str, name: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, _BOX, subject
    mail["Date"], mail["Message-ID"] = _DATE, f"<{name}@customers.example>"
    return mail
