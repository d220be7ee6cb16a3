"""Exceptions of all three kinds that may end a request, as problems."""

from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from chassis.errors import FieldError, Forbidden, Invalid, RedressError, Unauthenticated
from gateway.edge.door import door_of
from gateway.edge.exchange import exchange_of, route_template
from gateway.edge.problems import field_name, problem_response

_SLUGS = {404: "not_found", 405: "method_not_allowed", 400: "malformed"}


async def by_us(request: Request, error: Exception) -> Response:
    assert isinstance(error, RedressError)
    exchange = exchange_of(request)
    exchange.slug = error.slug
    # What an owner refused came over the wire as a plain RedressError and stands in the owner's own audit trail.
    if isinstance(error, Forbidden | Unauthenticated | Invalid):
        door_of(request).admission.note(exchange, route_template(request.scope), error)
    return problem_response(error, exchange.trace_id)


async def by_fastapi(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    unknown = any(each["type"] == "extra_forbidden" for each in found)
    fields = [FieldError(field_name(each["loc"]), _message(each)) for each in found[:50]]
    slug = "unknown_field" if unknown else "invalid"
    return await by_us(request, Invalid("the request does not fit", fields, slug=slug))


async def by_starlette(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    slug = _SLUGS.get(error.status_code, "refused")
    problem = RedressError(str(error.detail), slug=slug, status=error.status_code)
    response = await by_us(request, problem)
    response.headers.update(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = ", ".join(_allowed(request))
    return response


def _allowed(request: Request) -> list[str]:
    """Of all routes of this path: Starlette names the methods of the first one only."""
    routes = [route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE]
    return sorted({method for route in routes for method in route.methods})


def _message(found: dict[str, Any]) -> str:
    """Pydantic's sentence; never the value, which may be personal."""
    return "is unknown" if found["type"] == "extra_forbidden" else str(found["msg"]).removeprefix("Value error, ")
