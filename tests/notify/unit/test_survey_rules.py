"""Who is asked about which closing, and what counts as an answer."""

from dataclasses import replace
from typing import Any

import pytest

from chassis.errors import Invalid
from notify.domain.survey import Answer, Closing, Survey, asked_on_closing, called_back_about, checked, closings_of

CASE = "case"
FIRST, SECOND = Closing(CASE, "e1", "resolved"), Closing(CASE, "e2", "not_justified")


def close(known: list[Survey], closing: Closing, obstacle: str = "") -> list[Survey]:
    changed = {
        survey.survey_id: survey for survey in asked_on_closing(known, closing, f"s-{closing.event_id}", obstacle)
    }
    return list(({survey.survey_id: survey for survey in known} | changed).values())


def test_a_closing_is_asked_about_once_however_often_it_is_told() -> None:
    known = close([], FIRST)
    assert [(survey.closing, survey.state, survey.event_id) for survey in known] == [(1, "waiting", "e1")]
    assert asked_on_closing(known, FIRST, "another", "") == []


@pytest.mark.parametrize("outcome", ["duplicate", "withdrawn"])
def test_who_withdrew_or_complained_twice_is_not_asked_and_the_reason_is_kept(outcome: str) -> None:
    (survey,) = close([], replace(FIRST, outcome=outcome))
    assert survey.state == "skipped"
    assert outcome.removesuffix("n")[:5] in survey.reason


def test_an_obstacle_skips_the_survey_but_the_closing_counts() -> None:
    known = close(close([], FIRST, "no mail"), SECOND)
    assert [(survey.closing, survey.state) for survey in known] == [(1, "skipped"), (2, "waiting")]


def test_the_next_closing_asks_anew_and_ends_an_unanswered_survey() -> None:
    asked = [replace(survey, state="sent") for survey in close([], FIRST)]
    known = close(asked, SECOND)
    assert [(survey.closing, survey.state) for survey in known] == [(1, "closed"), (2, "waiting")]
    answered = [replace(survey, state="answered") for survey in close([], FIRST)]
    assert [survey.state for survey in close(answered, SECOND)] == ["answered", "waiting"]


def test_who_was_called_back_ahead_of_the_closing_is_not_asked_by_mail() -> None:
    ahead = Survey("phone", CASE, 1, None, "answered")
    (survey,) = close([ahead], FIRST)
    assert (survey.survey_id, survey.event_id, survey.state) == ("phone", "e1", "answered")


def test_a_call_back_speaks_of_the_last_closing_or_of_the_one_an_open_case_heads_for() -> None:
    closed_once = close([], FIRST)
    assert closings_of(closed_once) == 1
    assert called_back_about([], closed=False) == 1
    assert called_back_about([], closed=True) == 1
    assert called_back_about(closed_once, closed=True) == 1
    assert called_back_about(closed_once, closed=False) == 2


def test_one_rating_is_enough_and_a_comment_is_kept_without_its_margins() -> None:
    assert checked(Answer(None, 4, "  gut \n")).comment == "gut"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ((None, None, "nothing rated"), "process_rating"),
        ((0, 3, ""), "process_rating"),
        ((3, 6, ""), "result_rating"),
        ((3, 3, "x" * 2001), "comment"),
        ((3, 3, "\x00"), "comment"),
    ],
)
def test_a_bad_answer_is_refused_with_the_field(given: tuple[Any, ...], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(Answer(*given))
    assert refused.value.fields[0].field == field
