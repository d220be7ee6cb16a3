"""The generator's process, as the bench gives it orders."""

import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from stack.proc import cpu_seconds
from tests.bench.generator import Order, Outcome

_ROOT = Path(__file__).resolve().parents[2]


class GeneratorProcess:
    def __init__(self, host: str, port: int, key: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - argv is ours
            [sys.executable, "-m", "tests.bench.generator", host, str(port)],
            cwd=_ROOT,
            env={**os.environ, "REDRESS_KEY": key},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def carry_out(self, order: Order) -> Outcome:
        """Blocks until it is done. Raises RuntimeError when the generator died; it has said why on stderr."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(msgspec.json.encode(order).decode() + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the load generator died")
        return msgspec.json.decode(line, type=Outcome)

    @property
    def cpu_seconds(self) -> float:
        return cpu_seconds([self._process.pid])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()
