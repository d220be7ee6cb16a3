"""Signatures, and who counts as the same customer."""

import hashlib

import pytest

from intake.domain.identity import customer_keys, masked
from intake.domain.signature import coded
from intake.domain.texts import is_catch_all


def digest(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()


def _coded(family: str = "Pump P7", code: str | None = "Leak", location: str | None = None, lot: str | None = None):  # type: ignore[no-untyped-def]
    return coded(product_family=family, defect_code=code, failure_location=location, lot=lot)


def test_a_signature_is_family_code_and_location() -> None:
    assert _coded(location="Shaft seal").signature == "pump p7|leak|shaft seal"


def test_the_lot_joins_the_signature_where_it_is_known_but_not_what_repeats_are_matched_by() -> None:
    codes = _coded(location="seal", lot="L-77")
    assert codes.signature == "pump p7|leak|seal|l-77"
    assert codes.base == "pump p7|leak|seal"
    assert codes.lot_key == "pump p7|l-77"


@pytest.mark.parametrize(
    "code", ["other", "Others", " OTHER. ", "其他", "其它问题", "n/a", "N/A", "-", "无", "", None, "misc"]
)
def test_a_catch_all_code_forms_no_signature(code: str | None) -> None:
    codes = _coded(code=code)
    assert (codes.cell, codes.base, codes.signature) == (None, None, None)


@pytest.mark.parametrize("code", ["异响", "leak", "otherworldly noise", "A12", "0"])
def test_a_real_code_is_no_catch_all(code: str) -> None:
    assert not is_catch_all(code)


def test_a_catch_all_location_counts_as_not_given() -> None:
    assert _coded(location="其他").signature == _coded(location=None).signature == "pump p7|leak|"


def test_width_case_and_blanks_do_not_tell_problems_apart() -> None:
    assert _coded("ＰＵＭＰ　Ｐ７", "LEAK").cell == _coded("pump  p7 ", "leak").cell


def test_a_separator_inside_a_name_cannot_forge_another_signature() -> None:
    assert _coded("a|b", "c").cell != _coded("a", "b|c").cell


def test_the_same_telephone_is_known_however_it_is_written() -> None:
    one = customer_keys(digest, ref=None, email=None, phone="+86 138-0013-8000")
    assert one == customer_keys(digest, ref=None, email=None, phone="0086 (138) 0013 8000")
    assert one != customer_keys(digest, ref=None, email=None, phone="+86 138-0013-8001")


def test_redacted_telephones_stay_equal_by_their_token() -> None:
    assert customer_keys(digest, ref=None, email=None, phone="[PHONE:ab12]") == customer_keys(
        digest, ref=None, email=None, phone="[PHONE:ab12]"
    )


def test_an_address_and_a_customer_number_of_the_same_text_are_two_keys() -> None:
    assert len(set(customer_keys(digest, ref="a@b.example", email="A@B.example", phone=None))) == 2


def test_keys_and_masks_tell_no_address() -> None:
    assert "ann" not in str(customer_keys(digest, ref=None, email="ann@firm.example", phone=None))
    assert masked("ann@firm.example") == "a***@f***"
    assert masked("13800138000") == "1***"
    assert masked(None) is None
