import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from redressctl.load import run
from redressctl.load.files import load_path
from redressctl.target import DEFAULT_DIR, DirOption, KeyOption, UrlOption, find_target

EXAMPLES = (
    "redressctl load complaints.xlsx --sheet 2026",
    "redressctl load mails/",
    "redressctl load --count 500",
    "redressctl load --rate 100 --seconds 30 --acks acks.jsonl && redressctl verify --acks acks.jsonl",
)


def load(
    path: Annotated[
        Path | None,
        typer.Argument(
            help="A table (CSV, NDJSON, XLSX), a mail, an mbox, or a folder of .eml files; made up when absent"
        ),
    ] = None,
    mapping: Annotated[Path | None, typer.Option(help="How a table's columns become complaints (JSON).")] = None,
    sheet: Annotated[str, typer.Option(help="Of a spreadsheet; its first visible one with rows when absent.")] = "",
    historical: Annotated[bool, typer.Option("--historical", help="Old records: no receipts, no clocks.")] = False,
    rate: Annotated[float, typer.Option(help="Complaints per second; 0: as fast as they are taken.")] = 50.0,
    count: Annotated[int | None, typer.Option(min=1, help="Stop after so many.")] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="Stop after so long; 10 s without --count.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=1000, help="Connections at the same time.")] = 32,
    acks: Annotated[Path | None, typer.Option(help="Append every acknowledged complaint as a JSON line.")] = None,
    data_dir: DirOption = DEFAULT_DIR,
    url: UrlOption = "",
    key: KeyOption = "",
) -> None:
    """Bring in a file of complaints or mails; or, without one, create complaints through the API, each with its
    Idempotency-Key, and write down which were acknowledged.

    What a file is tells its content, whatever its name. Known headers need no mapping. Prints the import's report, or
    what became of the mails, as JSON.

    After 503, 429 or a lost connection the same key is sent again. Prints a summary as JSON.
    """
    target = find_target(data_dir, url, key)
    if path is not None:
        told = asyncio.run(load_path(target.url, target.key, path, mapping=mapping, historical=historical, sheet=sheet))
        print(json.dumps(told, ensure_ascii=False), flush=True)
        if told.get("refused"):
            raise typer.Exit(1)
        return
    limit = 10.0 if count is None and seconds is None else seconds
    tally = asyncio.run(
        run(target.url, target.key, rate_per_s=rate, count=count, seconds=limit, concurrency=concurrency, acks=acks)
    )
    print(json.dumps(tally.as_json()), flush=True)
    if tally.given_up or tally.refused:
        raise typer.Exit(1)
