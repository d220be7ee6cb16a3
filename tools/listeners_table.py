"""proto/redress/listeners.py: who reacts to what, from the services' own tables, for those who must not import them."""

from collections.abc import Iterator
from pathlib import Path

from tools.event_flow import readers


def module(into: Path) -> None:
    (into / "redress").mkdir(parents=True, exist_ok=True)
    (into / "redress" / "listeners.py").write_text("\n".join(_lines()) + "\n")


def _lines() -> Iterator[str]:
    yield '"""Service -> event types it reacts to. Generated from the services\' own tables: `make generate`."""'
    yield ""
    yield "from collections.abc import Mapping"
    yield "from types import MappingProxyType"
    yield ""
    yield "LISTENERS: Mapping[str, tuple[str, ...]] = MappingProxyType("
    yield "    {"
    for service, types in readers().items():
        yield f'        "{service}": ('
        yield from (f'            "{kind}",' for kind in sorted(types))
        yield "        ),"
    yield "    }"
    yield ")"
