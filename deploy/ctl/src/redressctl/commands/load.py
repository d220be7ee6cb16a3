import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from redressctl.load import run
from redressctl.target import DEFAULT_DIR, DirOption, KeyOption, UrlOption, find_target

EXAMPLES = (
    "redressctl load --count 500",
    "redressctl load --rate 100 --seconds 30 --acks acks.jsonl && redressctl verify --acks acks.jsonl",
)


def load(
    rate: Annotated[float, typer.Option(help="Complaints per second; 0: as fast as they are taken.")] = 50.0,
    count: Annotated[int | None, typer.Option(min=1, help="Stop after so many.")] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="Stop after so long; 10 s without --count.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=1000, help="Connections at the same time.")] = 32,
    acks: Annotated[Path | None, typer.Option(help="Append every acknowledged complaint as a JSON line.")] = None,
    data_dir: DirOption = DEFAULT_DIR,
    url: UrlOption = "",
    key: KeyOption = "",
) -> None:
    """Create complaints through the API, each with its Idempotency-Key, and write down which were acknowledged.

    After 503, 429 or a lost connection the same key is sent again. Prints a summary as JSON.
    """
    target = find_target(data_dir, url, key)
    limit = 10.0 if count is None and seconds is None else seconds
    tally = asyncio.run(
        run(target.url, target.key, rate_per_s=rate, count=count, seconds=limit, concurrency=concurrency, acks=acks)
    )
    print(json.dumps(tally.as_json()), flush=True)
    if tally.given_up or tally.refused:
        raise typer.Exit(1)
