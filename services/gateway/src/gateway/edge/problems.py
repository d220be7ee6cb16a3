"""Every error as application/problem+json (RFC 9457), with our slug, the fields, what is possible, and the trace."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.responses import Response

from chassis.errors import FieldError, RedressError, Unavailable

MEDIA_TYPE = "application/problem+json"


class Problem(msgspec.Struct, omit_defaults=False):
    type: str
    title: str
    status: int
    detail: str
    slug: str
    fields: list[FieldError]
    possible: list[str]
    trace_id: str


def problem_response(error: RedressError, trace_id: str) -> Response:
    problem = Problem(
        f"urn:redress:problem:{error.slug}",
        HTTPStatus(error.status).phrase,
        error.status,
        error.detail,
        error.slug,
        list(error.fields),
        list(error.possible),
        trace_id,
    )
    return Response(msgspec.json.encode(problem), error.status, headers_of(error), MEDIA_TYPE)


def headers_of(error: RedressError) -> dict[str, str]:
    headers: dict[str, str] = {}
    if error.status in (408, 413):
        # What is left of the body would be read as the next request.
        headers["Connection"] = "close"
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="redress"'
    if error.retry_after is not None or isinstance(error, Unavailable):
        headers["Retry-After"] = str(error.retry_after or 1)
    return headers


def field_name(location: Sequence[Any]) -> str:
    """('body', 'outcome', 'code') -> "outcome.code"; the part of the request it lies in is not part of its name."""
    inner = [str(part) for part in location[1:]] or [str(part) for part in location]
    return ".".join(inner)
