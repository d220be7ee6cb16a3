"""What an error quotes may be somebody's name: logs and dead letters keep what it says, not what it was given."""

import io
import json
from collections.abc import Iterator

import asyncpg
import pytest
import structlog

from chassis import logs
from chassis.logs import without_values


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is logged as services do it, whatever stdout other tests have left."""
    told = io.StringIO()
    logs.configure("intake", "0", "info")
    structlog.configure(**structlog.get_config() | {"logger_factory": structlog.PrintLoggerFactory(told)})
    yield told
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def refused_row() -> asyncpg.PostgresError:
    error = asyncpg.CheckViolationError('new row for relation "tasks" violates check constraint "tasks_state"')
    error.detail = "Failing row contains (张伟, 13800001111)."
    return error


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (str(refused_row()), 'new row for relation "tasks" violates check constraint "tasks_state"'),
        ("invalid input for query argument $3: '张伟' (expected int)", "invalid input for query argument $3"),
        ('invalid input syntax for type uuid: "张伟"', "invalid input syntax for type uuid"),
        ("a NUL \x00 is no text", "a NUL ? is no text"),
        ("", ""),
    ],
)
def test_an_error_is_told_without_the_values_it_quotes(said: str, kept: str) -> None:
    assert without_values(said) == kept


def test_a_traceback_names_no_row(written: io.StringIO) -> None:
    try:
        try:
            raise refused_row()
        except asyncpg.PostgresError as error:
            raise ExceptionGroup("both", [error, ValueError("plain")]) from error
    except ExceptionGroup:
        structlog.get_logger(room="test").error("reaction failed", exc_info=True)
    (line,) = written.getvalue().splitlines()
    assert "tasks_state" in line
    assert "张伟" not in line
    assert json.loads(line)["exception"][0]["exc_type"] == "ExceptionGroup"
