"""What the run tells while it goes on."""

import sys
import time
from collections.abc import Iterable

_BEGUN = time.monotonic()


def say(text: str) -> None:
    sys.stdout.write(f"[{time.monotonic() - _BEGUN:6.1f} s] {text}\n")
    sys.stdout.flush()


def show(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(f"           {line}\n")
    sys.stdout.flush()
