"""How files go in, and which of their rows could go alone."""

import json
from collections.abc import Mapping
from typing import Any

from redressctl.api import Api, Json
from redressctl.mapping import is_time

LOOKED_AT = 50
_IMPORT_TIMEOUT_S = 1800.0


async def import_content(api: Api, name: str, content: bytes, media_type: str, mapping: Mapping[str, Any]) -> Json:
    """The import's report."""
    parts = [
        ("mapping", (None, json.dumps(mapping, ensure_ascii=False))),
        ("historical", (None, "false")),
        ("file", (name, content, media_type)),
    ]
    return await api.send("POST", "/v1/imports", files=parts, timeout=_IMPORT_TIMEOUT_S)


def sendable(complaint: dict[str, Any]) -> bool:
    """Whole enough to be sent alone, and known again by its external id when the file brings it."""
    needed = ("external_id", "customer_name", "product_family", "description")
    return all(complaint.get(name) for name in needed) and all(
        is_time(text) for name, text in complaint.items() if name.startswith("t_")
    )


def told(report: Json) -> str:
    counts = ", ".join(f"{name} {report[name]}" for name in ("rows", "registered", "existing", "rejected"))
    rejects = "; ".join(f"line {r['line']} {r['column']}: {r['reason']}" for r in report["first_rejects"][:3])
    return counts + (f" ({rejects})" if rejects else "")
