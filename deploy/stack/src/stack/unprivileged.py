"""PostgreSQL refuses to run as root. As root it runs in a user namespace of its own, where it is user 1000: that
needs no system user, works below directories only root may enter, and keeps the death signal. Containers often
forbid namespaces: there it runs as user 1000 and keeps the one right of root it needs, to pass such directories."""

import os
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from signal import Signals

from stack.errors import PartMissing

_USER = 1000
_NAMESPACE = ("unshare", "--user", f"--map-user={_USER}", f"--map-group={_USER}")
_OTHER_USER = (
    *("setpriv", f"--reuid={_USER}", f"--regid={_USER}", "--clear-groups"),
    *("--inh-caps=+dac_override", "--ambient-caps=+dac_override"),
)


def unprivileged(argv: Sequence[str], death_signal: Signals) -> list[str]:
    """The command as anyone but root may run it."""
    if os.geteuid() != 0:
        return list(argv)
    if _works(_NAMESPACE):
        return [*_NAMESPACE, *argv]
    if _works(_OTHER_USER):
        # The kernel forgets the death signal when the user changes, so setpriv sets it again.
        return [*_OTHER_USER, "--pdeathsig", death_signal.name.removeprefix("SIG"), *argv]
    raise PartMissing("PostgreSQL may not run as root, and nothing here can change that: run as another user")


def lend(directory: Path) -> None:
    """Makes the directory and what is in it belong to the user that `unprivileged` commands run as."""
    if os.geteuid() != 0 or _works(_NAMESPACE):
        return
    for path in (directory, *directory.rglob("*")):
        os.chown(path, _USER, _USER, follow_symlinks=False)


@cache
def _works(prefix: Sequence[str]) -> bool:
    try:
        return subprocess.run([*prefix, "true"], capture_output=True).returncode == 0  # noqa: S603 - argv is ours
    except FileNotFoundError:
        return False
