"""deploy/helm/redress/VALUES.md: every value of the chart, from values.schema.json and values.yaml.

A key of values.yaml that the schema does not describe, or the other way round, ends the generation with its path.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).resolve().parent.parent / "deploy/helm/redress"
_HEAD = """# Values of the chart

Generated from values.schema.json and values.yaml, which gives reasons and examples. Durations are seconds unless their
name says otherwise. `services.<name>` stands for each of intake, workflow, capa, notify, analytics and gateway, and
takes every key of `defaults` too; so do `services.<name>.api` and `.worker` of a split service.

| value | default | what it is |
|---|---|---|"""

Node = Mapping[str, Any]


def page(into: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    (into / "VALUES.md").write_text("\n".join((_HEAD, *_rows())) + "\n")


def _rows() -> Iterator[str]:
    schema = json.loads((CHART / "values.schema.json").read_text())
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    services, gateway = schema["properties"]["services"]["properties"], values["services"]["gateway"]
    common, own = schema["$defs"]["workload"]["properties"], values["services"]["intake"]
    for key, node in schema["properties"].items():
        if key != "services":
            yield from _of(key, _resolved(schema, node), values[key], schema)
            continue
        for name, given in own.items():
            described = _resolved(schema, _resolved(schema, services["intake"])["properties"][name])
            yield from _of(f"services.<name>.{name}", described, _generic(given), schema)
        for name in sorted(gateway.keys() - own.keys()):
            described = _resolved(schema, _resolved(schema, services["gateway"])["properties"][name])
            yield from _of(f"services.gateway.{name}", described, gateway[name], schema)
        if undescribed := own.keys() & common.keys():
            raise SystemExit(f"values.yaml repeats under services.intake what belongs to defaults: {undescribed}")


def _of(path: str, node: Node, value: Any, schema: Node) -> Iterator[str]:
    inner = node.get("properties")
    if not inner or not value:
        yield f"| `{path}` | {_shown(value)} | {node['description']} |"
        return
    if missing := value.keys() - inner.keys():
        raise SystemExit(f"values.schema.json does not describe {path}: {', '.join(sorted(missing))}")
    for key, child in inner.items():
        if key in value:
            yield from _of(f"{path}.{key}", _resolved(schema, child), value[key], schema)


def _resolved(schema: Node, node: Node) -> Node:
    """The node with what its $ref points to; its own description wins."""
    if "$ref" not in node:
        return node
    target: Any = schema
    for step in node["$ref"].removeprefix("#/").split("/"):
        target = target[step]
    return {**_resolved(schema, target), **{key: value for key, value in node.items() if key != "$ref"}}


def _generic(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("intake", "<name>")
    return {key: _generic(item) for key, item in value.items()} if isinstance(value, dict) else value


def _shown(value: Any) -> str:
    if value in ("", [], {}):
        return "empty"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "`" + text.replace("|", "\\|") + "`"
