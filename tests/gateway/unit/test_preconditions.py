import pytest

from chassis.errors import Invalid, StaleVersion
from gateway.edge.preconditions import ANY_VERSION, etag, idempotency_key, if_version
from gateway.edge.refusals import MalformedHeader, PreconditionRequired


def test_an_etag_names_the_version_it_was_made_from() -> None:
    assert if_version(etag(7), required=True) == 7


@pytest.mark.parametrize("header", [None, "", "*"])
def test_a_change_that_needs_a_version_says_so(header: str | None) -> None:
    with pytest.raises(PreconditionRequired):
        if_version(header, required=True)


@pytest.mark.parametrize("header", [None, "*"])
def test_where_none_is_needed_any_version_will_do(header: str | None) -> None:
    assert if_version(header, required=False) == ANY_VERSION


@pytest.mark.parametrize("header", ['W/"7"', '"abc"', '"0"', '"-1"', '"99999999999999999999"', '""'])
def test_a_tag_that_we_never_gave_matches_nothing(header: str) -> None:
    with pytest.raises(StaleVersion):
        if_version(header, required=True)


@pytest.mark.parametrize("header", ["7", '"7", "8"', '"7', "seven"])
def test_what_is_no_single_tag_is_malformed(header: str) -> None:
    with pytest.raises(MalformedHeader):
        if_version(header, required=False)


@pytest.mark.parametrize("header", ["", "with blank", "ключ", "x" * 201, "tab\there"])
def test_a_key_that_cannot_be_kept_is_refused_by_name(header: str) -> None:
    with pytest.raises(Invalid) as refused:
        idempotency_key(header)
    assert refused.value.fields[0].field == "Idempotency-Key"


def test_a_usual_key_passes() -> None:
    assert idempotency_key("0192f1c5-7b1e-7c3a-9a5b-3f0d5f1f2a11") is not None
    assert idempotency_key(None) is None
