"""The environment a container would see, and the settings that its program makes of it."""

import atexit
import importlib
import os
import re
from collections.abc import Iterator
from functools import cache
from tempfile import NamedTemporaryFile
from typing import Any
from unittest.mock import patch

import certifi
from pydantic_settings import BaseSettings

from chassis.provision_settings import ProvisionSettings
from chassis.settings import MigrateSettings, RecoverSettings
from stack.keys import new_sealing_key, new_signing_key
from tests.deploy.chart.pods import Pod, Program
from tests.deploy.chart.release import Document, Release

PREFIX = "REDRESS_"
_AUTHORITIES = re.compile(r"/etc/(redress|ssl)/[^&,]*")
_FIELDS = {"metadata.name": "a-pod", "metadata.namespace": "a-namespace", "status.podIP": "10.0.0.9"}
_PASSWORD = "a-password-of-the-operators"


def settings_class(program: Program | None) -> type[BaseSettings]:
    """Raises KeyError for a program that no service has."""
    if program is None:
        raise KeyError("not a program of ours")
    if program.module == "chassis.provision":
        return ProvisionSettings
    if program.verb == "serve":
        return importlib.import_module(f"{program.module}.settings").Settings  # type: ignore[no-any-return]
    verbs: dict[str, type[BaseSettings]] = {"migrate": MigrateSettings, "recover": RecoverSettings}
    return verbs[program.verb]


def settings_of(environment: dict[str, str], program: Program | None) -> Any:
    """Raises pydantic.ValidationError where the program would not start."""
    return _settings(tuple(environment.items()), program)


@cache
def _settings(environment: tuple[tuple[str, str], ...], program: Program | None) -> Any:
    here = {name: _AUTHORITIES.sub(_an_authority(), value) for name, value in environment}
    with patch.dict(os.environ, here, clear=True):
        return settings_class(program)()


@cache
def _an_authority() -> str:
    """A file with one certificate: settings read the operator's at once, and it is not here."""
    first, end, _ = certifi.contents().partition("-----END CERTIFICATE-----")
    with NamedTemporaryFile("w", prefix="authority-", suffix=".crt", delete=False) as file:
        file.write(f"{first}{end}\n")
    atexit.register(os.unlink, file.name)
    return file.name


def environment(release: Release, pod: Pod, container: Document) -> dict[str, str]:
    """ConfigMaps of the release resolved, secrets of the operator's replaced by something of their kind."""
    found: dict[str, str] = {}
    for source in container.get("envFrom", []):
        config = release.find("ConfigMap", source.get("configMapRef", {}).get("name", ""))
        found |= {source.get("prefix", "") + key: value for key, value in ((config or {}).get("data") or {}).items()}
    for variable in container.get("env", []):
        found[variable["name"]] = _value(release, pod, variable)
    return found


def _value(release: Release, pod: Pod, variable: Document) -> str:
    source = variable.get("valueFrom")
    if source is None:
        return variable.get("value", "")  # type: ignore[no-any-return]
    if "fieldRef" in source:
        return _FIELDS[source["fieldRef"]["fieldPath"]]
    if "configMapKeyRef" in source:
        wanted = source["configMapKeyRef"]
        config = release.find("ConfigMap", wanted["name"])
        return "of-the-operators" if config is None else config["data"][wanted["key"]]
    return _secret(variable["name"])


@cache
def _secret(name: str) -> str:
    made = {f"{PREFIX}SIGNING_KEY": new_signing_key, f"{PREFIX}SEALING_KEY": new_sealing_key}
    if name == f"{PREFIX}SEALING_KEYS_RETIRED":
        return ""
    return made[name]() if name in made else _PASSWORD


def names(release: Release, container: Document) -> Iterator[str]:
    """Every variable by name, one given twice twice."""
    for source in container.get("envFrom", []):
        config = release.find("ConfigMap", source.get("configMapRef", {}).get("name", ""))
        yield from ((config or {}).get("data") or {})
    yield from (variable["name"] for variable in container.get("env", []))


def names_by_reference(container: Document) -> set[str]:
    return {e["name"] for e in container.get("env", []) if "secretKeyRef" in e.get("valueFrom", {})}


def known_names(settings: type[BaseSettings]) -> set[str]:
    return {PREFIX + name.upper() for name in settings.model_fields}


def required_names(settings: type[BaseSettings]) -> set[str]:
    return {PREFIX + name.upper() for name, field in settings.model_fields.items() if field.is_required()}


def secret_names(settings: type[BaseSettings]) -> set[str]:
    """What must never stand in a ConfigMap; addresses of servers may, they hold no password."""
    private = {name for name, field in settings.model_fields.items() if not field.repr}
    return {PREFIX + name.upper() for name in private if not name.endswith(("dsn", "_url"))}
