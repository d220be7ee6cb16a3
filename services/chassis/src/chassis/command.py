"""One call in: `main("intake")`. The rooms have the same names in every service, so the name is all it takes.

What serves is imported only to serve: a migration starts in half the time, and there are six of them before a start.
"""

import argparse
import asyncio
import importlib
import importlib.util
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from chassis import logs
from chassis.migrate import migrate
from chassis.revisions import revisions_of
from chassis.settings import MigrateSettings, RecoverSettings

_SKIP_NUMBERS = 10_000


def main(name: str, arguments: Sequence[str] | None = None) -> None:
    """`serve [--only api|worker]`, `migrate` or `recover`. What an operator can mend is told without a traceback;
    exit code 2 then."""
    # Before gRPC is loaded: a child process (a spreadsheet's reader) begins a program of its own at once, and gRPC's
    # handlers of fork may abort it before that.
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
    # The first process of a container does not hear what it has no handler for; what serves soon sets its own.
    signal.signal(signal.SIGTERM, _end)
    chosen = _parser(name).parse_args(arguments)
    run: dict[str, Callable[[], None]] = {
        "migrate": lambda: _migrate(name),
        "recover": lambda: _recover(name, chosen.skip_numbers),
        "serve": lambda: _serve(name, chosen.only),
    }
    try:
        run[chosen.verb]()
    except Exception as error:
        from chassis.start_failures import explained

        known = explained(error)
        if known is None:
            raise
        logs.configure(name, chosen.verb, "info")
        logs.get("start").error(f"{name} cannot {chosen.verb}", why=known.why, do=known.do)
        sys.exit(2)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m {name}", epilog="Settings come from REDRESS_* variables: docs/settings.md names them all."
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    serve = verbs.add_parser("serve", help="run the service until SIGTERM")
    serve.add_argument("--only", choices=("api", "worker"), help="only answer calls, or only relay and react")
    verbs.add_parser("migrate", help="bring the schema to head and make partitions ahead")
    recover = verbs.add_parser(
        "recover", help="once after its database was put back from a backup, while the service is stopped"
    )
    recover.add_argument(
        "--skip-numbers",
        type=int,
        default=_SKIP_NUMBERS,
        help="more than were given out since the backup was taken (default %(default)s)",
    )
    return parser


def _migrate(name: str) -> None:
    logs.configure(name, "migrate", "info")
    revision = migrate(package_dir(name), MigrateSettings())
    if revisions_of(package_dir(name)).newer(revision):
        logs.get("migrate").warning("a later version has migrated: the schema was left as it is", revision=revision)
    else:
        logs.get("migrate").info("schema is at head", revision=revision)


def _recover(name: str, skip_numbers: int) -> None:
    from chassis.recover import recover

    logs.configure(name, "recover", "info")
    asyncio.run(recover(name, RecoverSettings(), skip_numbers))


def _serve(name: str, only: str | None) -> None:
    from chassis.service import Service, run

    settings = importlib.import_module(f"{name}.settings").Settings
    bootstrap = importlib.import_module(f"{name}.bootstrap").bootstrap
    run(Service(name=name, settings=settings, bootstrap=bootstrap), package_dir(name), only=only)


def package_dir(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent
