import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from redressctl.api import connect
from redressctl.errors import CtlError
from redressctl.examples import examples
from redressctl.show import terminal
from redressctl.target import DEFAULT_DIR, DirOption, KeyOption, Target, UrlOption, find_target

_EXAMPLES = examples("redressctl config plan definitions", "redressctl config apply definitions")
group = typer.Typer(
    help="Definitions as files: processes, calendars, grading, KPIs, letters, rules.",
    no_args_is_help=True,
    epilog=_EXAMPLES,
)
Files = Annotated[Path, typer.Argument(help="A directory of definitions, YAML or JSON, one document per file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@group.callback()
def _group() -> None:
    """Definitions as files: processes, calendars, grading, KPIs, letters, rules."""


@group.command(
    epilog=examples("redressctl config plan definitions", "redressctl config plan definitions --detailed-exitcode")
)
def plan(
    directory: Files,
    detailed: Annotated[
        bool, typer.Option("--detailed-exitcode", help="0: nothing to publish, 1: an error, 2: there are changes.")
    ] = False,
    as_json: AsJson = False,
    data_dir: DirOption = DEFAULT_DIR,
    url: UrlOption = "",
    key: KeyOption = "",
) -> None:
    """Show how the files differ from what is published, and what publishing would mean for running work.

    Nothing is changed. Exit code 1 when a file would be refused; its faults are named with file and line.
    """
    from redressctl.config.errors import PlanFailed

    try:
        found = asyncio.run(_plan(find_target(data_dir, url, key), directory))
    except CtlError as error:
        raise (PlanFailed(str(error)) if detailed else error) from error
    _show(found, as_json)
    if found.faults:
        raise typer.Exit(1)
    if detailed and found.changed:
        raise typer.Exit(2)


@group.command(epilog=examples("redressctl config apply definitions", 'redressctl config apply definitions -m "MR 42"'))
def apply(
    directory: Files,
    reason: Annotated[str, typer.Option("--reason", "-m", help="Why; kept in the audit trail.")] = "",
    as_json: AsJson = False,
    data_dir: DirOption = DEFAULT_DIR,
    url: UrlOption = "",
    key: KeyOption = "",
) -> None:
    """Publish what differs. When nothing does, nothing happens: a Job may run it as often as it likes.

    Nothing is published when any file would be refused, and nothing is ever deleted. Exit code 1 when it did not end
    well.
    """
    faults = asyncio.run(_apply(find_target(data_dir, url, key), directory, reason, as_json))
    if faults:
        raise CtlError("\n".join(faults))


@group.command(epilog=examples("redressctl config export definitions"))
def export(
    directory: Annotated[Path, typer.Argument(help="Where the files go; made when it is not there.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Also files that say something else.")] = False,
    data_dir: DirOption = DEFAULT_DIR,
    url: UrlOption = "",
    key: KeyOption = "",
) -> None:
    """Write what is published into files, one per definition. What a file says already is left as it stands.

    Exit code 1 when a file says something else and was not overwritten.
    """
    from redressctl.config.export import export as write

    async def run() -> list[tuple[Path, str]]:
        target = find_target(data_dir, url, key)
        async with connect(target.url, target.key) as api:
            return list(await write(api, directory, overwrite))

    done = asyncio.run(run())
    for path, what in done:
        terminal().print(f"{what:9} {path}", highlight=False, markup=False)
    if any(what == "differs" for _, what in done):
        raise CtlError("Some files say something else than what is published: --overwrite replaces them.")


async def _plan(target: Target, directory: Path) -> Any:
    from redressctl.config.files import read_directory
    from redressctl.config.plan import make_plan

    files = read_directory(directory)
    async with connect(target.url, target.key) as api:
        return await make_plan(api, files)


async def _apply(target: Target, directory: Path, reason: str, as_json: bool) -> list[str]:
    from redressctl.config.apply import publish
    from redressctl.config.report import as_json as shown

    found = await _plan(target, directory)
    if not as_json:
        _show(found, as_json=False)
    if found.faults:
        if as_json:
            print(json.dumps(shown(found, []), ensure_ascii=False))
        return ["nothing was published:", *found.faults]
    async with connect(target.url, target.key) as api:
        published, faults = await publish(api, found, reason, lambda one, made: None if as_json else _told(made))
    if as_json:
        print(json.dumps(shown(found, published), ensure_ascii=False))
    return list(faults)


def _told(made: dict[str, Any]) -> None:
    terminal().print(f"published {made['kind']} {made['name']} version {made['version']}", highlight=False)


def _show(found: Any, as_json: bool) -> None:
    from redressctl.config.report import as_json as shown
    from redressctl.config.report import show

    if as_json:
        print(json.dumps(shown(found), ensure_ascii=False))
    else:
        show(found, terminal())
