"""The definitions in a directory: one document per file, YAML or JSON, `kind` and `name` on top."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redress.definitions.v1.kinds import KINDS
from redressctl.config import yaml_text
from redressctl.config.errors import BadFiles
from redressctl.config.places import line_of

_ENDINGS = (".yaml", ".yml", ".json")
_LARGEST = 1_000_000


@dataclass(frozen=True)
class DefinitionFile:
    path: Path
    shown: str
    """The path as people know it."""
    kind: str
    name: str
    document: dict[str, Any]
    stated_version: int | None = None
    root: Any = field(default=None, repr=False)

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.name

    @property
    def opens_new_cases(self) -> bool:
        return self.kind == "process" and self.document.get("opens_new_cases") is True

    def at(self, path: str) -> str:
        """`file:line` of a field path."""
        return f"{self.shown}:{line_of(self.root, path)}" if self.root is not None else self.shown


def read_directory(directory: Path) -> list[DefinitionFile]:
    """By kind and name. Raises BadFiles naming every fault."""
    if not directory.is_dir():
        raise BadFiles([f"{directory} is no directory"])
    found: list[DefinitionFile] = []
    faults: list[str] = []
    for path in _paths(directory):
        shown = str(path.relative_to(directory))
        try:
            found.append(_read(path, shown))
        except yaml_text.Faulty as fault:
            faults.append(f"{shown}:{fault.line}: {fault}")
    faults += [*_twice(found), *_two_openers(found)]
    if faults:
        raise BadFiles(faults)
    return sorted(found, key=lambda file: file.key)


def _paths(directory: Path) -> Iterator[Path]:
    """A mounted ConfigMap has its files twice: behind links, and in a folder whose name begins with dots."""
    for path in sorted(directory.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(directory).parts)
        if not hidden and path.suffix in _ENDINGS and path.is_file():
            yield path


def _read(path: Path, shown: str) -> DefinitionFile:
    root, content = _parsed(path)
    if not isinstance(content, dict):
        raise yaml_text.Faulty(1, "is not an object with kind, name and a document")

    def fault(name: str, text: str) -> yaml_text.Faulty:
        return yaml_text.Faulty(line_of(root, name) if root is not None else 1, text)

    kind, name = content.pop("kind", None), content.pop("name", None)
    if kind not in KINDS:
        raise fault("kind", f"kind must be one of {', '.join(KINDS)}")
    if not isinstance(name, str) or not name:
        raise fault("name", "name must be a text")
    version = content.pop("version", None)
    if version is not None and (isinstance(version, bool) or not isinstance(version, int) or version < 1):
        raise fault("version", "version must be a number from 1 on; better leave it out, the owner gives it")
    return DefinitionFile(path, shown, kind, name, content, version, root)


def _parsed(path: Path) -> tuple[Any, Any]:
    """(nodes with their lines, plain values)."""
    if path.stat().st_size > _LARGEST:
        raise yaml_text.Faulty(1, f"is larger than {_LARGEST} bytes")
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise yaml_text.Faulty(1, "is not UTF-8") from error
    if path.suffix != ".json":
        root = yaml_text.nodes(text)
        return root, yaml_text.values(root) if root is not None else None
    try:
        return yaml_text.nodes(text.expandtabs(1)), json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise yaml_text.Faulty(error.lineno, f"is not JSON: {error.msg}") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise yaml_text.Faulty(1, f"one of {', '.join(found)} stands there a second time")
    return found


def _twice(files: Sequence[DefinitionFile]) -> Iterator[str]:
    first: dict[tuple[str, str], DefinitionFile] = {}
    for file in files:
        known = first.setdefault(file.key, file)
        if known is not file:
            yield f"{file.at('name')}: {file.kind} {file.name} stands in {known.shown}, too"


def _two_openers(files: Sequence[DefinitionFile]) -> Iterator[str]:
    openers = [file for file in files if file.opens_new_cases]
    for other in openers[1:]:
        yield f"{other.at('opens_new_cases')}: {openers[0].shown} opens new cases, too; one process does"
