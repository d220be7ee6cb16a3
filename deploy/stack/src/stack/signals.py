import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_STOPPING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stop_requests() -> Iterator[threading.Event]:
    """While inside, SIGINT and SIGTERM only set the event: whoever works here looks at it and ends in order."""
    requested = threading.Event()
    with _handling(lambda *_: requested.set()):
        yield requested


@contextmanager
def undisturbed() -> Iterator[None]:
    """While inside, a second Ctrl-C changes nothing: stopping goes on to its end."""
    with _handling(lambda *_: None):
        yield


@contextmanager
def _handling(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # Python lets only the main thread set handlers
        yield
        return
    before = {number: signal.signal(number, handler) for number in _STOPPING}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)
