"""Writes every dashboard as Grafana's JSON."""

import json
from pathlib import Path

from tools.dashboards.capa import CAPA
from tools.dashboards.complaints import COMPLAINTS
from tools.dashboards.deadlines import DEADLINES
from tools.dashboards.entrance import ENTRANCE
from tools.dashboards.events import EVENTS
from tools.dashboards.model import render
from tools.dashboards.platform import PLATFORM

DASHBOARDS = (COMPLAINTS, DEADLINES, ENTRANCE, CAPA, EVENTS, PLATFORM)


def page(into: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    for dashboard in DASHBOARDS:
        text = json.dumps(render(dashboard), ensure_ascii=False, indent=2)
        (into / f"{dashboard.uid.removeprefix('redress-')}.json").write_text(text + "\n")
