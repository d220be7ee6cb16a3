"""What some faults need of the machine, and the reason why they are left out where it cannot be had."""

import os
import subprocess
import sys
from pathlib import Path

TMPFS, FAKETIME = "tmpfs", "faketime"
_PRIVATE = "REDRESS_CHAOS_PRIVATE_MOUNTS"
_LIBRARIES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib/faketime/libfaketimeMT.so.1")


def enter_private_mounts() -> None:
    """Runs this program again where its mounts are its own and end with it; returns where that is impossible."""
    if _PRIVATE in os.environ:
        return
    prefix = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    if _works([*prefix, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]):
        os.environ[_PRIVATE] = "1"
        os.execvp(prefix[0], [*prefix, sys.executable, "-m", "tests.chaos", *sys.argv[1:]])  # noqa: S606


def missing(need: str) -> str:
    """Why it cannot be had; empty where it can."""
    if need == TMPFS:
        return "" if _PRIVATE in os.environ else "neither root nor `unshare --map-root-user` may mount a tmpfs here"
    return "" if faketime_library() else "libfaketime is not installed (on Debian, as root: tools/debian.sh)"


def faketime_library() -> Path | None:
    found = (path for pattern in _LIBRARIES for path in Path("/").glob(pattern.removeprefix("/")))
    return next(found, None)


def _works(argv: list[str]) -> bool:
    try:
        return subprocess.run(argv, capture_output=True).returncode == 0  # noqa: S603 - argv is ours
    except FileNotFoundError:
        return False
