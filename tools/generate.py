"""Generates what is committed beside its source, or (`--check`) proves that it is fresh.

protos -> *_pb2*.py(i) · event structs -> proto/schemas/*.json, proto/asyncapi.json · gateway -> docs/openapi.json ·
KPI catalogue -> docs/kpis.md · catalogue and reactions -> docs/event-flow.svg, .md · metrics -> docs/metrics.md ·
Settings classes -> docs/settings.md · values of the chart -> its VALUES.md ·
reactions -> proto/redress/listeners.py -> the chart's files/nats/users.yaml ·
tools/dashboards -> the chart's files/dashboards
"""

import argparse
import filecmp
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from chassis.envelope import CONTENT_TYPE
from redress.catalog import CATALOG, OWNERS, EventType, stream_of
from tools import chart_values_page, event_flow, listeners_table, metrics_page, settings_page
from tools.dashboards import page as dashboards

ROOT = Path(__file__).resolve().parent.parent
PROTO = ROOT / "proto"


def protos(into: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    bin_dir = Path(sys.executable).parent
    sources = sorted(str(p) for p in PROTO.glob("redress/**/*.proto"))
    subprocess.run(  # noqa: S603
        [
            sys.executable,
            *("-m", "grpc_tools.protoc", f"-I{PROTO}"),
            f"--plugin=protoc-gen-mypy={bin_dir / 'protoc-gen-mypy'}",
            f"--plugin=protoc-gen-mypy_grpc={bin_dir / 'protoc-gen-mypy_grpc'}",
            *(f"--python_out={into}", f"--grpc_python_out={into}"),
            *(f"--mypy_out=quiet:{into}", f"--mypy_grpc_out=quiet:{into}"),
            *sources,
        ],
        check=True,
    )


def schemas(into: Path) -> None:
    folder = into / "schemas"
    folder.mkdir(parents=True, exist_ok=True)
    for entry in CATALOG.values():
        _write(folder / f"{entry.type}.json", event_schema(entry))


def event_schema(entry: EventType) -> dict[str, object]:
    """JSON Schema 2020-12 of the whole message: CloudEvents attributes and the payload under `data`."""
    (payload,), definitions = msgspec.json.schema_components([entry.payload], ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:redress:event:{entry.type}",
        "title": entry.type,
        "description": entry.summary,
        "type": "object",
        "required": ["specversion", "id", "source", "type", "subject", "time", "sequence", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string", "format": "uuid", "description": "Also the Nats-Msg-Id; deduplicate by it"},
            "source": {"const": f"redress/{entry.owner}"},
            "type": {"const": entry.type},
            "subject": {"type": "string", "description": f"Id of the {entry.aggregate}"},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": "application/json"},
            "sequence": {"type": "string", "pattern": "^[0-9]+$", "description": "Rises per aggregate"},
            "sequencetype": {"const": "Integer"},
            "traceparent": {"type": ["string", "null"]},
            "data": payload,
        },
        "$defs": definitions,
    }


def asyncapi(into: Path) -> None:
    """AsyncAPI 3.0: one channel and one receive operation per event, grouped by owner."""
    names = {entry.type: entry.type.replace(".", "_") for entry in CATALOG.values()}
    document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Redress events",
            "version": "1",
            "description": "CloudEvents 1.0 in structured JSON mode over NATS JetStream. Delivery is at least once and"
            " ordered per aggregate: deduplicate by `id`, ignore an older `sequence` of the same `subject`.",
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {"nats": {"host": "nats.example:4222", "protocol": "nats"}},
        "channels": {
            names[entry.type]: {
                "address": entry.type,
                "title": entry.summary,
                "messages": {"event": {"$ref": f"#/components/messages/{names[entry.type]}"}},
                "bindings": {"nats": {}},
                "x-stream": stream_of(entry.owner),
            }
            for entry in CATALOG.values()
        },
        "operations": {
            f"receive_{names[entry.type]}": {
                "action": "receive",
                "channel": {"$ref": f"#/channels/{names[entry.type]}"},
                "summary": entry.summary,
                "tags": [{"name": entry.owner}],
            }
            for entry in CATALOG.values()
        },
        "components": {
            "messages": {
                names[entry.type]: {
                    "name": entry.type,
                    "title": entry.summary,
                    "contentType": CONTENT_TYPE,
                    "payload": {"$ref": f"schemas/{entry.type}.json"},
                }
                for entry in CATALOG.values()
            }
        },
        "tags": [{"name": owner} for owner in OWNERS],
    }
    document["info"]["tags"] = document.pop("tags")  # type: ignore[index]
    _write(into / "asyncapi.json", document)


