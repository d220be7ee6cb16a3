from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.errors import Invalid
from workflow.domain.calendar import Calendar, CalendarRules
from workflow.domain.calendar_document import parse_calendar

SHANGHAI = timezone(timedelta(hours=8))
WEEK = dict.fromkeys(range(1, 6), ((9 * 3600, 12 * 3600), (13 * 3600, 18 * 3600)))
OFFICE = Calendar(CalendarRules("office", 1, "Asia/Shanghai", WEEK, {date(2026, 10, 1): ()}))
NIGHT = Calendar(CalendarRules("night", 1, "Asia/Shanghai", dict.fromkeys(range(1, 6), ((22 * 3600, 30 * 3600),)), {}))

START = datetime(2026, 1, 1, tzinfo=UTC)
instants = st.integers(0, 2 * 365 * 86_400).map(lambda seconds: START + timedelta(seconds=seconds))
spells = st.floats(min_value=0, max_value=400 * 3600)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def cn(shipped: Callable[[str, str], dict[str, Any]]) -> Calendar:
    return Calendar(parse_calendar(shipped("calendars", "cn")))


def test_lunch_and_the_night_do_not_count() -> None:
    assert OFFICE.add_working(at("2026-11-23T11:00"), 2 * 3600) == at("2026-11-23T14:00")
    assert OFFICE.add_working(at("2026-11-23T17:30"), 3600) == at("2026-11-24T09:30")
    assert OFFICE.working_between(at("2026-11-23T00:00"), at("2026-11-24T00:00")) == 8 * 3600


def test_work_that_fills_the_day_ends_with_the_day_and_not_the_next_morning() -> None:
    assert OFFICE.add_working(at("2026-11-23T09:00"), 8 * 3600) == at("2026-11-23T18:00")


def test_zero_working_seconds_end_where_they_began() -> None:
    assert OFFICE.add_working(at("2026-11-22T03:00"), 0) == at("2026-11-22T03:00")


def test_working_time_cannot_be_taken_back() -> None:
    with pytest.raises(ValueError, match="taken back"):
        OFFICE.add_working(at("2026-11-23T09:00"), -1)


def test_ten_working_days_over_national_day_skip_the_holiday_and_use_the_swapped_saturday(cn: Calendar) -> None:
    assert cn.add_working(at("2026-09-30T09:00"), 80 * 3600) == at("2026-10-19T18:00")


def test_a_swapped_in_weekend_is_a_working_day_and_a_holiday_is_not(cn: Calendar) -> None:
    assert cn.working_between(at("2026-02-14T00:00"), at("2026-02-15T00:00")) == 8 * 3600
    assert cn.working_between(at("2026-02-15T00:00"), at("2026-02-24T00:00")) == 0
    assert cn.working_between(at("2027-02-05T00:00"), at("2027-02-11T00:00")) == 0


def test_a_shift_across_midnight_belongs_to_both_dates() -> None:
    assert NIGHT.working_between(at("2026-11-23T21:00"), at("2026-11-24T07:00")) == 8 * 3600
    assert NIGHT.add_working(at("2026-11-23T23:00"), 5 * 3600) == at("2026-11-24T04:00")
    # Friday's shift runs into Saturday, Saturday has none of its own.
    assert NIGHT.working_between(at("2026-11-28T00:00"), at("2026-11-30T00:00")) == 6 * 3600


def test_a_date_outside_the_calendar_is_refused() -> None:
    with pytest.raises(ValueError, match="not 2050"):
        OFFICE.add_working(at("2050-01-01T00:00"), 10)


@settings(max_examples=150, deadline=None)
@given(instants, spells)
def test_what_is_added_is_what_lies_between(start: datetime, seconds: float) -> None:
    end = OFFICE.add_working(start, seconds)
    assert end >= start
    assert OFFICE.working_between(start, end) == pytest.approx(seconds, abs=1e-3)


@settings(max_examples=150, deadline=None)
@given(instants, instants, instants)
def test_working_time_adds_up_and_never_exceeds_the_wall_clock(a: datetime, b: datetime, c: datetime) -> None:
    first, second, third = sorted((a, b, c))
    whole = OFFICE.working_between(first, third)
    assert whole == pytest.approx(OFFICE.working_between(first, second) + OFFICE.working_between(second, third))
    assert 0 <= whole <= (third - first).total_seconds() + 1e-6


@settings(max_examples=100, deadline=None)
@given(instants, spells, spells)
def test_adding_twice_is_adding_the_sum(start: datetime, one: float, other: float) -> None:
    twice = NIGHT.add_working(NIGHT.add_working(start, one), other)
    assert NIGHT.working_between(start, twice) == pytest.approx(one + other, abs=1e-3)


def test_a_faulty_calendar_names_every_fault() -> None:
    with pytest.raises(Invalid) as refused:
        parse_calendar(
            {
                "name": "x",
                "version": 1,
                "time_zone": "Mars/Olympus",
                "week": {"mon": ["9-to-5"]},
                "holidays": [{"date": "2026-13-01"}, {"date": "2026-01-01"}],
                "workdays": [{"date": "2026-01-01"}],
            }
        )
    assert {fault.field for fault in refused.value.fields} == {
        "week.mon",
        "holidays[0].date",
        "workdays",
        "time_zone",
        "week",
    }
