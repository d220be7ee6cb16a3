"""CPU time by part: every service, PostgreSQL with its backends, NATS, the mail sink."""

from collections.abc import Mapping

from stack.proc import cpu_seconds
from stack.stack import Stack

CpuSeconds = Mapping[str, float]


def cpu_by_part(stack: Stack) -> CpuSeconds:
    """User and system time since each part was started."""
    return {part.process.name: cpu_seconds([part.process.pid]) for part in stack.parts if part.process.pid}


def spent(before: CpuSeconds, after: CpuSeconds) -> CpuSeconds:
    """Most expensive first."""
    return dict(sorted(((name, after[name] - before[name]) for name in before), key=lambda item: -item[1]))
