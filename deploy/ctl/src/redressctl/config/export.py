"""Writes what is published into files; a file that says the same already keeps its comments and its name."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from redressctl.api import Api
from redressctl.config.diff import ordered_like
from redressctl.config.files import DefinitionFile, read_directory
from redressctl.config.yaml_text import dump


async def export(api: Api, directory: Path, overwrite: bool) -> Iterator[tuple[Path, str]]:
    """(file, written | unchanged | differs) of every definition, by kind and name; `differs` was left as it is."""
    known = _known(directory)
    done = []
    for one in sorted((await api.get("/v1/definitions"))["items"], key=lambda one: (one["kind"], one["name"])):
        found = await api.get(f"/v1/definitions/{one['kind']}/{one['name']}")
        done.append(_kept(found, known.get((one["kind"], one["name"])), directory, overwrite))
    return iter(done)


def _known(directory: Path) -> dict[tuple[str, str], DefinitionFile]:
    directory.mkdir(parents=True, exist_ok=True)
    return {file.key: file for file in read_directory(directory)}


def _kept(
    definition: dict[str, Any], file: DefinitionFile | None, directory: Path, overwrite: bool
) -> tuple[Path, str]:
    path = file.path if file else directory / f"{definition['kind']}.{definition['name']}.yaml"
    if file is not None and file.document == definition["document"]:
        return path, "unchanged"
    if path.exists() and not overwrite:
        return path, "differs"
    head = {"kind": definition["kind"], "name": definition["name"]}
    document = ordered_like(definition["document"], file.document if file else None)
    path.write_text(dump(head | document), "utf-8")
    return path, "written"
