"""A plan as people read it, and as machines do."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from redressctl.config.plan import Plan, Planned

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}
_SIGNS = {"create": "[green]+[/green]", "update": "[yellow]~[/yellow]", "unchanged": " ", "refused": "[red]![/red]"}


def show(plan: Plan, console: Console) -> None:
    for one in plan.planned:
        console.print(
            f"{_SIGNS[one.action]} {one.file.kind} {one.file.name}: {escape(_headline(one))}", highlight=False
        )
        for line in one.diff.splitlines():
            console.print(Text(f"    {line}", _COLOURS.get(line[:1], "")), soft_wrap=True)
        for effect in one.effects:
            _effect(effect, console)
        for fault in one.faults:
            console.print(Text(f"    {fault}", "red"), soft_wrap=True)
    for other in plan.unlisted:
        text = f"  {other['kind']} {other['name']}: published (version {other['version']}), not in the files; it stays"
        console.print(text, highlight=False)
    console.print(_summary(plan), highlight=False)


def _headline(one: Planned) -> str:
    if one.waits_for:
        return f"decided after {one.waits_for}"
    says = {
        "create": f"new, version {one.next_version}",
        "update": f"version {one.version} → {one.next_version}",
        "unchanged": f"version {one.version}, as published",
        "refused": "would be refused",
    }
    return f"{says[one.action]} ({one.file.shown})"


def _effect(effect: dict[str, Any], console: Console) -> None:
    warns = effect["severity"] == "warning"
    console.print(
        Text(f"    {'⚠' if warns else '·'} {effect['text']['en']}", "yellow" if warns else ""), soft_wrap=True
    )
    console.print(Text(f"      {effect['text']['zh']}", "dim"), soft_wrap=True)
    for line in "\n".join(effect["examples"]).splitlines():
        console.print(Text(f"      {line}"), soft_wrap=True)


def _summary(plan: Plan) -> str:
    counted = dict.fromkeys(_SIGNS, 0)
    for one in plan.planned:
        counted[one.action] += 1
    text = ", ".join(f"{n} {action}" for action, n in counted.items() if n)
    return f"{text or 'no definitions'}; {len(plan.unlisted)} published and not in the files"


def as_json(plan: Plan, published: Sequence[Any] | None = None) -> dict[str, Any]:
    return {
        "changed": plan.changed,
        "definitions": [
            {
                "kind": one.file.kind,
                "name": one.file.name,
                "file": one.file.shown,
                "action": one.action,
                "version": one.version,
                "next_version": one.next_version,
                "waits_for": one.waits_for,
                "changes": list(one.changes),
                "effects": list(one.effects),
                "diff": one.diff,
                "faults": list(one.faults),
            }
            for one in plan.planned
        ],
        "unlisted": [{name: one[name] for name in ("kind", "name", "version")} for one in plan.unlisted],
        **({} if published is None else {"published": [_short(one) for one in published]}),
    }


def _short(made: dict[str, Any]) -> dict[str, Any]:
    return {name: made[name] for name in ("kind", "name", "version", "digest")}
