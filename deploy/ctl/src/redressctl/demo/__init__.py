"""`redressctl demo`: complaints go the whole way, driven through the public API as people of several roles would."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console

from redressctl.demo.script import file_of, play
from redressctl.target import Target, target_of

__all__ = ["play", "run", "run_on_own_stack"]


def run(
    target: Target, *, data: Path | None = None, mapping: Path | None = None, console: Console | None = None
) -> dict[str, Any]:
    """Plays the demo on a running installation and returns what it left behind; see `play`."""
    return asyncio.run(play(target, data=data, mapping=mapping, console=console))


def run_on_own_stack(
    *, data: Path | None = None, mapping: Path | None = None, console: Console | None = None
) -> dict[str, Any]:
    """The same on a fresh stack in a temporary folder, stopped and removed afterwards. To be called from the main
    thread, as every start of a stack."""
    from stack.stack import Stack

    file_of(data, mapping)  # a file that cannot be read is told before anything starts
    with tempfile.TemporaryDirectory(prefix="redress-demo-") as folder, Stack(Path(folder)) as stack:
        return run(target_of(stack.record(), Path(folder)), data=data, mapping=mapping, console=console)
