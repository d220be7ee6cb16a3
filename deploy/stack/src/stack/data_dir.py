import fcntl
import os
import time
from pathlib import Path
from typing import Self

from stack.errors import AlreadyRunning

_LOCK_NAME = "stack.lock"
_LOOK_SECONDS = 0.3


class DataDirLock:
    """One supervisor per data directory. The kernel lets go of the lock when its holder ends, however it ends."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / _LOCK_NAME
        self._fd: int | None = None

    def acquire(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        if not _locked(fd, within_seconds=_LOOK_SECONDS):
            holder = os.read(fd, 32).decode().strip() or "unknown"
            os.close(fd)
            raise AlreadyRunning(
                f"A stack already runs on {self._path.parent} (process {holder}): stop it first, or give this one "
                "another directory."
            )
        os.ftruncate(fd, 0)
        os.write(fd, f"{os.getpid()}\n".encode())
        self._fd = fd
        return self

    def release(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def _locked(fd: int, within_seconds: float) -> bool:
    """Tried for a moment: whoever looks if a stack runs (`is_locked`) holds the lock while looking."""
    deadline = time.monotonic() + within_seconds
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        else:
            return True


def is_locked(data_dir: Path) -> bool:
    try:
        fd = os.open(data_dir / _LOCK_NAME, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False
