"""What a service is told about its servers: passwords apart, several addresses, keys as PEM; wrong ones are named."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pydantic import ValidationError

from chassis.dsn import completed
from chassis.settings import CommonSettings, MigrateSettings
from chassis.signing_keys import private_key, public_key
from chassis.start_failures import explained
from stack.keys import new_signing_key

NEEDED = {
    "REDRESS_DSN": "postgresql://intake@db:5432/redress_intake",
    "REDRESS_NATS_URL": "nats://nats:4222",
    "REDRESS_SIGNING_KEY": new_signing_key(),
    "REDRESS_TRUSTED_ISSUERS": "{}",
}


def read(monkeypatch: pytest.MonkeyPatch, **given: str) -> CommonSettings:
    for name, value in (NEEDED | {f"REDRESS_{name.upper()}": value for name, value in given.items()}).items():
        monkeypatch.setenv(name, value)
    return CommonSettings()


def pem(key: Any) -> str:
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def public_pem(key: Any) -> str:
    return str(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


@pytest.mark.parametrize(
    ("dsn", "password", "found"),
    [
        ("postgresql://a@h/d", "s3cret", "postgresql://a:s3cret@h/d"),
        ("postgresql://a@h/d", "p@ss/w:rd", "postgresql://a:p%40ss%2Fw%3Ard@h/d"),
        ("postgresql://a:own@h/d", "s3cret", "postgresql://a:own@h/d"),
        ("postgresql://a@h1:1,h2:2/d?target_session_attrs=primary", "s", "postgresql://a:s@h1:1,h2:2/d?target_session_attrs=primary"),
        ("postgresql://a@[::1]:5432/d?sslmode=require", "", "postgresql://a@[::1]:5432/d?sslmode=require"),
        ("postgresql://a@h/d?password=own", "s3cret", "postgresql://a@h/d?password=own"),
    ],
)  # fmt: skip
def test_a_password_goes_into_an_address_that_names_none(dsn: str, password: str, found: str) -> None:
    assert completed(dsn, password) == found


@pytest.mark.parametrize("suffix", ["?sslmode=verify-full", "?sslmode=verify-ca&sslrootcert=system"])
def test_without_a_file_the_systems_authorities_are_who_may_sign(suffix: str) -> None:
    assert completed(f"postgresql://a@h/d{suffix}", "").endswith(".crt")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("dsn", "", "postgresql://user@host"),
        ("dsn", "mysql://a@h/d", "postgresql://user@host"),
        ("dsn", "postgresql://a@h/d?sslmode=full", "sslmode is one of"),
        ("dsn", "postgresql://a@h/d?sslmode=verify-full&sslrootcert=/no/where.crt", "No such file"),
        ("nats_url", "nats://a:4222,b:4222", "separated by commas"),
        ("nats_ca_file", "/no/where.crt", "No such file"),
        ("nats_creds_file", "/no/where.creds", "No such file"),
        ("nats_password", "alone", "REDRESS_NATS_USER"),
        ("signing_key", "no key", "JWK (JSON) or PEM"),
        ("next_keys", '[{"kty": "OKP"}]', "Ed25519 key"),
    ],
)
def test_a_wrong_setting_keeps_the_service_from_starting_and_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    with pytest.raises(ValidationError) as wrong:
        read(monkeypatch, **{name: value})
    told = explained(wrong.value)
    assert told is not None
    assert f"REDRESS_{name.upper()}" in told.why
    assert said in told.why


def test_a_file_that_holds_no_certificate_is_told_from_one_that_is_missing(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("nothing")
    with pytest.raises(ValueError, match="no certificate in PEM form"):
        completed(f"postgresql://a@h/d?sslmode=verify-full&sslrootcert={tmp_path}/ca.crt", "")


def test_no_secret_shows_in_what_is_printed_of_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, db_password="hidden-1", nats_user="u", nats_password="hidden-2")
    assert "hidden-1" in settings.dsn
    assert "hidden" not in repr(settings)
    monkeypatch.setenv("REDRESS_MIGRATE_DSN", "postgresql://owner@db/d")
    monkeypatch.setenv("REDRESS_MIGRATE_PASSWORD", "hidden-3")
    migrating = MigrateSettings()
    assert migrating.migrate_dsn == "postgresql://owner:hidden-3@db/d"
    assert "hidden" not in repr(migrating)


def test_a_wrong_value_of_a_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError) as wrong:
        read(monkeypatch, signing_key="hidden-key", dsn="hidden-dsn", nats_url="hidden-url")
    assert "hidden" not in str(wrong.value)


def test_a_signing_key_may_be_written_as_openssl_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    key = Ed25519PrivateKey.generate()
    settings = read(monkeypatch, signing_key=pem(key), next_keys=json.dumps([public_pem(key), public_jwk()]))
    assert private_key(settings.signing_key).kid == public_key(settings.next_keys[0]).kid


def public_jwk() -> dict[str, Any]:
    return dict(private_key(new_signing_key()).as_dict(private=False))


def test_a_key_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in (X25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())):
        with pytest.raises(ValidationError, match="Ed25519"):
            read(monkeypatch, signing_key=pem(key))
