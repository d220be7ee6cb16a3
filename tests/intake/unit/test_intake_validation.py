"""What may be registered; every fault is named by its field."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from chassis.errors import Invalid
from intake.domain.complaint import Submission
from intake.domain.validation import checked

Given = Callable[..., Submission]


def faults(submission: Submission, now: datetime) -> set[str]:
    with pytest.raises(Invalid) as refused:
        checked(submission, now)
    return {fault.field for fault in refused.value.fields}


def test_a_complete_complaint_passes_with_its_defaults(given: Given, now: datetime) -> None:
    good = checked(given(media="", language=""), now)
    assert (good.t_received, good.t_aware, good.quantity, good.media, good.language) == (now, now, 1, "unknown", "en")


def test_the_language_left_open_is_that_of_the_description(given: Given, now: datetime) -> None:
    assert checked(given(language="", description="水泵漏水，已经两周"), now).language == "zh"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("channel", "pigeon"),
        ("channel", ""),
        ("language", "fr"),
        ("remedy_wanted", "revenge"),
        ("injury_or_fire", "maybe"),
        ("media", "YES"),
        ("description", ""),
        ("description", "   "),
        ("description", "n/a"),
        ("description", "无"),
        ("description", "x" * 20_001),
        ("description", "a\x00b"),
        ("product_family", ""),
        ("product_family", "---"),
        ("product_family", "p" * 101),
        ("customer_name", ""),
        ("customer_name", "test"),
        ("customer_email", "ann"),
        ("customer_email", "ann@firm"),
        ("customer_email", "ann@firm..example"),
        ("customer_email", "ann@firm.example\nBcc: x@y.example"),
        ("customer_email", "a b@firm.example"),
        ("customer_phone", "call me"),
        ("customer_phone", "12"),
        ("quantity", 0),
        ("quantity", -3),
        ("quantity", 10_000_001),
        ("external_id", "e" * 201),
        ("lot", "l" * 101),
    ],
)
def test_a_fault_is_named_by_its_field(given: Given, now: datetime, field: str, value: Any) -> None:
    assert faults(given(**{field: value}), now) == {field}


def test_all_faults_are_told_at_once(given: Given, now: datetime) -> None:
    assert faults(given(channel="?", description="", customer_email="nobody"), now) == {
        "channel",
        "description",
        "customer_email",
    }


@pytest.mark.parametrize("field", ["t_occurred", "t_received", "t_aware"])
def test_a_date_in_the_future_is_refused_beyond_a_small_skew(given: Given, now: datetime, field: str) -> None:
    checked(given(**{field: now + timedelta(minutes=4)}), now)
    assert field in faults(given(**{field: now + timedelta(minutes=6)}), now)


def test_an_event_after_its_receipt_is_refused(given: Given, now: datetime) -> None:
    received = now - timedelta(days=10)
    assert faults(given(t_received=received, t_occurred=received + timedelta(days=1)), now) == {"t_occurred"}


def test_a_customers_deadline_may_lie_ahead_but_not_before_the_receipt(given: Given, now: datetime) -> None:
    checked(given(customer_deadline=now + timedelta(days=9)), now)
    assert faults(given(customer_deadline=now - timedelta(days=9)), now) == {"customer_deadline"}


def test_only_a_historical_record_comes_closed(given: Given, now: datetime) -> None:
    earlier = now - timedelta(days=9)
    checked(given(historical=True, t_received=earlier, t_closed=now), now)
    assert faults(given(t_received=earlier, t_closed=now), now) == {"t_closed"}
    assert faults(given(historical=True, t_closed=earlier, t_received=now), now) == {"t_closed"}


@pytest.mark.parametrize("nothing", ["n/a", "-", "无", "NULL", "  ", "none"])
def test_a_placeholder_in_an_optional_field_is_nothing(given: Given, now: datetime, nothing: str) -> None:
    good = checked(given(lot=nothing, serial=nothing, external_id=nothing, customer_email=nothing), now)
    assert (good.lot, good.serial, good.external_id, good.customer_email) == (None, None, None, None)


def test_a_file_and_the_social_media_may_not_know_the_customer(given: Given, now: datetime) -> None:
    checked(given(channel="file", customer_name=""), now)
    checked(given(channel="social", customer_name=""), now)
    assert faults(given(channel="paper", customer_name=""), now) == {"customer_name"}


@pytest.mark.parametrize("address", ["ann@firm.example", "a.b+c@mail.firm.co.uk", "王@公司.中国", "x_y@a-b.example"])
def test_addresses_that_people_have_pass(given: Given, now: datetime, address: str) -> None:
    assert checked(given(customer_email=address), now).customer_email == address


@pytest.mark.parametrize("phone", ["+86 138 0013 8000", "(0571) 8888-1234", "13800138000", "[PHONE:ab12cd]"])
def test_telephones_that_people_have_pass(given: Given, now: datetime, phone: str) -> None:
    assert checked(given(customer_phone=phone), now).customer_phone == phone
