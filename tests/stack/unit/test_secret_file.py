import json
import stat
from pathlib import Path

from joserfc.jwk import OKPKey

from stack.keys import new_signing_key
from stack.secret_file import SecretFile


def test_secrets_are_made_once_and_kept_between_runs(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    made = SecretFile(path).get("nats.password")
    assert SecretFile(path).get("nats.password") == made
    assert SecretFile(path).get("postgres.intake") != made


def test_only_the_owner_may_read_the_secrets(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    SecretFile(path).get("nats.password")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_signing_key_is_a_private_ed25519_jwk_with_a_key_id() -> None:
    jwk = json.loads(new_signing_key())
    key = OKPKey.import_key(jwk)
    assert key.is_private
    assert (jwk["crv"], jwk["kid"]) == ("Ed25519", key.thumbprint())
