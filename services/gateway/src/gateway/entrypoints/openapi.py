"""The public contract: OpenAPI 3.1, made from the routes themselves."""

import asyncio
import json
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import Response

from gateway.app.principal import NOBODY
from gateway.edge.guarded_route import guarded
from gateway.edge.problems import MEDIA_TYPE
from gateway.entrypoints.transitions import add_links
from gateway.routes.documentation import REFUSALS

_DESCRIPTION = """One closed loop from a customer's complaint to the improvement it causes.

Every error is `application/problem+json` (RFC 9457) with a stable `slug`, the `fields` it is about, what is
`possible` instead, and a `trace_id`. Every write takes an `Idempotency-Key`; changes of what has a version take
`If-Match` with the `ETag` they saw. Lists come in pages: `{items, next_cursor}`. Unknown fields are refused.
"""
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "slug", "fields", "possible", "trace_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "slug": {"type": "string", "description": "Stable, for machines"},
        "fields": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "possible": {"type": "array", "items": {"type": "string"}},
        "trace_id": {"type": "string"},
    },
    "examples": [
        {
            "type": "urn:redress:problem:missing_deliverable",
            "title": "Conflict",
            "status": 409,
            "detail": "the gate of diagnosis is closed",
            "slug": "missing_deliverable",
            "fields": [],
            "possible": ["reproduction", "onsite_support"],
            "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        }
    ],
}
_SECURITY_SCHEMES = {
    "accessToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "POST /v1/tokens"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "rk_…; also as Bearer"},
}


def describe(app: FastAPI) -> None:
    """Lets `app` answer with the document; made once, on the first request for it."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=_DESCRIPTION,
        routes=app.routes,
        servers=app.servers,
        openapi_version="3.1.0",
    )
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    components["securitySchemes"] = _SECURITY_SCHEMES
    components["responses"] = {f"Problem{status}": _problem(status) for status in REFUSALS}
    for operations in document["paths"].values():
        for operation in operations.values():
            _tidy_parameters(operation)
            _share_refusals(operation["responses"])
    add_links(document)
    return document


def _problem(status: int) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    retry_after = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}}
    headers = {"headers": retry_after} if status in (429, 503) else {}
    return {"description": REFUSALS[status], "content": content, **headers}


def _tidy_parameters(operation: dict[str, Any]) -> None:
    """No header or query is null: it is left out. And where 428 may come, If-Match is needed, though FastAPI, which
    would answer 422, takes it for optional.
    """
    for parameter in operation.get("parameters", ()):
        if (one_of := parameter["schema"].pop("anyOf", None)) is not None:
            parameter["schema"] |= next(each for each in one_of if each.get("type") != "null")
        if parameter["name"] == "If-Match":
            parameter["required"] = "428" in operation["responses"]


def _share_refusals(responses: dict[str, Any]) -> None:
    """Said once instead of eighty times: it makes the document a fifth of its size."""
    for status in responses.keys() & {str(status) for status in REFUSALS}:
        responses[status] = {"$ref": f"#/components/responses/Problem{status}"}


def as_text(app: FastAPI) -> str:
    return json.dumps(app.openapi(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


@guarded(NOBODY)
async def get_document(request: Request) -> Response:
    """Made on the first request and in a thread: it takes a second, and others are waiting."""
    state = request.app.state
    if not hasattr(state, "document"):
        state.document = (await asyncio.to_thread(as_text, request.app)).encode()
    return Response(state.document, media_type="application/json")


def add_routes(router: APIRouter) -> None:
    router.add_api_route("/openapi.json", get_document, methods=["GET"], include_in_schema=False)
