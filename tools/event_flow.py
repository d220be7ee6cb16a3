"""docs/event-flow.svg and .md: who emits what, and who reads it, from the catalogue and the services' own tables."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, cast
from xml.sax.saxutils import escape

from redress.catalog import CATALOG, OWNERS, TYPE_OF, stream_of

CONSUMERS = ("intake", "workflow", "capa", "notify", "analytics")
_COLOURS = {"intake": "#1d6fb8", "workflow": "#2a8c4a", "capa": "#b3541e", "notify": "#8a3fa0", "gateway": "#667085"}
_WIDTH, _ROW, _TOP, _BOX_WIDTH, _BOX_HEIGHT = 900, 98, 56, 220, 76
_ORDER = ("intake", "workflow", "capa", "notify", "gateway", "analytics")
Flow = tuple[str, str]
_SLOT = 19
_LEFT, _RIGHT = 20, _WIDTH - _BOX_WIDTH - 20


def readers() -> Mapping[str, frozenset[str]]:
    """Consumer -> event types it reacts to."""
    return {name: _reactions(name) for name in CONSUMERS}


def _reactions(service: str) -> frozenset[str]:
    module = import_module(f"{service}.entrypoints.consumers")
    # notify's reactions need the room they work in; their types do not.
    table = module.REACTIONS if hasattr(module, "REACTIONS") else module.reactions(cast(Any, None))
    return frozenset(TYPE_OF[payload] for payload in table)


def page(into: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    reads = readers()
    (into / "event-flow.svg").write_text("\n".join(_svg(reads)) + "\n")
    (into / "event-flow.md").write_text("\n".join(_markdown(reads)) + "\n")


def _markdown(reads: Mapping[str, frozenset[str]]) -> Iterator[str]:
    yield from (
        "# Who emits what, and who reads it",
        "",
        "Generated from `proto/redress/catalog.py` and the reactions of each service, without partners' consumers.",
        "How an event gets from left to right: [operations.md](operations.md#how-an-event-travels).",
        "",
        "![Streams on the left, the services that read them on the right](event-flow.svg)",
    )
    for owner in OWNERS:
        yield from ("", f"## {owner} · stream `{stream_of(owner)}`", "")
        yield f"| event | says | {' | '.join(CONSUMERS)} |"
        yield f"|---|---|{':-:|' * len(CONSUMERS)}"
        for entry in CATALOG.values():
            if entry.owner == owner:
                marks = " | ".join("●" if entry.type in reads[name] else "" for name in CONSUMERS)
                yield f"| `{entry.type.removeprefix(f'redress.{owner}.')}` | {entry.summary} | {marks} |"


def _svg(reads: Mapping[str, frozenset[str]]) -> Iterator[str]:
    height = _TOP + _ROW * max(len(OWNERS), len(CONSUMERS)) + 10
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif">'
    yield f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>'
    yield _text(_LEFT, 36, "streams, one per owner", size=15, weight="bold")
    yield _text(_RIGHT, 36, "consumers, one per service", size=15, weight="bold")
    flows = Counter((CATALOG[kind].owner, name) for name, kinds in reads.items() for kind in kinds)
    leaving, arriving = _slots(flows, OWNERS, 0), _slots(flows, CONSUMERS, 1)
    for flow, count in sorted(flows.items()):
        yield from _flow(leaving[flow], arriving[flow], _COLOURS[flow[0]], count)
    for row, owner in enumerate(OWNERS):
        emitted = sum(entry.owner == owner for entry in CATALOG.values())
        yield from _box(_LEFT, row, _COLOURS[owner], stream_of(owner), f"{owner} emits {emitted} types")
    for row, name in enumerate(CONSUMERS):
        yield from _box(_RIGHT, row, "#344054", name, f"reacts to {len(reads[name])} types")
    yield "</svg>"


def _slots(flows: Iterable[Flow], boxes: Sequence[str], end: int) -> dict[Flow, int]:
    """Where each flow meets its box: beside each other, in the order of the boxes at the other end."""
    height: dict[Flow, int] = {}
    for row, box in enumerate(boxes):
        mine = sorted((flow for flow in flows if flow[end] == box), key=lambda flow: _ORDER.index(flow[1 - end]))
        for place, flow in enumerate(mine):
            height[flow] = _middle(row) + round((place - (len(mine) - 1) / 2) * _SLOT)
    return height


def _flow(y1: int, y2: int, colour: str, count: int) -> Iterator[str]:
    """A curve as thick as types flow along it, with their number where it arrives."""
    x1, x2 = _LEFT + _BOX_WIDTH, _RIGHT
    bend = (x1 + x2) // 2
    yield (
        f'<path d="M{x1},{y1} C{bend},{y1} {bend},{y2} {x2},{y2}" fill="none" stroke="{colour}"'
        f' stroke-width="{1 + count / 3:.1f}" stroke-opacity="0.55"/>'
    )
    yield f'<circle cx="{x2 - 16}" cy="{y2}" r="9" fill="#ffffff" stroke="{colour}"/>'
    yield _text(x2 - 16, y2 + 4, str(count), size=11, anchor="middle")


def _box(x: int, row: int, colour: str, title: str, below: str) -> Iterator[str]:
    y = _middle(row) - _BOX_HEIGHT // 2
    yield f'<rect x="{x}" y="{y}" width="{_BOX_WIDTH}" height="{_BOX_HEIGHT}" rx="8" fill="{colour}"/>'
    yield _text(x + 14, y + 34, title, size=15, weight="bold", colour="#ffffff")
    yield _text(x + 14, y + 54, below, size=12, colour="#ffffff")


def _middle(row: int) -> int:
    return _TOP + row * _ROW + _ROW // 2


def _text(
    x: int, y: int, text: str, *, size: int, weight: str = "normal", colour: str = "#101828", anchor: str = "start"
) -> str:
    style = f'font-size="{size}" font-weight="{weight}" fill="{colour}" text-anchor="{anchor}"'
    return f'<text x="{x}" y="{y}" {style}>{escape(text)}</text>'
