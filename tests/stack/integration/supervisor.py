"""A supervisor to be killed: `python supervisor.py <data dir> <fake service>` brings a stack up and tends it."""

import sys
from pathlib import Path

from stack.stack import Stack


def main() -> None:
    data_dir, fake_service = Path(sys.argv[1]), sys.argv[2]
    stack = Stack(
        data_dir,
        services=("intake",),
        fast=True,
        restart_crashed=True,
        command=lambda service, verb: [sys.executable, "-S", fake_service, service, verb],
    )
    with stack:
        print("up", flush=True)  # noqa: T201
        stack.run_until_signal()


if __name__ == "__main__":
    main()
