"""Text to words, and words to numbers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.domain.search.terms import MOST_TERMS, Lexicon
from intake.domain.search.words import runs, stem, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The pumps leaked, 水泵漏水", ["the", "pump", "leak", "水泵", "泵漏", "漏水"]),
        ("ＡＢＳ灯 亮", ["abs", "灯", "亮"]),
        ("E-42/7 faults", ["e", "42", "7", "fault"]),
        ("Batteries, buses and glasses", ["battery", "bus", "and", "glass"]),
        ("エンジンが止まる", ["エン", "ンジ", "ジン", "ンが", "が止", "止ま", "まる"]),
        ("café_Zürich", ["caf", "zurich"]),
        ("", []),
        ("—…!", []),
    ],
)
def test_words_of_a_text(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    "forms", ["leak leaks leaked leaking", "stop stops stopped stopping", "noise noises", "close closed closing"]
)
def test_forms_of_a_word_have_one_stem(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


def test_the_same_word_has_another_number_under_another_key() -> None:
    one, other = Lexicon(b"a" * 32), Lexicon(b"b" * 32)
    assert one.terms("leak") == Lexicon(b"a" * 32).terms("LEAKS") != other.terms("leak")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_has_terms_that_postgresql_can_hold(text: str) -> None:
    lexicon = Lexicon(b"k" * 32)
    terms = lexicon.terms(text)
    assert len(terms) == len(set(terms)) <= MOST_TERMS
    assert all(-(2**31) <= term < 2**31 for term in terms)
    assert {term for run in runs(text) for term in lexicon.asked(run)} == set(terms)
