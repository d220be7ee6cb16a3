"""One installation for all security tests, with rates that do not stand in a fuzzer's way; and who calls it."""

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from chassis.ids import new_id
from stack.errors import StackError
from stack.stack import Stack

_MANY_PER_S = 5_000
# A stranger's calls share one address here: the limit per address is lifted, and tested where it stands.
_SETTINGS = {
    "gateway": {
        "REDRESS_REFUSED_PER_S": str(_MANY_PER_S),
        "REDRESS_HEADER_TIMEOUT_S": "3",
        "REDRESS_BODY_TIMEOUT_S": "3",
        "REDRESS_IMPORT_IDLE_TIMEOUT_S": "3",
    }
}


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A start that fails is tried once more on a fresh folder; its reason is shown as a warning, not hidden."""
    running = _new(tmp_path_factory.mktemp("stack"))
    try:
        running.start()
    except StackError as error:
        running.stop()
        warnings.warn(f"the stack did not come up at first: {error}", stacklevel=1)
        running = _new(tmp_path_factory.mktemp("stack"))
        running.start()
    yield running
    running.stop()


def _new(folder: Path) -> Stack:
    return Stack(folder, fast=True, env_overrides=_SETTINGS)


@pytest.fixture(scope="package")
def admin(stack: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.public_url, headers={"X-API-Key": stack.admin_key}, timeout=30) as client:
        yield client


@pytest.fixture(scope="package")
def key_of(admin: httpx.Client) -> Callable[..., str]:
    """`key_of("customer_service", rate_per_s=50)`: a fresh API key of that role."""

    def make(*roles: str, rate_per_s: float = _MANY_PER_S) -> str:
        body = {"name": f"security {new_id()[-8:]}", "roles": list(roles), "rate_per_s": rate_per_s}
        answer = admin.post("/v1/api-keys", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["key"])

    return make


@pytest.fixture(scope="package")
def clerk(stack: Stack, key_of: Callable[..., str]) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=stack.public_url, headers={"X-API-Key": key_of("customer_service")}, timeout=30
    ) as client:
        yield client
