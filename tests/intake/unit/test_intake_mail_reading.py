"""What a person would read in a mail, whatever its bytes; and nothing that bytes can do raises."""

import base64
import csv
import hashlib
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from intake.domain.charsets import decoded
from intake.domain.mail.complaint import complaint_of
from intake.domain.mail.html_text import html_text
from intake.domain.mail.reading import MAX_BOUNDARIES, content_key, read
from intake.domain.mail.shortening import shortened
from intake.domain.mail.words import header_text
from intake.domain.validation import LENGTHS

REAL = Path(__file__).parents[4] / "shared/data/emails"
TEXTS = {
    "gb18030": "您好，我买的电动车充电时电池发烫，请尽快处理。",
    "cp950": "您好，我買的電動車充電時電池發燙，請儘快處理。",
    "cp932": "購入した自転車のバッテリーが発熱しました。",
    "euc_jp": "購入した自転車のバッテリーが発熱しました。",
    "cp949": "구입한 자전거 배터리가 과열되었습니다.",
    "koi8-r": "Аккумулятор сильно нагревается при зарядке.",
    "cp1251": "Аккумулятор сильно нагревается при зарядке.",
    "cp1252": "La batterie est très chaude, ça dégage une odeur désagréable.",
    "utf-8": "电池发烫 – très chaud",
}


def mail(body: bytes, *headers: str, type_: str = "text/plain") -> bytes:
    head = ["From: Ann Miller <ann@home.example>", "Subject: It leaks", f"Content-Type: {type_}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


@pytest.mark.parametrize("charset", TEXTS)
@pytest.mark.parametrize("declared", [True, False])
def test_a_text_is_read_in_its_charset_whether_declared_or_not(charset: str, declared: bool) -> None:
    type_ = f"text/plain; charset={charset}" if declared else "text/plain"
    assert read(mail(TEXTS[charset].encode(charset), type_=type_)).text == TEXTS[charset]


@pytest.mark.parametrize("label", ["x-unknown", "utf-8", "us-ascii", "x-gbk", '"GB2312"', "default_charset"])
def test_a_wrong_charset_label_does_no_harm(label: str) -> None:
    found = read(mail(TEXTS["gb18030"].encode("gbk"), type_=f"text/plain; charset={label}"))
    assert (found.text, found.language) == (TEXTS["gb18030"], "zh")


@pytest.mark.parametrize(
    ("written", "declared"),
    [
        ("gb18030", "iso-8859-1"),
        ("cp950", "gb2312"),
        ("cp950", "windows-1252"),
        ("cp949", "iso-8859-1"),
        ("koi8-r", "windows-1251"),
    ],
)
def test_a_charset_that_decodes_but_makes_no_sense_is_not_believed(written: str, declared: str) -> None:
    found = read(mail(TEXTS[written].encode(written), type_=f"text/plain; charset={declared}"))
    assert found.text == TEXTS[written]


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_text_in_utf_16_is_read(charset: str) -> None:
    body = base64.encodebytes(TEXTS["gb18030"].encode(charset))
    raw = mail(body, "Content-Transfer-Encoding: base64", type_=f"text/plain; charset={charset}")
    assert read(raw).text == TEXTS["gb18030"]


def test_umlauts_in_latin_words_are_not_taken_for_cyrillic() -> None:
    text = "Die Hasen und die Frösche. Die Hasen klagten einst über ihre mißliche Lage."
    assert decoded(text.encode("cp1252")).text == text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=?gb2312?B?zbbL3w==?=", "投诉"),
        ("=?utf-8?B?5oqV?= =?utf-8?B?6K+J?=", "投诉"),
        ("=?utf-8?B?5oqV6A==?=\r\n =?utf-8?B?r4k=?=", "投诉"),
        ("=?utf-8?q?It_leaks=21?= again", "It leaks! again"),
        ("=?no-such?q?plain?=", "plain"),
        ("two\r\n lines\x00 and \u202etricks", "two lines and tricks"),
    ],
)
def test_header_words_are_decoded_however_they_were_made(value: str, shown: str) -> None:
    assert header_text(value) == shown


def test_raw_bytes_in_headers_are_read_too() -> None:
    raw = "From: 王芳 <wang@home.example>\nSubject: 电池发烫，请尽快处理\n\n您好".encode("gbk")
    found = read(raw)
    assert (found.sender_name, found.sender_address, found.subject) == (
        "王芳",
        "wang@home.example",
        "电池发烫，请尽快处理",
    )


def test_plain_text_is_preferred_and_html_read_where_there_is_none() -> None:
    both = EmailMessage()
    both.set_content("plain words")
    both.add_alternative("<p>marked-up words</p>", subtype="html")
    assert read(b"From: a@b.example\n" + bytes(both)).text == "plain words"
    only = mail(b"<html><head><title>x</title><style>p{}</style></head><p>One<br>two</p><!-- no --><ul><li>three</ul>")
    assert read(only.replace(b"text/plain", b"text/html")).text == "One\ntwo\n\n- three"


def test_html_is_read_in_one_pass_whatever_it_is_made_of() -> None:
    for nasty in ("<!--", "<a ", "<script>", "<![CDATA[", "<" * 9, "&#x", "</"):
        assert isinstance(html_text(nasty * 10_000), str)
    assert html_text("1 < 2 &amp; 3 &gt; 2<script>alert(1)</script>!") == "1 < 2 & 3 > 2!"


