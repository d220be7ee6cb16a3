import json
from pathlib import Path
from typing import Annotated

import typer

from redressctl import demo as drama
from redressctl.show import terminal
from redressctl.target import DEFAULT_DIR, DirOption, KeyOption, UrlOption, find_target

EXAMPLES = (
    "redressctl demo --own-stack --data complaints.csv",
    "redressctl demo --url https://redress.example --key rk_… --data mine.csv --mapping mine.json",
)


def demo(
    data: Annotated[
        Path | None, typer.Option(help="A CSV file of complaints; the bilingual sample when absent.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="How its columns become complaints (JSON); known headers need none.")
    ] = None,
    own_stack: Annotated[bool, typer.Option("--own-stack", help="On a fresh stack, stopped afterwards.")] = False,
    data_dir: DirOption = DEFAULT_DIR,
    url: UrlOption = "",
    key: KeyOption = "",
) -> None:
    """Play the whole life of complaints through the public API, as people of several roles would.

    The last line of the output is one JSON object. Exit code 0 on success only, with all ledgers in agreement.

    A mapping: {"columns": {"external_id": {"column": "id"}, "description": {"column": "text"},
    "product_family": {"column": "series"}, "customer_email": {"template": "c-{id}@customers.example"}},
    "date_formats": ["%Y-%m-%d"], "time_zone": "Asia/Shanghai", "safety_not_asked": true, "channel": "web"}
    """
    console = terminal()
    if own_stack:
        result = drama.run_on_own_stack(data=data, mapping=mapping, console=console)
    else:
        result = drama.run(find_target(data_dir, url, key), data=data, mapping=mapping, console=console)
    print(json.dumps(result, ensure_ascii=False), flush=True)
    if result["verify"] != "clean":
        raise typer.Exit(1)
