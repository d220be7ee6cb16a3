import asyncio
from collections.abc import Iterable

import httpx
import typer
from rich.table import Table

from redressctl.show import terminal
from redressctl.target import DEFAULT_DIR, DirOption, KeyOption, Target, UrlOption, find_target
from redressctl.together import together

_TIMEOUT_S = 3.0


def status(data_dir: DirOption = DEFAULT_DIR, url: UrlOption = "", key: KeyOption = "") -> None:
    """Is it up? Asks each part whether it is ready, and the door whether it knows the key; exit code 1 if not.

    redressctl status
    redressctl status --url https://redress.example --key rk_…
    """
    target = find_target(data_dir, url, key)
    answers = asyncio.run(_ask(target))
    table = Table("part", "address", "ready", title="status")
    for name, address, answer in answers:
        table.add_row(name, address, f"[green]{answer}[/green]" if answer == "yes" else f"[red]{answer}[/red]")
    terminal().print(table)
    if any(answer != "yes" for *_, answer in answers):
        raise typer.Exit(1)


def _parts(target: Target) -> Iterable[tuple[str, str, str]]:
    """Name, address, and what is asked there."""
    yield "public API", target.url, "/v1/me"
    if target.record is None:
        return
    for service, urls in target.record.ops_urls.items():
        for position, url in enumerate(urls):
            yield f"{service}-{position}", url, "/readyz"
    yield "mail sink", target.record.sink_url, "/count"


async def _ask(target: Target) -> list[tuple[str, str, str]]:
    async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as http:

        async def ask(name: str, address: str, path: str) -> tuple[str, str, str]:
            headers = {"Authorization": f"Bearer {target.key}"} if address == target.url else {}
            try:
                answer = await http.get(f"{address}{path}", headers=headers)
            except httpx.HTTPError as error:
                return name, address, type(error).__name__
            return name, address, "yes" if answer.is_success else f"{answer.status_code} {answer.text[:80]}"

        return await together(ask(*part) for part in _parts(target))
