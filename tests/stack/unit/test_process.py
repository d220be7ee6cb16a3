import sys
import threading
import time
from pathlib import Path
from signal import Signals

import pytest

from stack.errors import PartFailed
from stack.proc import cpu_seconds
from stack.process import ManagedProcess
from stack.waiting import wait_ready


def _python(tmp_path: Path, code: str) -> ManagedProcess:
    return ManagedProcess("child", [sys.executable, "-S", "-u", "-c", code], tmp_path / "child.log")


def _wait_for(process: ManagedProcess, text: str) -> None:
    wait_ready(process, lambda: text in process.log_tail(), timeout_seconds=10)


_STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up'); time.sleep(60)"
_BUSY = (
    "import time; end = time.process_time() + 0.3\nwhile time.process_time() < end: pass\nprint('done')\ntime.sleep(60)"
)


def test_what_ignores_the_stop_signal_is_killed_after_the_grace(tmp_path: Path) -> None:
    process = _python(tmp_path, _STUBBORN)
    process.start()
    _wait_for(process, "up")
    process.stop(grace_seconds=0.2)
    assert process.returncode == -Signals.SIGKILL


def test_a_paused_process_can_still_be_stopped(tmp_path: Path) -> None:
    process = _python(tmp_path, "print('up'); import time; time.sleep(60)")
    process.start()
    _wait_for(process, "up")
    process.pause()
    process.stop(grace_seconds=5)
    assert process.returncode == -Signals.SIGTERM


def test_a_killed_process_counts_as_crashed_and_a_stopped_one_does_not(tmp_path: Path) -> None:
    process = _python(tmp_path, "import time; time.sleep(60)")
    process.start()
    process.kill()
    assert process.crashed
    process.start()
    process.stop()
    assert not process.crashed


def test_one_that_dies_at_once_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    process = _python(tmp_path, "raise SystemExit('no such database')")
    process.start()
    with pytest.raises(PartFailed, match=r"child ended with code 1.*\n.*no such database"):
        wait_ready(process, lambda: False, timeout_seconds=10)


def test_starting_from_a_thread_is_refused(tmp_path: Path) -> None:
    refusals: list[BaseException] = []

    def start() -> None:
        try:
            _python(tmp_path, "pass").start()
        except RuntimeError as refused:
            refusals.append(refused)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert "main thread" in str(refusals[0])


def test_cpu_time_of_children_and_of_the_departed_is_counted(tmp_path: Path) -> None:
    spawn_twice = f"import subprocess, sys; busy = {_BUSY!r}\n" + (
        "subprocess.run([sys.executable, '-S', '-c', busy.replace('60', '0')])\n"
        "subprocess.run([sys.executable, '-S', '-c', busy])"
    )
    process = _python(tmp_path, spawn_twice)
    process.start()
    deadline = time.monotonic() + 10
    while process.log_tail().count("done") < 1 or cpu_seconds([process.pid or 0]) < 0.55:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.stop()
