"""A dashboard as plain data, and Grafana's JSON made from it. Layout flows: panels fill a line of 24 columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
_COLUMNS = 24
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}


@dataclass(frozen=True)
class Query:
    expr: str
    legend: str = ""
    instant: bool = False


@dataclass(frozen=True)
class Panel:
    """`says`: what it shows and when to worry. `steps`: (from this value on, colour), the first from -infinity."""

    title: str
    says: str
    unit: str
    queries: tuple[Query, ...]
    kind: str = "timeseries"
    width: int = 8
    height: int = 7
    steps: tuple[tuple[float | None, str], ...] = ((None, "text"),)
    stacked: bool = False
    most: float | None = None


@dataclass(frozen=True)
class Row:
    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class Dashboard:
    uid: str
    title: str
    says: str
    variables: tuple[Json, ...]
    rows: tuple[Row, ...]
    since: str = "now-6h"


def render(dashboard: Dashboard) -> Json:
    return {
        "uid": dashboard.uid,
        "id": None,
        "title": dashboard.title,
        "description": dashboard.says,
        "tags": ["redress"],
        "schemaVersion": 39,
        "editable": True,
        "graphTooltip": 1,
        "timezone": "utc",
        "refresh": "1m",
        "time": {"from": dashboard.since, "to": "now"},
        "templating": {"list": list(dashboard.variables)},
        "annotations": {"list": [_new_versions()]},
        "links": [_siblings()],
        "panels": list(_placed(dashboard.rows)),
    }


def _placed(rows: Sequence[Row]) -> Iterable[Json]:
    number, top = 1, 0
    for row in rows:
        yield {"id": number, "type": "row", "title": row.title, "collapsed": False, "panels": [], **_at(0, top, 24, 1)}
        number, top, left, tallest = number + 1, top + 1, 0, 0
        for panel in row.panels:
            if left + panel.width > _COLUMNS:
                top, left, tallest = top + tallest, 0, 0
            yield {"id": number, **_panel(panel), **_at(left, top, panel.width, panel.height)}
            number, left, tallest = number + 1, left + panel.width, max(tallest, panel.height)
        top += tallest


def _at(x: int, y: int, w: int, h: int) -> Json:
    return {"gridPos": {"h": h, "w": w, "x": x, "y": y}}


def _panel(panel: Panel) -> Json:
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.says,
        "datasource": _SOURCE,
        "targets": [_target(query, letter) for query, letter in zip(panel.queries, "ABCDEFGH", strict=False)],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": _OPTIONS[panel.kind],
        **({"transformations": _MERGED} if panel.kind == "table" else {}),
    }


def _target(query: Query, letter: str) -> Json:
    return {
        "refId": letter,
        "datasource": _SOURCE,
        "expr": query.expr,
        "legendFormat": query.legend or "__auto",
        "instant": query.instant,
        "range": not query.instant,
        "format": "table" if query.instant and not query.legend else "time_series",
    }


def _defaults(panel: Panel) -> Json:
    found: Json = {
        "unit": panel.unit,
        "color": {"mode": "palette-classic" if panel.kind == "timeseries" else "thresholds"},
        "thresholds": {"mode": "absolute", "steps": [{"value": at, "color": colour} for at, colour in panel.steps]},
    }
    if panel.kind in ("timeseries", "bargauge"):
        found["min"] = 0
    if panel.most is not None:
        found["max"] = panel.most
    if panel.kind == "timeseries":
        stacking = {"mode": "normal" if panel.stacked else "none", "group": "A"}
        found["custom"] = {"lineWidth": 1, "fillOpacity": 30 if panel.stacked else 8, "stacking": stacking}
    return found


_CALCULATED = {"calcs": ["lastNotNull"], "fields": "", "values": False}
_OPTIONS: dict[str, Json] = {
    "stat": {"reduceOptions": _CALCULATED, "colorMode": "value", "graphMode": "area", "textMode": "auto"},
    "bargauge": {"reduceOptions": _CALCULATED, "displayMode": "basic", "orientation": "horizontal"},
    "timeseries": {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
    "table": {"showHeader": True, "footer": {"show": False}},
}
_MERGED = [
    {"id": "merge", "options": {}},
    {"id": "organize", "options": {"excludeByName": {"Time": True}, "indexByName": {}, "renameByName": {}}},
]


def _siblings() -> Json:
    return {
        "type": "dashboards",
        "title": "Redress",
        "tags": ["redress"],
        "asDropdown": True,
        "includeVars": True,
        "keepTime": True,
        "targetBlank": False,
    }


def _new_versions() -> Json:
    known = 'count by (service, version) (redress_build_info{namespace=~"$namespace"})'
    before = 'count by (service, version) (redress_build_info{namespace=~"$namespace"} offset 5m)'
    return {
        "name": "New versions",
        "datasource": _SOURCE,
        "enable": True,
        "iconColor": "blue",
        "expr": f"{known} unless {before}",
        "step": "60s",
        "titleFormat": "{{service}} {{version}}",
    }
