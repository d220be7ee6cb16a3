import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stack.nats import Nats
from stack.ports import free_port
from stack.postgres import Postgres
from stack.secret_file import SecretFile

FAKE_SERVICE = Path(__file__).with_name("fake_service.py")


def _fake_command(service: str, verb: str) -> list[str]:
    return [sys.executable, "-S", str(FAKE_SERVICE), service, verb]


@pytest.fixture(scope="session")
def fake_command() -> Callable[[str, str], list[str]]:
    return _fake_command


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    directory = tmp_path_factory.mktemp("postgres")
    server = Postgres(directory / "data", free_port(), SecretFile(directory / "secrets.json"), directory, fast=True)
    server.start()
    server.databases.close_common_doors()
    yield server
    server.stop()


@pytest.fixture
def nats(tmp_path: Path) -> Iterator[Nats]:
    server = Nats(tmp_path / "nats", free_port(), free_port(), SecretFile(tmp_path / "s.json"), tmp_path, fast=True)
    server.start()
    yield server
    server.stop()
