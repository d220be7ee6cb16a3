"""The company's certificate authority, and PostgreSQL behind TLS: the embedded one was built without."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from stack.ports import LOOPBACK
from tests.chassis.integration.authority import Shown
from tests.chassis.integration.tls_front import TlsFront

_OPENS_WITHIN_S = 10


@contextmanager
def encrypted(shown: Shown, port: int) -> Iterator[TlsFront]:
    """A front in a thread of its own, as long as it is needed."""
    front = TlsFront(shown, LOOPBACK, port)
    loop, opened, over = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def serve() -> None:
        async with front:
            opened.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), name="tls front")
    thread.start()
    try:
        assert opened.wait(_OPENS_WITHIN_S), "the TLS front did not open"
        yield front
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(_OPENS_WITHIN_S)