def openapi(into: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    printed = subprocess.run([sys.executable, "-m", "gateway", "openapi"], check=True, capture_output=True, text=True)
    _write(into / "openapi.json", json.loads(printed.stdout))


def kpis(into: Path) -> None:
    """The catalogue as a page: the same data that REST, /metrics and the reports are computed from."""
    into.mkdir(parents=True, exist_ok=True)
    source = ROOT / "services/analytics/src/analytics/definitions/kpis.v2.json"
    catalogue = json.loads(source.read_text())
    figures = "\n".join(_kpi_row(kpi) for kpi in catalogue["kpis"])
    panels = "\n".join(_panel_row(panel) for panel in catalogue["panels"])
    page = (ROOT / "tools/kpis.md").read_text()
    (into / "kpis.md").write_text(page.format(version=catalogue["version"], figures=figures, panels=panels))


def _kpi_row(kpi: dict[str, Any]) -> str:
    label = f"{kpi['label']['en']}<br>{kpi['label']['zh']}"
    note = [f"{kpi['source']}. {kpi.get('note', '')}".strip()]
    if kpi.get("pending"):
        note.append(f"`pending`: {kpi['pending']}.")
    if kpi.get("beside"):
        note.append(f"Comes with {', '.join(f'`{key}`' for key in kpi['beside'])}.")
    cells = [f"`{kpi['key']}`", label, kpi["formula"], kpi["clock"], kpi["unit"], kpi["concluding_event"]]
    return "| " + " | ".join([*cells, "; ".join(kpi["exclusions"]), " ".join(note)]).replace("\n", " ") + " |"


def _panel_row(panel: dict[str, Any]) -> str:
    keys = ", ".join(f"`{key}`" for key in panel["keys"])
    return f"| `{panel['key']}` | {panel['label']['en']}<br>{panel['label']['zh']} | {keys} | {panel['source']} |"


def nats_users(into: Path) -> None:
    from tools import nats_users_page  # reads what "listeners" has just written

    nats_users_page.page(into)


def _write(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False, sort_keys=False) + "\n")


TARGETS: dict[str, tuple[Callable[[Path], None], Path]] = {
    "protos": (protos, PROTO),
    "schemas": (schemas, PROTO),
    "asyncapi": (asyncapi, PROTO),
    "openapi": (openapi, ROOT / "docs"),
    "kpis": (kpis, ROOT / "docs"),
    "listeners": (listeners_table.module, PROTO),
    "nats users": (nats_users, ROOT / "deploy/helm/redress/files/nats"),
    "event flow": (event_flow.page, ROOT / "docs"),
    "metrics": (metrics_page.page, ROOT / "docs"),
    "settings": (settings_page.page, ROOT / "docs"),
    "chart values": (chart_values_page.page, ROOT / "deploy/helm/redress"),
    "dashboards": (dashboards.page, ROOT / "deploy/helm/redress/files/dashboards"),
}


def check(name: str) -> list[str]:
    """Paths that are not what their source says."""
    generate, place = TARGETS[name]
    with tempfile.TemporaryDirectory() as scratch:
        generate(Path(scratch))
        made = [p.relative_to(scratch) for p in Path(scratch).rglob("*") if p.is_file()]
        stale = [p for p in made if not (place / p).exists() or not filecmp.cmp(Path(scratch) / p, place / p, False)]
    return [str((place / p).relative_to(ROOT)) for p in stale]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.generate", description=__doc__)
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []], help="all when none is named")
    parser.add_argument("--check", action="store_true", help="change nothing; fail when something is stale")
    arguments = parser.parse_args()
    chosen = arguments.targets or list(TARGETS)
    if arguments.check:
        stale = [path for name in chosen for path in check(name)]
        print("\n".join(f"stale: {path}; run `make generate`" for path in stale), end="\n" if stale else "")  # noqa: T201
        return 1 if stale else 0
    for name in chosen:
        generate, place = TARGETS[name]
        if name == "schemas":
            shutil.rmtree(place / "schemas", ignore_errors=True)
        generate(place)
    return 0


if __name__ == "__main__":
    sys.exit(main())
