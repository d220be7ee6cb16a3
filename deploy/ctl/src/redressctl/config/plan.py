"""Asks the owners what publishing each file would do; nothing is published here."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from redressctl.api import Api, Json
from redressctl.config.diff import unified
from redressctl.config.files import DefinitionFile
from redressctl.errors import ApiProblem

_REFUSALS = frozenset({400, 404, 409, 413, 422})


@dataclass(frozen=True)
class Planned:
    """What would become of one file."""

    file: DefinitionFile
    version: int = 0
    next_version: int = 0
    changed: bool = True
    changes: Sequence[Json] = ()
    effects: Sequence[Json] = ()
    diff: str = ""
    faults: Sequence[str] = ()
    """Why it would be refused, with file and line."""
    waits_for: str = ""
    """A file of the same directory after which it can be decided."""

    @property
    def action(self) -> str:
        if self.faults:
            return "refused"
        if not self.changed:
            return "unchanged"
        return "update" if self.version else "create"


@dataclass(frozen=True)
class Plan:
    planned: Sequence[Planned]
    unlisted: Sequence[Json] = field(default_factory=list)
    """Published, not in the files: never deleted."""

    @property
    def changed(self) -> bool:
        return any(one.action in ("create", "update") for one in self.planned)

    @property
    def faults(self) -> list[str]:
        return [fault for one in self.planned for fault in one.faults]


async def make_plan(api: Api, files: Sequence[DefinitionFile]) -> Plan:
    published = (await api.get("/v1/definitions"))["items"]
    planned = await asyncio.gather(*(_planned(api, file, files) for file in files))
    listed = {file.key for file in files}
    return Plan(planned, [one for one in published if (one["kind"], one["name"]) not in listed])


async def _planned(api: Api, file: DefinitionFile, files: Sequence[DefinitionFile]) -> Planned:
    path = f"/v1/definitions/{file.kind}/{file.name}"
    try:
        plan = await api.post(f"{path}/plan", {"document": file.document})
    except ApiProblem as problem:
        if problem.status not in _REFUSALS:
            raise
        return _undecided(file, files, problem) or Planned(file, faults=list(_faults(file, problem)))
    wanted = file.stated_version
    if wanted is not None and wanted != plan["next_version"]:
        stated = f"{file.at('version')}: version {wanted} is stated, it would be {plan['next_version']}"
        return Planned(file, plan["version"], plan["next_version"], faults=[stated])
    return Planned(
        file,
        plan["version"],
        plan["next_version"],
        plan["changed"],
        plan["changes"],
        plan["effects"],
        await _diff(api, path, file, plan) if plan["changed"] else "",
    )


async def _diff(api: Api, path: str, file: DefinitionFile, plan: Json) -> str:
    published = await api.get(f"{path}/versions/{plan['version']}") if plan["version"] else None
    document: dict[str, Any] | None = published["document"] if published else None
    return unified(document, file.document, f"{file.kind} {file.name}", plan["version"])


def _faults(file: DefinitionFile, problem: ApiProblem) -> list[str]:
    if not problem.fields:
        possible = f"; possible: {', '.join(problem.possible)}" if problem.possible else ""
        return [f"{file.shown}: {problem.detail}{possible}"]
    return [
        f"{file.at(name.removeprefix('body.').removeprefix('document.'))}: {name}: {text}"
        for name, text in problem.fields.items()
    ]


def _undecided(file: DefinitionFile, files: Sequence[DefinitionFile], problem: ApiProblem) -> Planned | None:
    """Refused only because another file of the directory is not published yet."""
    wanted = file.document.get("calendar")
    first = [other for other in files if other.key == ("calendar", wanted)]
    if file.kind == "process" and set(problem.fields) == {"calendar"} and first:
        return Planned(file, waits_for=first[0].shown)
    first = [other for other in files if other.opens_new_cases and other is not file]
    if problem.slug == "nothing_would_open" and first:
        return Planned(file, version=1, waits_for=first[0].shown)
    return None
