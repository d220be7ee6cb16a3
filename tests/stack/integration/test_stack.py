import json
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest

from stack.errors import NotRunning, PartFailed
from stack.record import running_stack
from stack.stack import Stack
from stack.waiting import answers_ok

Command = Callable[[str, str], list[str]]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stack")


def test_what_is_stored_is_there_on_the_next_run(data_dir: Path, fake_command: Command) -> None:
    with Stack(data_dir, services=["intake"], fast=True, command=fake_command) as stack:
        key = stack.admin_key
        stack.postgres.databases.run("CREATE TABLE kept AS SELECT 42 AS answer;")
    with Stack(data_dir, services=["intake"], fast=True, command=fake_command) as stack:
        assert stack.admin_key == key
        assert stack.postgres.databases.run("SELECT answer FROM kept;") == "42"


def test_all_services_come_up_and_know_each_other(data_dir: Path, fake_command: Command) -> None:
    with Stack(data_dir, replicas={"intake": 2}, fast=True, command=fake_command) as stack:
        assert [part.name for part in stack.status() if part.alive] == [part.process.name for part in stack.parts]
        with urlopen(stack.ops_url("gateway"), timeout=5) as reply:
            told = json.loads(reply.read())
        assert told["REDRESS_INTAKE_TARGET"] == stack.grpc_target("intake")
        assert told["REDRESS_BOOTSTRAP_ADMIN_KEY"] == running_stack(data_dir).admin_key
        stack.service("intake", 1).stop()
        assert not answers_ok(stack.ops_url("intake", 1))
        stack.service("intake", 1).start()
        assert answers_ok(stack.ops_url("intake", 1))
    with pytest.raises(NotRunning):
        running_stack(data_dir)


@pytest.mark.parametrize("verb", ["migrate", "serve"])
def test_one_that_cannot_start_is_named_with_its_log_and_all_is_stopped(
    data_dir: Path, fake_command: Command, verb: str
) -> None:
    overrides = {"capa": {"REDRESS_FAIL": verb}}
    stack = Stack(data_dir, services=["intake", "capa"], fast=True, command=fake_command, env_overrides=overrides)
    with pytest.raises(PartFailed, match=f"(?s)capa.*ended with code 1.*capa cannot {verb} today"):
        stack.start()
    assert not any(part.alive for part in stack.status())
