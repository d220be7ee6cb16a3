"""The figures as a table for spreadsheets: the same values as `GET /v1/kpis`, one row each."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from gateway.app.principal import STAFF
from gateway.edge.exchange import exchange_of
from gateway.edge.guarded_route import guarded
from gateway.routes.documentation import documented
from gateway.routes.figures import KPIS
from gateway.routes.forward import ask, message_of
from gateway.routes.render import public
from gateway.routes.schemas import query_model
from redress.analytics.v1 import analytics_pb2 as pb

_FIGURES, _DEFINITIONS = KPIS[0], KPIS[1]
COLUMNS = [field.name for field in pb.KpiValue.DESCRIPTOR.fields]
_QUERY: Any = query_model("KpisCsvQuery", _FIGURES.given)


@guarded(STAFF)
async def kpis_csv(request: Request, query: Annotated[_QUERY, Query()]) -> Response:
    message = message_of(_FIGURES, {"query": query}, asking=exchange_of(request).actor)
    figures = await ask(request, _FIGURES, message)
    definitions = await ask(request, _DEFINITIONS, pb.ListKpisRequest())
    return Response(
        # A spreadsheet takes a file without the mark for one in the encoding of its country.
        "\ufeff" + table(public(figures)["values"], public(definitions)["kpis"]),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="kpis.csv"'},
    )


def table(values: Iterable[dict[str, Any]], definitions: Iterable[dict[str, Any]]) -> str:
    """RFC 4180, a header and a row per figure; what has no value is empty."""
    labels = {definition["key"]: definition["label"] for definition in definitions}
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(["label_zh", "label_en", *COLUMNS])
    for value in values:
        label = labels.get(value["key"]) or {"zh": "", "en": ""}
        writer.writerow([*safe_cells([label["zh"], label["en"]]), *safe_cells(value[name] for name in COLUMNS)])
    return written.getvalue()


def safe_cells(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, datetime):
            yield value.isoformat()
        elif isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
            # A stage or currency must not become a formula on somebody's desk.
            yield f"'{value}"
        else:
            yield value


def add_routes(router: APIRouter) -> None:
    described: dict[str, Any] = documented(STAFF, None, 200, writes=False)
    described["responses"][200] |= {"content": {"text/csv": {"schema": {"type": "string"}}}}
    router.add_api_route(
        "/v1/kpis.csv",
        kpis_csv,
        methods=["GET"],
        summary="KPIs of a period as a table for spreadsheets",
        operation_id="getKpisCsv",
        tags=["kpis"],
        response_class=Response,
        **described,
    )
