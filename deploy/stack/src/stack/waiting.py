import time
from collections.abc import Callable
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from stack.errors import PartFailed
from stack.process import ManagedProcess


def wait_ready(process: ManagedProcess, ready: Callable[[], bool], timeout_seconds: float) -> None:
    """Returns when `ready()`; raises PartFailed with the end of the log when the process dies or the time is over."""
    deadline = time.monotonic() + timeout_seconds
    while not ready():
        if not process.alive:
            raise PartFailed(process.name, f"ended with code {process.returncode}", process.log_tail())
        if time.monotonic() > deadline:
            raise PartFailed(process.name, f"was not ready after {timeout_seconds:g} s", process.log_tail())
        time.sleep(0.05)


def answers_ok(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as reply:
            return bool(reply.status == 200)
    except (URLError, HTTPException, OSError):
        return False


def complaint_of(url: str, timeout_seconds: float = 0.5) -> str:
    """What an answer with an error status says; empty for a good answer and for none."""
    try:
        urlopen(url, timeout=timeout_seconds).close()
    except HTTPError as error:
        return error.read(4096).decode(errors="replace")
    except (URLError, HTTPException, OSError):
        return ""
    return ""
