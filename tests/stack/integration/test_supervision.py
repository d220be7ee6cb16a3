"""What happens to the children when their supervisor is killed, signalled, or started twice."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stack.errors import AlreadyRunning, NotRunning
from stack.proc import descendants, is_alive
from stack.record import StackRecord, running_stack
from stack.stack import Stack

_HERE = Path(__file__)
_FAKE_SERVICE = _HERE.parents[1] / "fake_service.py"
Supervise = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all tests here: every one leaves it as a killed or stopped supervisor does."""
    return tmp_path_factory.mktemp("supervised")


@pytest.fixture
def supervise(data_dir: Path) -> Iterator[Supervise]:
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        argv = [sys.executable, str(_HERE.with_name("supervisor.py")), str(data_dir), str(_FAKE_SERVICE)]
        started.append(subprocess.Popen(argv, stdout=subprocess.PIPE, text=True))  # noqa: S603 - argv is ours
        assert started[-1].stdout
        assert started[-1].stdout.readline() == "up\n"
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()


def _wait(done: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _pid(record: StackRecord, name: str) -> int:
    return record.pids[name] or 0


def test_a_killed_supervisor_leaves_no_orphans_and_can_be_followed(data_dir: Path, supervise: Supervise) -> None:
    first = supervise()
    children = descendants(first.pid)
    assert len(children) > 4  # four parts and PostgreSQL's own processes
    first.kill()
    _wait(lambda: not any(map(is_alive, children)))
    with pytest.raises(NotRunning):
        running_stack(data_dir)
    supervise()
    assert set(running_stack(data_dir).pids) == {"postgres", "nats", "mail-sink", "intake-0"}


def test_a_paused_postgres_that_outlived_its_supervisor_is_ended_by_the_next(
    data_dir: Path, supervise: Supervise
) -> None:
    first = supervise()
    orphan = _pid(running_stack(data_dir), "postgres")
    os.kill(orphan, signal.SIGSTOP)
    first.kill()
    first.wait()
    assert is_alive(orphan)
    supervise()
    assert not is_alive(orphan)


def test_a_crashed_service_is_started_again_and_a_signal_stops_all(data_dir: Path, supervise: Supervise) -> None:
    supervisor = supervise()
    before = running_stack(data_dir)
    os.kill(_pid(before, "intake-0"), signal.SIGKILL)
    _wait(lambda: running_stack(data_dir).pids["intake-0"] != before.pids["intake-0"])
    children = descendants(supervisor.pid)
    supervisor.send_signal(signal.SIGINT)
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(20) == 0
    assert not any(map(is_alive, children))


def test_a_second_stack_on_the_same_directory_is_refused(data_dir: Path, supervise: Supervise) -> None:
    supervisor = supervise()
    with pytest.raises(AlreadyRunning, match=f"already runs on .*process {supervisor.pid}"):
        Stack(data_dir).start()
    assert running_stack(data_dir).supervisor_pid == supervisor.pid
