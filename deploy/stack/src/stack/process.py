import ctypes
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals

from stack.errors import PartFailed
from stack.proc import descendants

# Loaded before any fork: between fork and exec nothing may be imported or resolved.
_prctl = ctypes.CDLL(None, use_errno=True).prctl
_PR_SET_PDEATHSIG = 1


def die_with_parent(death_signal: Signals) -> Callable[[], None]:
    """For `preexec_fn`: the child gets `death_signal` when the thread that spawned it ends, however it ends."""
    parent = os.getpid()

    def arm() -> None:
        _prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # the parent died before the signal was armed, and will not die again
            os._exit(1)

    return arm


@dataclass
class ManagedProcess:
    """A child process with a log file, that does not outlive its supervisor.

    It runs in a session of its own, so that Ctrl-C at the terminal reaches the supervisor alone, which then
    stops its children in order.
    """

    name: str
    argv: Sequence[str]
    log_file: Path
    env: Mapping[str, str] | None = None
    death_signal: Signals = signal.SIGKILL
    stop_signal: Signals = signal.SIGTERM
    stop_timeout_seconds: float = 10.0
    wanted: bool = field(default=False, init=False)
    _popen: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)

    def start(self) -> None:
        """Must be called from the main thread: the death signal follows the thread that spawns."""
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError(f"{self.name} must be started from the main thread, or it dies with the thread")
        if self.alive:
            return
        self.wanted = True
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as log:
            self._popen = subprocess.Popen(  # noqa: S603 - argv is ours
                list(self.argv),
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(self.death_signal),
            )

    @property
    def pid(self) -> int | None:
        return self._popen.pid if self._popen else None

    @property
    def alive(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    @property
    def crashed(self) -> bool:
        return self.wanted and not self.alive

    @property
    def returncode(self) -> int | None:
        return self._popen.poll() if self._popen else None

    def wait(self, timeout_seconds: float | None = None) -> int:
        if self._popen is None:
            raise RuntimeError(f"{self.name} was never started")
        try:
            return self._popen.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            raise PartFailed(self.name, f"did not end within {timeout_seconds:g} s", self.log_tail()) from None

    def stop(self, grace_seconds: float | None = None) -> None:
        """Asks with the stop signal, and kills what is still there after the grace."""
        self.request_stop()
        if self._popen is None:
            return
        try:
            self._popen.wait(self.stop_timeout_seconds if grace_seconds is None else grace_seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def request_stop(self) -> None:
        """The first half of `stop`, so that several can wind down at the same time."""
        self.wanted = False
        self.signal(self.stop_signal)
        self.resume()  # a paused process would not see the signal

    def kill(self) -> None:
        """SIGKILL, as a crash. The process stays wanted: whoever restarts crashed ones restarts it."""
        self.signal(signal.SIGKILL)
        if self._popen:
            self._popen.wait()

    def pause(self) -> None:
        """SIGSTOP to it and all it started: it hangs, its connections stay open."""
        self.signal(signal.SIGSTOP)
        for pid in descendants(self.pid) if self.pid else ():
            _send(pid, signal.SIGSTOP)

    def resume(self) -> None:
        for pid in descendants(self.pid) if self.pid else ():
            _send(pid, signal.SIGCONT)
        self.signal(signal.SIGCONT)

    def signal(self, number: Signals) -> None:
        if self._popen and self.alive:
            self._popen.send_signal(number)

    def log_tail(self, lines: int = 20) -> str:
        return log_tail(self.log_file, lines)


def _send(pid: int, number: Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def log_tail(log_file: Path, lines: int = 20) -> str:
    if not log_file.exists():
        return ""
    with log_file.open("rb") as log:
        log.seek(max(0, log.seek(0, os.SEEK_END) - 16_384))
        return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
