"""settings.json in the data directory: what this stack's services are told instead of their defaults."""

import json
from collections.abc import Mapping
from pathlib import Path

from stack.errors import StackError
from stack.secret_file import write_private

_FILE = "settings.json"
_Settings = Mapping[str, Mapping[str, str]]


def own_settings(data_dir: Path) -> _Settings:
    """Service, or "*" for all -> REDRESS_ variable -> value. Raises StackError for a file that does not say so."""
    path = data_dir / _FILE
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {service: {name: str(value) for name, value in given.items()} for service, given in found.items()}
    except (ValueError, AttributeError) as error:
        example = '{"notify": {"REDRESS_SMTP_HOST": "mail.example"}}'
        raise StackError(f"{path} is not of the form {example}: {error}") from error


def write_own_settings(data_dir: Path, known: _Settings, service: str, name: str, value: str) -> None:
    changed = dict(known) | {service: dict(known.get(service, {})) | {name: value}}
    write_private(data_dir / _FILE, json.dumps(changed, indent=2))


def merged(below: _Settings, above: _Settings) -> _Settings:
    return {service: {**below.get(service, {}), **above.get(service, {})} for service in {*below, *above}}
