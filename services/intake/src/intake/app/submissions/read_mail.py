"""Reading a mail beside the event loop: a large one takes seconds, and ten times its size while it is read."""

import asyncio

from intake.domain.mail.mail import Mail
from intake.domain.mail.reading import read

_SMALL_BYTES = 64 * 1024
_ONE_LARGE_AT_A_TIME = asyncio.Semaphore(1)


async def read_mail(raw: bytes) -> Mail:
    """Never raises. Large mails wait for each other, and nobody else waits for them."""
    if len(raw) <= _SMALL_BYTES:
        return read(raw)
    async with _ONE_LARGE_AT_A_TIME:
        return await asyncio.to_thread(read, raw)