def test_attachments_are_known_by_hash_and_are_no_text() -> None:
    whole = EmailMessage()
    whole["From"] = "ann@home.example"
    whole.set_content("see the picture")
    whole.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="照片.png")
    found = read(bytes(whole))
    (attachment,) = found.attachments
    assert (attachment.name, attachment.content_type, attachment.size) == ("照片.png", "image/png", 4)
    assert found.text == "see the picture"


def test_a_multipart_whose_boundary_never_comes_is_read_by_the_one_that_does() -> None:
    body = b"--real\r\nContent-Type: text/plain\r\n\r\nIt leaks.\r\n--real--\r\n"
    assert read(mail(body, type_='multipart/mixed; boundary="said"')).text == "It leaks."


def test_flowed_lines_are_joined_and_quotes_kept() -> None:
    found = read(mail(b"It leaks at \r\nthe seal.\r\n> old line \r\n> next\r\n", type_="text/plain; format=flowed"))
    assert found.text == "It leaks at the seal.\n> old line\n> next"


def test_the_answer_goes_to_reply_to_under_the_name_of_the_sender() -> None:
    found = read(mail(b"x", "Reply-To: service@shop.example"))
    assert (found.sender_name, found.sender_address) == ("Ann Miller", "service@shop.example")


def test_a_complaint_holds_subject_and_text_and_asks_what_is_unknown() -> None:
    given = complaint_of(read(mail(b"x" * 30_000)), external_id="<1@home.example>", product_family="")
    assert given.description.startswith("It leaks\n\nxxx")
    assert given.description.endswith("[…]")
    assert len(given.description) == LENGTHS["description"]
    assert (given.customer_name, given.customer_email) == ("Ann Miller", "ann@home.example")
    assert (given.injury_or_fire, given.safety_not_asked) == ("", False)


@pytest.mark.parametrize("sender", ["a\0b@home.example", "Ann <a\x01b@home.example>", "a@ho\x7fme.example"])
def test_an_address_with_a_control_character_is_nobodys(sender: str) -> None:
    assert read(f"From: {sender}\r\n\r\nIt leaks.".encode()).sender_address == ""


def test_mails_made_to_hurt_are_put_aside_not_taken_apart() -> None:
    nested = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(1000))
    assert str(MAX_BOUNDARIES) in read(b"From: a@b.example\r\n" + nested).oversized
    assert read(b"X: y\r\n" * 50_000 + b"\r\nbody").oversized
    assert read(bytes(range(256)) * 40).broken


HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["From", "Subject", "Content-Type", "Date", "Message-ID", "Content-Transfer-Encoding", "X"]),
        st.binary(max_size=60),
    ),
    max_size=6,
)


@settings(max_examples=150)
@for_all(HEADERS, st.binary(max_size=200))
def test_no_mail_at_all_raises_or_yields_what_a_database_refuses(headers: list[tuple[str, bytes]], body: bytes) -> None:
    found = read(b"".join(name.encode() + b": " + value + b"\r\n" for name, value in headers) + b"\r\n" + body)
    shown = [found.subject, found.text, found.sender_name, found.sender_address, found.message_id, found.charset]
    shown += [part for each in found.attachments for part in (each.name, each.content_type)] + list(found.defects)
    for text in shown:
        text.encode()
        assert "\x00" not in text


@pytest.mark.skipif(not REAL.exists(), reason="the real mails are not here")
def test_real_mails_agree_with_their_index_and_show_no_mojibake() -> None:
    for row in csv.DictReader((REAL / "INDEX.csv").open()):
        found = read((REAL / row["file"]).read_bytes())
        has = [bool(found.first("from")), bool(found.first("date")), bool(found.message_id)]
        assert has == [row[name] == "1" for name in ("has_from", "has_date", "has_msgid")], row["file"]
        assert found.text.count("\ufffd") <= len(found.text) / 100, row["file"]


def _large(content: bytes, attached: bytes = b"") -> bytes:
    encoded = base64.encodebytes(attached).replace(b"\n", b"\r\n")
    return mail(
        b"--b\r\n\r\n"
        + content
        + b'\r\n--b\r\nContent-Type: image/png; name="a.png"\r\nContent-Transfer-Encoding: base64'
        b"\r\n\r\n" + encoded + b"--b--\r\n",
        type_='multipart/mixed; boundary="b"',
    )


def test_a_large_attachment_has_its_own_size_and_digest_and_the_text_beside_it_is_whole() -> None:
    attached = bytes(range(256)) * 20_000
    found = read(_large(b"It leaks.", attached))
    assert found.text == "It leaks."
    assert [(a.size, a.sha256) for a in found.attachments] == [(len(attached), hashlib.sha256(attached).hexdigest())]
    assert not any(name.startswith("x-redress-whole") for name in found.headers)


def test_a_large_mail_by_another_way_has_the_same_content() -> None:
    raw = _large(b"It leaks.", bytes(2_000_000))
    other = b"Received: from mx2.example\r\n" + raw
    assert content_key(read(raw), raw) == content_key(read(other), other)


@pytest.mark.parametrize("body", [b"a\n" * 10_000_000, b"a" * 20_000_000, b"<p>a</p>" * 2_500_000])
def test_of_a_large_mail_little_is_taken_apart_and_its_text_is_read(body: bytes) -> None:
    raw = mail(body, type_="text/html" if body.startswith(b"<") else "text/plain")
    assert len(shortened(raw).raw) < 2 * 1024**2
    assert read(raw).text
