"""The Secret that the examples' script prints is the one the chart asks for."""

import base64
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from chassis.tokens import Signer
from tests.deploy.chart.release import CHART
from tests.deploy.chart.secrets_known import KEYS, SERVICES

_SCRIPT = CHART.parents[1] / "examples/new-secret.sh"
_BY_HAND = {"smtp-password", "intake-sealing-keys-retired", "objects-access-key-id", "objects-secret-access-key"}
_OF_OPERATORS = {"sys-nats-password"}


@pytest.fixture(scope="module")
def secret() -> Any:
    shell = shutil.which("sh")
    if shell is None or shutil.which("openssl") is None:
        pytest.skip("the script needs sh and openssl, which are not here")
    done = subprocess.run([shell, str(_SCRIPT), "mine"], capture_output=True, text=True, check=True)  # noqa: S603
    return yaml.safe_load(done.stdout)


def test_it_has_every_key_and_none_that_nobody_reads(secret: Any) -> None:
    assert secret["metadata"]["name"] == "mine"
    assert set(secret["data"]) == KEYS - _BY_HAND | _OF_OPERATORS


def test_services_sign_with_its_keys(secret: Any) -> None:
    keys = [base64.b64decode(secret["data"][f"{service}-signing-key"]).decode() for service in SERVICES]
    assert len(set(keys)) == len(SERVICES)
    for service, key in zip(SERVICES, keys, strict=True):
        assert Signer(service, key).for_service()


def test_no_password_is_a_number_to_nats_nor_the_same_as_another(secret: Any) -> None:
    passwords = [base64.b64decode(text).decode() for key, text in secret["data"].items() if key.endswith("password")]
    assert len(set(passwords)) == len(passwords)
    assert all(password[0].isalpha() and password.isalnum() for password in passwords)
