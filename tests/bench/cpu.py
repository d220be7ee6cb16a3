"""CPU time by part: every service, PostgreSQL with its backends, NATS, the mail sink; and of the whole machine."""

import os
from collections.abc import Mapping
from pathlib import Path

from stack.proc import cpu_seconds
from stack.stack import Stack

CpuSeconds = Mapping[str, float]


def cpu_by_part(stack: Stack) -> CpuSeconds:
    """User and system time since each part was started."""
    return {part.process.name: cpu_seconds([part.process.pid]) for part in stack.parts if part.process.pid}


def spent(before: CpuSeconds, after: CpuSeconds) -> CpuSeconds:
    """Most expensive first."""
    return dict(sorted(((name, after[name] - before[name]) for name in before), key=lambda item: -item[1]))


def machine_busy_seconds() -> float:
    """CPU time of everything that runs on this machine, and what its host took away (steal), since it was started."""
    return busy_seconds(Path("/proc/stat").read_text().splitlines()[0], os.sysconf("SC_CLK_TCK"))


def busy_seconds(cpu_line: str, ticks_per_second: int) -> float:
    """From the first line of /proc/stat: user nice system idle iowait irq softirq steal, see proc(5)."""
    user, nice, system, _, _, irq, softirq, steal = map(int, cpu_line.split()[1:9])
    return (user + nice + system + irq + softirq + steal) / ticks_per_second
