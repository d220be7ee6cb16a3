"""How alike texts are: by their words, by what short Chinese questions mean, whichever comes first."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.domain.likeness.alike import HEAVIEST, PROPOSED_FROM, Text, likeness, shared
from intake.domain.likeness.background import Background
from intake.domain.likeness.meanings import meanings
from intake.domain.likeness.order import common_in_order

REPORTS = [
    "Pump leaks oil at the shaft seal\nAfter two weeks of use oil drips from the seal.",
    "Oil drips from the seal of the pump\nThe shaft seal leaks since the second week.",
    "Display stays dark\nAfter switching on nothing is shown.",
    "Fan is loud\nA grinding noise at full speed.",
    "水泵漏水\n安装两周后密封圈处开始滴水。",
    "屏幕不亮\n开机后没有任何显示。",
]
BACKGROUND = Background.of(REPORTS)


def alike(one: str, other: str) -> float:
    return likeness(Text.of(one, BACKGROUND), Text.of(other, BACKGROUND))


def test_the_same_fault_in_other_words_is_nearer_than_another_fault() -> None:
    assert alike(REPORTS[0], REPORTS[1]) > PROPOSED_FROM / 2 > alike(REPORTS[0], REPORTS[3])


def test_the_same_text_is_fully_alike() -> None:
    assert alike(REPORTS[4], REPORTS[4] + " ") == 1.0


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        ("怎么取消自动扣款", "如何关闭自动扣费", "为什么没有自动扣款"),
        ("逾期了怎么还款", "超期后如何还钱", "逾期会有什么影响"),
        ("手机屏幕不亮了", "手机荧屏没有显示", "手机屏幕多少钱"),
    ],
)
def test_another_word_for_the_same_is_nearer_than_the_same_word_for_something_else(
    one: str, same: str, other: str
) -> None:
    assert alike(one, same) > alike(one, other)


def test_meanings_read_the_longest_word_and_leave_out_what_only_binds() -> None:
    assert meanings("请问怎么取消绑定ABC的123?") == ["how", "close", "bind", "abc", "123"]


def test_what_was_shared_names_the_heaviest_words() -> None:
    words = shared(Text.of(REPORTS[0], BACKGROUND), Text.of(REPORTS[1], BACKGROUND))
    assert {"seal", "pump"} <= set(words)


@pytest.mark.parametrize(
    ("one", "other", "length"), [("", "", 0), ("abc", "", 0), ("abcbdab", "bdcaba", 4), ("水泵漏水", "漏水的泵", 2)]
)
def test_what_is_common_in_order(one: str, other: str, length: int) -> None:
    assert common_in_order(one, other) == length


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=90), st.text(max_size=90))
def test_likeness_is_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    there, back = alike(one, other), alike(other, one)
    assert 0 <= there <= 1
    assert there == pytest.approx(back, abs=2e-4)


@given(st.text(max_size=400))
def test_a_text_is_looked_up_by_few_words(text: str) -> None:
    assert len(Text.of(text, BACKGROUND).heaviest()) <= HEAVIEST
