"""What the demo leaves behind, counted by those who have it: the public API, the sink, the KPI store."""

from typing import Any

import httpx

from redressctl.api import Api, Json
from redressctl.target import Target
from redressctl.together import together
from redressctl.verify import Report
from redressctl.verify.books import ledger


async def count(api: Api, target: Target, first_import: Json, report: Report, kpis: Json) -> dict[str, Any]:
    closed, rcas, capas, knowledge = await together(
        (
            api.all("/v1/cases", state="closed"),
            api.all("/v1/rcas", state="completed"),
            api.all("/v1/capas", state="closed"),
            api.all("/v1/knowledge"),
        )
    )
    return {
        "received": first_import["rows"] + await _by_messages(api) + await _by_hand(api),
        "rejected": first_import["rejected"],
        "cases_opened": len(await ledger(api, "workflow", "cases")),
        "closed": len(closed),
        "closed_fast_path": sum(case["path"] == "fast" for case in closed),
        "closed_as_duplicates": sum((case.get("outcome") or {}).get("code") == "duplicate" for case in closed),
        "rcas": len(rcas),
        "capas_closed": len(capas),
        "knowledge_cases": len(knowledge),
        "receipts_sent": await _receipts(api, target),
        "surveys_sent": await _surveys(api, "sent", "answered", "closed"),
        "surveys_answered": await _surveys(api, "answered"),
        "verify": report.verdict,
        "kpis": figures(kpis),
    }


def figures(kpis: Json) -> dict[str, Any]:
    """By key, with its dimension where a KPI has several."""
    kept = ("n", "value", "p50", "p90", "unit")
    return {
        _name(value): {name: value[name] for name in kept if value.get(name) is not None} for value in kpis["values"]
    }


def _name(value: Json) -> str:
    return f"{value['key']}[{value['dimension']}]" if value.get("dimension") else str(value["key"])


async def _by_messages(api: Api) -> int:
    """Beside the file's own rows, of which some came by another entrance first."""
    return len(await api.all("/v1/submissions", state="registered"))


async def _by_hand(api: Api) -> int:
    """Of channels whose complaints are written down, not delivered."""
    found = await together(api.all("/v1/complaints", channel=name) for name in ("phone", "paper", "authority", "web"))
    return sum(map(len, found))


async def _surveys(api: Api, *states: str) -> int:
    """By notify's own count."""
    found = await together(api.all("/v1/surveys", state=state) for state in states)
    return sum(map(len, found))


async def _receipts(api: Api, target: Target) -> int:
    """By the sink that received them; of an installation without one, by what notify says it sent."""
    if target.sink_url is None:
        return sum(row.kind == "sent" for row in await ledger(api, "notify", "receipts"))
    async with httpx.AsyncClient(trust_env=False) as http:
        return int((await http.get(f"{target.sink_url}/count")).json()["by_kind"].get("receipt", 0))
