"""What /proc tells about a process and those it started. Linux only, like the death signal."""

import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# Fields of /proc/<pid>/stat counted from the one after the name, which itself may hold spaces and brackets.
_STATE, _PPID, _CPU_TIMES = 0, 1, slice(11, 15)


def _stat(pid: int) -> list[str]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text[text.rindex(")") + 2 :].split()


def is_alive(pid: int) -> bool:
    fields = _stat(pid)
    return bool(fields) and fields[_STATE] not in "ZX"


def descendants(pid: int) -> list[int]:
    children = defaultdict[int, list[int]](list)
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (fields := _stat(int(entry))):
            children[int(fields[_PPID])].append(int(entry))
    found: list[int] = []
    waiting = [pid]
    while waiting:
        below = children[waiting.pop()]
        found += below
        waiting += below
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """CPU time (user and system) of the processes, of all they started, and of those of them that ended and were
    reaped, in seconds. A process named twice, or below another named one, counts once."""
    tree = {found for pid in pids for found in (pid, *descendants(pid))}
    ticks = sum(int(field) for pid in tree for field in _stat(pid)[_CPU_TIMES])
    return ticks / _TICKS_PER_SECOND
