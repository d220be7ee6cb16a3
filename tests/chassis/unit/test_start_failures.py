"""What an operator can mend is told with what to do; what is our own fault keeps its traceback."""

import asyncpg
import pytest
from nats.errors import NoServersError
from pydantic import ValidationError

from chassis.settings import CommonSettings
from chassis.start_failures import explained


def test_missing_settings_are_named_and_values_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDRESS_SIGNING_KEY", "a secret that is no JSON")
    with pytest.raises(ValidationError) as wrong:
        CommonSettings()
    told = explained(wrong.value)
    assert told is not None
    assert "REDRESS_DSN: Field required" in told.why
    assert "REDRESS_SIGNING_KEY" in told.why
    assert "a secret" not in told.why


@pytest.mark.parametrize(
    ("error", "do"),
    [
        (asyncpg.InvalidPasswordError("x"), "REDRESS_MIGRATE_DSN"),
        (asyncpg.InvalidCatalogNameError("x"), "create it"),
        (asyncpg.LockNotAvailableError("x"), "pg_stat_activity"),
        (ConnectionRefusedError(111, "refused"), "reachable"),
        (OSError(98, "address already in use"), "ss -ltnp"),
        (OSError(97, "cannot listen on [::]:7080: Address family not supported by protocol"), "where IPv6 is off"),
        (NoServersError(), "REDRESS_NATS_URL"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_known_failure_says_what_to_do(error: BaseException, do: str) -> None:
    told = explained(error)
    assert told is not None
    assert do in told.do


def test_the_drivers_error_is_found_below_what_wraps_it() -> None:
    wrapper = RuntimeError("wrapped")
    wrapper.__cause__ = asyncpg.InsufficientPrivilegeError("x")
    told = explained(wrapper)
    assert told is not None
    assert "owns the tables" in told.do


@pytest.mark.parametrize("error", [KeyError("ours"), SystemExit(0), FileNotFoundError(2, "gone")])
def test_a_fault_of_our_own_is_not_explained_away(error: BaseException) -> None:
    assert explained(error) is None


def test_an_error_that_stands_among_its_own_causes_is_explained_once() -> None:
    first, second = ValueError("first"), RuntimeError("second")
    first.__context__, second.__context__ = second, first
    assert explained(first) is None
