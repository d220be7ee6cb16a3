"""One container as a process: started, watched, told to end, killed."""

import asyncio
import json
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.deploy.double.store import Json

_LAUNCHER = Path(__file__).with_name("container.py")
_REPOSITORY = Path(__file__).resolve().parents[3]
_LOOK_EVERY_S = 0.05


@dataclass(frozen=True)
class Container:
    """What the manifest asks for, resolved."""

    image: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    volumes: Sequence[Json]
    user: int
    group: int
    read_only_root: bool
    directory: str = "/"


class Starter(Protocol):
    """How a container becomes a child process: signals to the child are signals to the container."""

    def argv(self, container: Container, name: str, folder: Path) -> list[str]: ...

    def environment(self, container: Container) -> dict[str, str]: ...

    def end(self, name: str) -> None:
        """What a killed child may have left."""


class InNamespaces:
    """By container.py, with the programs of this machine."""

    def argv(self, container: Container, name: str, folder: Path) -> list[str]:
        fields = ("argv", "volumes", "user", "group", "read_only_root", "directory")
        kept = [str(_REPOSITORY), sys.prefix, sys.base_prefix]
        spec = {field: getattr(container, field) for field in fields} | {"scratch": str(folder), "keep": kept}
        (folder / "spec.json").write_text(json.dumps(spec))
        return [sys.executable, "-I", "-S", str(_LAUNCHER), str(folder / "spec.json")]

    def environment(self, container: Container) -> dict[str, str]:
        return dict(container.environment)

    def end(self, name: str) -> None:
        """It dies with its first process."""


class ContainerProcess:
    def __init__(self, container: Container, starter: Starter, folder: Path, log_file: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._starter, self._name = starter, f"double-{uuid.uuid4().hex[:12]}"
        with log_file.open("ab") as log:
            # The launcher asks for its own death with the thread that starts it: that thread is the double's.
            self._process = subprocess.Popen(  # noqa: S603 - argv is ours
                starter.argv(container, self._name, folder),
                env=starter.environment(container),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        return self._process.poll()

    async def ended(self, within_s: float | None = None) -> int | None:
        """Its exit code; None when it is still there after `within_s`."""
        until = None if within_s is None else time.monotonic() + within_s
        while (code := self.exit_code) is None:
            if until is not None and time.monotonic() >= until:
                return None
            await asyncio.sleep(_LOOK_EVERY_S)
        return code

    def tell(self, number: signal.Signals) -> None:
        if self.exit_code is None:
            self._process.send_signal(number)

    def kill(self) -> None:
        self.tell(signal.SIGKILL)
        self._process.wait()
        self._starter.end(self._name)
