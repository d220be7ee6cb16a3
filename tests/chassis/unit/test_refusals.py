"""What a refusal says reaches its caller, however much it had to say."""

import pytest

from chassis.errors import FieldError, Invalid
from chassis.rpc import fitting, refusal_of

LONG = "电" * 9_000


@pytest.mark.parametrize(
    ("fields", "possible"),
    [
        ([FieldError(f"columns.c{n}", "is unknown") for n in range(5_000)], []),
        ([FieldError(LONG, LONG)] * 3, [LONG] * 50),
        ([], [LONG] * 50),
        ([FieldError(LONG, LONG)], []),
    ],
)
def test_a_refusal_with_many_faults_still_fits_and_names_the_first(
    fields: list[FieldError], possible: list[str]
) -> None:
    refusal = fitting(refusal_of(Invalid("it does not fit", fields, possible=possible)))
    assert refusal.ByteSize() <= 5_000
    assert [each.field for each in refusal.fields[:1]] == [each.field[:200] for each in fields[:1]]
    assert refusal.detail == "it does not fit"


def test_a_short_refusal_stays_whole() -> None:
    told = refusal_of(Invalid("no", [FieldError("a", "is missing"), FieldError("b", "is wrong")], possible=["c"]))
    assert (
        fitting(refusal_of(Invalid("no", [FieldError("a", "is missing"), FieldError("b", "is wrong")], possible=["c"])))
        == told
    )
