"""docs/settings.md: every REDRESS_ variable of every service, from their Settings classes."""

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from chassis.provision_settings import ProvisionSettings
from chassis.settings import CommonSettings, MigrateSettings, RecoverSettings

_SERVICES = ("gateway", "intake", "workflow", "capa", "notify", "analytics")
_HEAD = """# Settings

Generated from the `Settings` classes. Each is an environment variable; lists and maps are JSON. **needed**: there is no
default, and the process says so when it is missing. 🔒: a secret, in no log and no error; keep it in a Secret, not in a
ConfigMap. A wrong value keeps the process from starting, with the variable's name and exit code 2.

The embedded stack sets what it must itself; a `settings.json` in its data directory adds to that:
`{"*": {"REDRESS_LOG_LEVEL": "debug"}, "notify": {"REDRESS_SMTP_HOST": "mail.example"}}`.
"""


def page(into: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    (into / "settings.md").write_text("\n".join(_lines()) + "\n")


def _lines() -> Iterator[str]:
    yield _HEAD
    yield from _table("Every service", CommonSettings, without=())
    for service in _SERVICES:
        settings = import_module(f"{service}.settings").Settings
        if own := [name for name in settings.model_fields if name not in CommonSettings.model_fields]:
            yield from _table(f"{service}, besides", settings, without=set(settings.model_fields) - set(own))
    yield from _table("`migrate` only", MigrateSettings, without=())
    yield from _table("`python -m chassis.provision` only", ProvisionSettings, without=())
    yield from _table("`recover` only (after a restore)", RecoverSettings, without=())


def _table(title: str, settings: type[BaseSettings], without: Any) -> Iterator[str]:
    yield from ("", f"## {title}", "", "| variable | default | what it is |", "|---|---|---|")
    for name, field in settings.model_fields.items():
        if name not in without:
            yield f"| `REDRESS_{name.upper()}`{_lock(field)} | {_default(field)} | {_meaning(field)} |"


def _lock(field: FieldInfo) -> str:
    return "" if field.repr else " 🔒"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**needed**"
    value = field.get_default(call_default_factory=True)
    return "empty" if value in ("", [], {}) else f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _meaning(field: FieldInfo) -> str:
    bounds = [str(one) for one in field.metadata if type(one).__name__ in ("Ge", "Gt", "Le", "Lt")]
    return " · ".join(part for part in (field.description or "", ", ".join(_bound(one) for one in bounds)) if part)


def _bound(text: str) -> str:
    """`Ge(ge=2)` as people write it."""
    kind, _, value = text.rstrip(")").partition("=")
    return {"Ge(ge": "≥ ", "Gt(gt": "> ", "Le(le": "≤ ", "Lt(lt": "< "}[kind] + value
