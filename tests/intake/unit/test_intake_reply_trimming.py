"""What someone wrote in answer, without quotes and signatures; and nothing that text can do takes long."""

import time
from pathlib import Path

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from intake.domain.mail.trimming import trimmed

REAL = Path(__file__).parents[4] / "shared/data/emails"
OWN = "The pump still leaks.\nPlease call me."
QUOTED = "> Dear Ann,\n> we have your complaint.\n"


@pytest.mark.parametrize(
    "intro",
    [
        "On 3 May 2026, at 19:04, Acme <no-reply@acme.example> wrote:",
        "On Tue, Nov 3, 2026 at 9:12 AM Acme Customer Service <\nno-reply@acme.example> wrote:",
        "Am 03.05.2026 um 10:21 schrieb Acme:",
        "Le mar. 3 nov. 2026 à 09:12, Acme <no-reply@acme.example> a écrit :",
        "El 3/11/2026 a las 9:12, Acme escribió:",
        "Il giorno mar 3 nov 2026 alle ore 09:12 Acme <no-reply@acme.example> ha scritto:",
        "在 2026年11月3日，上午9:12，客户服务 <no-reply@acme.example> 写道：",
        "客户服务 <no-reply@acme.example> 于2026年11月3日周二 09:12写道：",
        "2026年11月3日(火) 9:12 Acme <no-reply@acme.example>:",
        "3 ноября 2026 г., 9:12, Acme <no-reply@acme.example> написал:",
        '------------------ 原始邮件 ------------------\n发件人: "Acme"<no-reply@acme.example>;',
        "-----Original Message-----\nFrom: Acme\nSent: Tuesday",
        "________________________________",
        "发件人: Acme\n发送时间: 2026年11月3日\n收件人: Ann\n主题: 您的投诉",
        "From: Acme\nSent: Tuesday, 3 November 2026\nTo: Ann\nSubject: Your complaint",
    ],
)
def test_what_is_quoted_below_an_answer_is_left_out(intro: str) -> None:
    assert trimmed(f"{OWN}\n\n{intro}\n\n{QUOTED}") == OWN


def test_answers_between_quotes_are_kept_with_what_they_answer() -> None:
    text = "On 3 May 2026 Acme wrote:\n> Does it leak?\nYes, it does.\n> Since when?\nSince Monday."
    assert trimmed(text) == "> Does it leak?\nYes, it does.\n> Since when?\nSince Monday."


@pytest.mark.parametrize(
    "line",
    ["Sent from my iPhone", "发自我的iPhone", "從我的 iPhone 傳送", "Envoyé de mon iPhone", "Von meinem iPad gesendet"],
)
def test_the_advertisement_of_a_telephone_is_no_text(line: str) -> None:
    assert trimmed(f"{OWN}\n\n{line}") == OWN


def test_a_signature_after_its_delimiter_is_left_out_and_a_rule_within_a_line_is_text() -> None:
    assert trimmed(f"{OWN}\n-- \nAnn Miller\nAcme Ltd") == OWN
    assert trimmed("a ---- b") == "a ---- b"


def test_facts_that_look_like_one_header_stay() -> None:
    text = "It happened like this.\nDate: 3 May 2026\nIt then stopped."
    assert trimmed(text) == text


def test_what_is_only_a_quote_leaves_nothing() -> None:
    assert trimmed(QUOTED) == ""


@for_all(st.text(alphabet=st.sampled_from("ab >:\n-<@1写道On wrote"), max_size=400))
@settings(max_examples=100, deadline=None)
def test_any_text_can_be_trimmed_and_only_its_own_lines_stay(text: str) -> None:
    lines = {line.strip() for line in text.split("\n")}
    assert {line.strip() for line in trimmed(text).split("\n")} <= lines | {""}


@pytest.mark.parametrize(
    "line", ["On 1 " + "a@b " * 90, "> " * 200, "<" * 390 + "@", "x" * 399, "From: " + "h" * 390, ""]
)
def test_text_that_was_made_to_hurt_takes_no_time(line: str) -> None:
    began = time.process_time()
    trimmed("a\n" + f"{line}\n" * (200_000 // (len(line) + 1)))
    assert time.process_time() - began < 3


@pytest.mark.skipif(not REAL.exists(), reason="the real mails are not here: ../shared/data/emails")
def test_real_answers_are_trimmed_to_what_was_expected(capsys: pytest.CaptureFixture[str]) -> None:
    exact, alike, wanted = 0, 0, sorted((REAL / "reply_trim_expected").glob("*.txt"))
    for path in wanted:
        expected = path.read_text("utf-8")
        found = trimmed((REAL / path.name.removesuffix(".trimmed.txt")).read_text("utf-8"))
        exact += found == expected.rstrip()
        alike += found.split() == expected.split()
    with capsys.disabled():
        print(f"\n{len(wanted)} answers: {exact} trimmed exactly, {alike} but for blanks")  # noqa: T201
    assert alike >= len(wanted) * 60 // 64
