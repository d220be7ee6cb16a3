"""What the OpenAPI document says about every route alike: credentials, roles, headers, refusals."""

import inspect
from typing import Any, Literal

from pydantic import BaseModel
from starlette.requests import Request

REFUSALS = {
    400: "Malformed: no JSON, no UTF-8, a header that cannot be read",
    401: "No credentials, or none that hold",
    403: "The role is too low, or the request tries to say who acts",
    404: "There is no such thing, or not for this caller",
    408: "The request did not arrive in time",
    409: "Not possible now; `possible` says what is, or what is missing",
    410: "The link has expired",
    412: "If-Match names an older version",
    413: "The body is too large",
    415: "The body is not of the expected type",
    422: "A field is unknown or wrong; `fields` names it. Also: an Idempotency-Key used for another body",
    428: "If-Match is missing",
    429: "Too many calls; Retry-After says when to come again",
    431: "The headers, or the path with its query, are too long or too many",
    503: "A part we need is away; Retry-After says when to come again",
}
_ALWAYS = (400, 401, 403, 429, 431, 503)
Version = Literal["none", "optional", "required"]
"""Whether a route takes If-Match."""
_OF_READS = (*_ALWAYS, 404, 422)
_OF_WRITES = (*_ALWAYS, 404, 408, 409, 413, 415, 422)
SECURITY: list[dict[str, list[str]]] = [{"accessToken": []}, {"apiKey": []}]
_ETAG = {"ETag": {"description": "The version, for If-Match", "schema": {"type": "string"}, "example": '"3"'}}
_LOCATION = {"Location": {"description": "Where the new resource is", "schema": {"type": "string"}}}


def refusals(*, writes: bool, version: Version, public: bool) -> dict[int | str, dict[str, Any]]:
    of_versions = {"none": (), "optional": (412,), "required": (412, 428)}[version]
    statuses = {*(_OF_WRITES if writes else _OF_READS), *of_versions}
    if public:
        statuses.discard(403)
    return {status: {"description": REFUSALS[status]} for status in sorted(statuses)}


def documented(
    roles: frozenset[str], reply: type[BaseModel] | None, status: int, *, writes: bool, version: Version = "none"
) -> dict[str, Any]:
    """Arguments of `add_api_route` that all routes share."""
    headers = _ETAG if reply and "version" in reply.model_fields else {}
    success: dict[str, Any] = {"headers": headers | (_LOCATION if status == 201 else {})}
    security = {"security": SECURITY if roles else [], "x-roles": sorted(roles)}
    return {
        "response_model": reply,
        "status_code": status,
        "responses": {status: success, **refusals(writes=writes, version=version, public=not roles)},
        "openapi_extra": security,
    }


def shown_as(endpoint: Any, **parameters: Any) -> None:
    """The signature that OpenAPI shows; the bare handler reads the request itself."""
    kind = inspect.Parameter.KEYWORD_ONLY
    shown = [inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Request)]
    for name, annotation in parameters.items():
        of, default = annotation if isinstance(annotation, tuple) else (annotation, inspect.Parameter.empty)
        shown.append(inspect.Parameter(name, kind, annotation=of, default=default))
    endpoint.__signature__ = inspect.Signature(shown)
