"""PostgreSQL refuses to run as root. As root it runs in a user namespace of its own, where it is user 1000: that
needs no system user, works below directories only root may enter, and keeps the death signal."""

import os
import subprocess
from collections.abc import Sequence
from functools import cache

from stack.errors import PartMissing

_UNSHARE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")


def unprivileged(argv: Sequence[str]) -> list[str]:
    """The command as anyone but root may run it."""
    if os.geteuid() != 0:
        return list(argv)
    if not _namespaces_allowed():
        raise PartMissing("PostgreSQL may not run as root and this machine allows no user namespaces: run as a user")
    return [*_UNSHARE, *argv]


@cache
def _namespaces_allowed() -> bool:
    try:
        return subprocess.run([*_UNSHARE, "true"], capture_output=True).returncode == 0  # noqa: S603 - argv is ours
    except FileNotFoundError:
        return False
