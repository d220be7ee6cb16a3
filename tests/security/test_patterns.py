"""No text makes a pattern run for ever: each of these held up an event loop for minutes before it was mended."""

import time
from collections.abc import Callable

import msgspec
import pytest

from chassis.errors import Invalid
from gateway.routes import complaint_body
from gateway.routes.decoding import decoded
from intake.domain.mail import parts, reading
from intake.domain.validation import is_email, phone_faults
from notify.domain.address import without_address

LONG = 100_000
# A linear pattern needs milliseconds; the quadratic ones needed more than eight seconds.
AT_MOST_S = 2.0


def unknown_field() -> None:
    name = " - at `$" * (LONG // 8)
    with pytest.raises(Invalid) as refused:
        decoded(msgspec.json.encode({name: 1}), complaint_body.decode)
    assert len(refused.value.fields[0].field) <= 401


@pytest.mark.parametrize(
    "work",
    [
        unknown_field,
        lambda: list(phone_faults("customer_phone", "1" * LONG + "q")),
        lambda: is_email("a@" + "a." * LONG + "_"),
        lambda: without_address("a" * LONG, "someone@example.com"),
        lambda: without_address("a@" * LONG, "someone@example.com"),
        lambda: parts._TRAILING.sub("\n", " " * LONG + "x"),
        lambda: reading._ADDRESS.findall("a" * LONG),
        lambda: reading._ADDRESS.findall("a@" * LONG),
    ],
)
def test_a_long_text_is_read_in_time(work: Callable[[], object]) -> None:
    begun = time.perf_counter()
    work()
    assert time.perf_counter() - begun < AT_MOST_S


def test_the_patterns_still_find_what_they_are_for() -> None:
    assert parts._TRAILING.sub("\n", "a  \n b\u3000\t\n") == "a\n b\n"
    assert reading._ADDRESS.findall("Ada <ada@example.com>, bob@example.org; x@@y") == [
        "ada@example.com",
        "bob@example.org",
    ]
    assert "ada" not in without_address("550 5.1.1 <ada@example.com> unknown, told ada@example.com", "ada@example.com")
    assert not list(phone_faults("customer_phone", "+49 171 5550199"))
