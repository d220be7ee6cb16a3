"""One container as a process: started, watched, told to end, killed."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LAUNCHER = Path(__file__).with_name("container.py")
_REPOSITORY = Path(__file__).resolve().parents[3]
_LOOK_EVERY_S = 0.05


@dataclass(frozen=True)
class Container:
    """What `container.py` is given, beside the environment."""

    argv: Sequence[str]
    environment: Mapping[str, str]
    volumes: Sequence[Mapping[str, object]]
    user: int
    group: int
    read_only_root: bool
    directory: str = "/"

    def spec(self, scratch: Path) -> str:
        kept = [str(_REPOSITORY), sys.prefix, sys.base_prefix]
        fields = {name: getattr(self, name) for name in ("argv", "volumes", "user", "group", "read_only_root")}
        return json.dumps(fields | {"directory": self.directory, "scratch": str(scratch), "keep": kept})


class ContainerProcess:
    def __init__(self, container: Container, folder: Path, log_file: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        spec = folder / "spec.json"
        spec.write_text(container.spec(folder))
        with log_file.open("ab") as log:
            # The launcher asks for its own death with the thread that starts it: that thread is the double's.
            self._process = subprocess.Popen(  # noqa: S603 - argv is ours
                [sys.executable, "-I", "-S", str(_LAUNCHER), str(spec)],
                env=dict(container.environment),
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
