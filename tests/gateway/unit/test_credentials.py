import json

import pytest

from chassis.errors import Unauthenticated
from chassis.tokens import Signer, generate_key
from gateway.adapters import api_keys
from gateway.adapters.access_tokens import AccessTokens
from gateway.adapters.ttl_cache import TtlCache
from gateway.app.sign_in import wait_after

PEPPER = "a pepper of some length"
JWK = json.dumps(generate_key())


def test_a_key_is_found_by_its_id_and_proven_by_its_keyed_hash() -> None:
    key_id, key = api_keys.new_key()
    kept = api_keys.secret_hash(PEPPER, key)
    assert key.startswith(f"rk_{key_id}_")
    assert api_keys.key_id_of(key) == key_id
    assert api_keys.matches(PEPPER, key, kept)


def test_another_secret_or_another_pepper_does_not_match() -> None:
    key_id, key = api_keys.new_key()
    kept = api_keys.secret_hash(PEPPER, key)
    assert not api_keys.matches(PEPPER, f"rk_{key_id}_{'x' * 43}", kept)
    assert not api_keys.matches("another pepper", key, kept)


@pytest.mark.parametrize("text", ["an operator's own choice", "rk_", "rk_UPPER_secretsecretsecret", "", "ключ"])
def test_what_is_not_of_our_shape_can_only_be_the_bootstrap_key(text: str) -> None:
    assert api_keys.key_id_of(text) == api_keys.BOOTSTRAP_ID


def test_an_access_token_names_its_person_until_it_expires() -> None:
    now = 1_000_000.0
    tokens = AccessTokens(JWK, 900, lambda: now)
    token = tokens.issue("p1")
    assert tokens.person_of(token) == "p1"
    now += 899
    assert tokens.person_of(token) == "p1"
    now += 1
    with pytest.raises(Unauthenticated):
        tokens.person_of(token)


def test_an_internal_token_opens_no_public_door() -> None:
    internal = Signer("gateway", JWK).sign("p1", roles=("admin",))
    with pytest.raises(Unauthenticated) as refused:
        AccessTokens(JWK, 900).person_of(internal)
    assert refused.value.slug == "wrong_audience"


@pytest.mark.parametrize("token", ["a.b.c", "..", "", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJwMSJ9."])
def test_what_is_no_token_of_ours_is_refused(token: str) -> None:
    with pytest.raises(Unauthenticated):
        AccessTokens(JWK, 900).person_of(token)


def test_a_token_signed_by_another_key_is_refused() -> None:
    foreign = AccessTokens(json.dumps(generate_key()), 900).issue("p1")
    with pytest.raises(Unauthenticated):
        AccessTokens(JWK, 900).person_of(foreign)


def test_waiting_doubles_after_the_free_attempts_up_to_a_quarter_of_an_hour() -> None:
    waits = [wait_after(failures, 5).total_seconds() for failures in (1, 4, 5, 6, 7, 60)]
    assert waits == [0, 0, 5, 10, 20, 900]


def test_an_answer_is_remembered_for_its_time_and_the_oldest_goes_first() -> None:
    now = 0.0
    cache = TtlCache[str, str](30, 2, lambda: now)
    cache.put("a", "1")
    now = 29.9
    assert cache.get("a") == "1"
    now = 30.0
    assert cache.get("a") is None
    for key in "bcd":
        cache.put(key, key)
    assert [cache.get(key) for key in "bcd"] == [None, "c", "d"]
