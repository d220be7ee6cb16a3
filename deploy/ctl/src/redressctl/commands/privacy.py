import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from redressctl.api import Json, connect
from redressctl.errors import CtlError
from redressctl.examples import examples
from redressctl.show import terminal
from redressctl.target import DEFAULT_DIR, DirOption, KeyOption, Target, UrlOption, find_target

_AT_ONCE = 200
_COUNTED = ("erased", "already", "unknown", "held")
group = typer.Typer(
    help="Persons behind complaints: who was erased, and erasing them again after a restore.",
    no_args_is_help=True,
    epilog=examples("redressctl privacy erased --out erased.jsonl", "redressctl privacy replay erased.jsonl"),
)


@group.callback()
def _group() -> None:
    """Persons behind complaints: who was erased, and erasing them again after a restore."""


@group.command(epilog=examples("redressctl privacy erased --out erased.jsonl"))
def erased(
    out: Annotated[Path, typer.Option("--out", help="Where the list goes: one person a line, as JSON.")],
    data_dir: DirOption = DEFAULT_DIR,
    url: UrlOption = "",
    key: KeyOption = "",
) -> None:
    """Write down who was erased: ids and times, no names.

    Keep the file with the backups, and newer than the newest of them: a backup that is put back knows everyone again
    who was erased since it was taken.
    """
    found = asyncio.run(_erased(find_target(data_dir, url, key)))
    lines = [json.dumps({"person_id": one["person_id"], "erased_at": one["decided_at"]}) + "\n" for one in found]
    draft = out.with_name(out.name + ".new")
    draft.write_text("".join(lines))
    draft.replace(out)
    terminal().print(f"{len(lines)} persons were erased; their ids are in {out}", highlight=False, markup=False)


@group.command(epilog=examples("redressctl privacy replay erased.jsonl"))
def replay(
    file: Annotated[Path, typer.Argument(help="What `privacy erased` wrote.")],
    data_dir: DirOption = DEFAULT_DIR,
    url: UrlOption = "",
    key: KeyOption = "",
) -> None:
    """Erase again whom a restored backup brought back. May be run as often as you like.

    Exit code 1 when somebody is on hold by now: they stay until the hold ends.
    """
    counts = asyncio.run(_replay(find_target(data_dir, url, key), _persons(file)))
    told = ", ".join(f"{counts[name]} {name}" for name in _COUNTED)
    terminal().print(told, highlight=False)
    if counts["held"]:
        raise CtlError("Somebody who was erased is on hold by now: `GET /v1/privacy/persons/{id}` says why.")


def _persons(file: Path) -> list[str]:
    try:
        return [str(json.loads(line)["person_id"]) for line in file.read_text().splitlines() if line.strip()]
    except (ValueError, KeyError, TypeError) as error:
        raise CtlError(f"{file} is not what `redressctl privacy erased` writes: one JSON object a line.") from error


async def _erased(target: Target) -> list[Json]:
    async with connect(target.url, target.key) as api:
        return await api.all("/v1/privacy/erasures", state="done")


async def _replay(target: Target, person_ids: list[str]) -> dict[str, int]:
    counts = dict.fromkeys(_COUNTED, 0)
    async with connect(target.url, target.key) as api:
        for some in _in_bites(person_ids):
            done = await api.post("/v1/privacy/erasures/replay", {"person_ids": some})
            for name in _COUNTED:
                counts[name] += done[name]
    return counts


def _in_bites(person_ids: list[str]) -> list[list[str]]:
    return [person_ids[start : start + _AT_ONCE] for start in range(0, len(person_ids), _AT_ONCE)]
