import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.sealing import OVERHEAD_BYTES, CannotOpen, Sealer, key_of, new_key


@given(st.binary(max_size=500), st.text(max_size=40))
def test_what_is_sealed_opens_where_it_was_put(plain: bytes, about: str) -> None:
    sealer = Sealer(new_key())
    sealed = sealer.seal(plain, about=about)
    assert len(sealed) == len(plain) + OVERHEAD_BYTES
    assert sealer.open(sealed, about=about) == plain


def test_a_sealed_value_does_not_open_in_another_place() -> None:
    sealer = Sealer(new_key())
    with pytest.raises(CannotOpen):
        sealer.open(sealer.seal(b"secret", about="person/1"), about="person/2")


@pytest.mark.parametrize("at", [0, 5, 20, -1])
def test_a_changed_byte_is_noticed(at: int) -> None:
    sealer = Sealer(new_key())
    sealed = bytearray(sealer.seal(b"secret", about="person/1"))
    sealed[at] ^= 1
    with pytest.raises(CannotOpen):
        sealer.open(bytes(sealed), about="person/1")


@pytest.mark.parametrize("sealed", [b"", b"abc", b"x" * 20])
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(CannotOpen):
        Sealer(new_key()).open(sealed, about="person/1")


def test_the_same_value_never_looks_the_same_twice() -> None:
    sealer = Sealer(new_key())
    assert sealer.seal(b"secret", about="x") != sealer.seal(b"secret", about="x")


def test_a_retired_key_still_opens_and_no_longer_seals() -> None:
    old, new = new_key(), new_key()
    sealed = Sealer(old).seal(b"secret", about="x")
    rotated = Sealer(new, [old])
    assert rotated.open(sealed, about="x") == b"secret"
    assert not rotated.is_current(sealed)
    assert rotated.is_current(rotated.seal(b"secret", about="x"))
    with pytest.raises(CannotOpen, match="retired"):
        Sealer(new).open(sealed, about="x")


def test_digests_stay_when_the_sealing_key_changes() -> None:
    index, old, new = new_key(), Sealer(new_key()), Sealer(new_key())
    for sealer in (old, new):
        sealer.use_index_key(index)
    assert old.digest("email", "ann@example.com") == new.digest("email", "ann@example.com")
    assert old.digest("email", "ann@example.com") != old.digest("phone", "ann@example.com")
    assert old.derived("terms") == new.derived("terms") != new.derived("others")


def test_without_the_index_key_nothing_is_digested() -> None:
    with pytest.raises(CannotOpen):
        Sealer(new_key()).digest("email", "ann@example.com")


@pytest.mark.parametrize("text", ["", "no key", base64.b64encode(b"short").decode(), "ä" * 44])
def test_a_key_that_cannot_be_used_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ValueError, match="base64 of 32 random bytes") as refused:
        key_of(text)
    assert not text or text not in str(refused.value)


def test_a_key_is_read_as_openssl_writes_it() -> None:
    key = new_key()
    assert key_of(base64.b64encode(key).decode() + "\n") == key
