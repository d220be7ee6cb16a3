from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import IllegalTransition
from notify.domain.delivery import Answer, RetryPolicy, retry, settle

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
POLICY = RetryPolicy(
    max_attempts=4, base=timedelta(seconds=5), cap=timedelta(seconds=15), postponement=timedelta(seconds=7)
)


def test_an_accepted_mail_is_sent_and_waits_for_nothing() -> None:
    end = settle(1, Answer("accepted", "250 ok"), NOW, POLICY)
    assert (end.state, end.attempts, end.sent_at, end.next_attempt_at) == ("sent", 2, NOW, None)


def test_the_wait_doubles_with_every_temporary_refusal_up_to_the_cap() -> None:
    waits = [settle(tries, Answer("temporary", "451"), NOW, POLICY).next_attempt_at for tries in range(3)]
    assert waits == [NOW + timedelta(seconds=s) for s in (5, 10, 15)]


def test_the_last_temporary_refusal_is_the_end() -> None:
    end = settle(3, Answer("temporary", "451 later"), NOW, POLICY)
    assert (end.state, end.attempts, end.next_attempt_at, end.error) == ("failed", 4, None, "451 later")


def test_a_permanent_refusal_fails_at_once() -> None:
    end = settle(0, Answer("permanent", "550 unknown user"), NOW, POLICY)
    assert (end.state, end.attempts, end.error) == ("failed", 1, "550 unknown user")


@given(st.integers(min_value=0, max_value=10_000))
def test_a_postponed_delivery_never_fails_however_often(tries: int) -> None:
    end = settle(tries, Answer("postponed", "intake: unavailable"), NOW, POLICY)
    assert (end.state, end.attempts, end.next_attempt_at) == ("pending", tries, NOW + POLICY.postponement)


@given(st.integers(min_value=1, max_value=100_000))
def test_no_wait_is_longer_than_the_cap(tries: int) -> None:
    assert timedelta(0) < POLICY.delay(tries) <= POLICY.cap


def test_without_an_address_a_delivery_is_skipped() -> None:
    end = settle(0, Answer("no_address", "no address"), NOW, POLICY)
    assert (end.state, end.attempts, end.next_attempt_at) == ("skipped", 0, None)


@pytest.mark.parametrize("state", ["failed", "skipped"])
def test_a_given_up_delivery_can_be_tried_again_with_all_its_attempts(state: str) -> None:
    end = retry(state, NOW)
    assert (end.state, end.attempts, end.next_attempt_at) == ("pending", 0, NOW)


@pytest.mark.parametrize("state", ["pending", "sending", "sent"])
def test_what_is_under_way_or_done_is_not_tried_again(state: Any) -> None:
    with pytest.raises(IllegalTransition):
        retry(state, NOW)
