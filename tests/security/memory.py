"""What a process holds in memory while something happens to it."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

_RSS = re.compile(r"^VmRSS:\s+(\d+) kB", re.MULTILINE)


def resident_mb(pid: int) -> float:
    found = _RSS.search(Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) / 1024


@dataclass
class Memory:
    before: float
    peak: float
    after: float = 0.0

    def __str__(self) -> str:
        return f"resident {self.before:.0f} MB before, {self.peak:.0f} at most, {self.after:.0f} after"

    @property
    def growth(self) -> float:
        return self.peak - self.before


@asynccontextmanager
async def watched(pid: int, every_s: float = 0.03) -> AsyncIterator[Memory]:
    memory = Memory(resident_mb(pid), resident_mb(pid))

    async def watch() -> None:
        while True:
            memory.peak = max(memory.peak, resident_mb(pid))
            await asyncio.sleep(every_s)

    watching = asyncio.create_task(watch())
    try:
        yield memory
    finally:
        watching.cancel()
        memory.after = resident_mb(pid)
        print(memory)  # noqa: T201 - shown by pytest when it fails, and with -s
