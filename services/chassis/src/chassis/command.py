"""One call in: `main("intake")`. The rooms have the same names in every service, so the name is all it takes.

What serves is imported only to serve: a migration starts in half the time, and there are six of them before a start.
"""

import argparse
import importlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path

from chassis import logs
from chassis.migrate import migrate
from chassis.settings import MigrateSettings


def main(name: str, arguments: Sequence[str] | None = None) -> None:
    """`serve [--only api|worker]` or `migrate`."""
    chosen = _parser(name).parse_args(arguments)
    if chosen.verb == "migrate":
        logs.configure(name, "migrate", "info")
        revision = migrate(package_dir(name), MigrateSettings())
        logs.get("migrate").info("schema is at head", revision=revision)
    else:
        _serve(name, chosen.only)


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {name}")
    verbs = parser.add_subparsers(dest="verb", required=True)
    serve = verbs.add_parser("serve", help="run the service until SIGTERM")
    serve.add_argument("--only", choices=("api", "worker"), help="only answer calls, or only relay and react")
    verbs.add_parser("migrate", help="bring the schema to head and make partitions ahead")
    return parser


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
