"""A form as a finished page: both languages, no script, fields that appear after other answers by sending it again."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chassis.errors import Malformed, NotFound, RedressError
from gateway.app import form_page
from gateway.app.principal import NOBODY
from gateway.edge.door import door_of
from gateway.edge.guarded_route import guarded
from gateway.routes.pages import chosen_language, page, sorry_page, words_of
from gateway.routes.public_forms import PublicForm, fetched, new_token, refuse_decoy, register, token_of

_MOST_FIELDS = 1_000
_FORM_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_AGAIN = ("decoy", "form_token", "too_quick")


@guarded(NOBODY, "page", sorry_page)
async def show_form(request: Request) -> Response:
    found = await fetched(request, _name(request))
    return _page(request, found, new_token(request, found))


@guarded(NOBODY, "form", sorry_page)
async def take_form(request: Request) -> Response:
    """What was asked and answered is registered; where the answers call for further questions, these come first."""
    posted = _posted(await request.body())
    name, sent = _name(request), posted.get("token", [""])[-1]
    found = await fetched(request, name)
    given = form_page.answers(found.document, posted, ZoneInfo(door_of(request).settings.time_zone))
    try:
        token = token_of(request, name, sent)
        found = await fetched(request, name, token.version, given)
        return await _taken(request, found, sent, posted, given)
    except RedressError as error:
        if error.slug in _AGAIN:
            fresh = sent if error.slug == "too_quick" else new_token(request, found)
            return _page(request, found, fresh, given, "again", status=error.status)
        if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise
        return _page(
            request, found, sent, given, "wrong", _faults(_language(request, found), error), status=error.status
        )


async def _taken(
    request: Request, found: PublicForm, sent: str, posted: form_page.Posted, given: Mapping[str, Any]
) -> Response:
    asked = set(found.form.asked)
    answers = {key: value for key, value in given.items() if key in asked}
    if not asked <= {*posted.get("shown", [""])[-1].split(",")}:
        return _page(request, found, sent, answers, "more")
    refuse_decoy(posted.get("website", [""])[-1])
    token = token_of(request, found.form.name, sent)
    registered = await register(request, found, token, answers, _language(request, found))
    return _page(request, found, sent, number=registered.number)


def _posted(body: bytes) -> dict[str, list[str]]:
    """Raises Malformed."""
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise Malformed("the form cannot be read") from error


def _faults(language: str, error: RedressError) -> dict[str, str]:
    """By field, in the reader's language as far as we have the words."""
    words = words_of(language)["form"]["faults"]
    found = {}
    for fault in error.fields:
        key = fault.field.removeprefix("form_data.").partition(".")[0]
        usual = words["required" if fault.message == "is required" else "other"]
        found[key] = usual if language == "zh" or fault.message == "is required" else f"{usual}: {fault.message}"
    return found


def _page(
    request: Request,
    found: PublicForm,
    token: str,
    given: Mapping[str, Any] | None = None,
    notice: str = "",
    faults: Mapping[str, str] | None = None,
    *,
    number: str = "",
    status: int = 200,
) -> Response:
    asked: Sequence[str] = list(found.form.asked)
    response = page(
        request,
        "form.html",
        _language(request, found),
        status,
        document=found.document,
        sections=form_page.sections(found.document, found.layout, asked),
        parts=form_page.PARTS,
        kinds=form_page.INPUTS,
        data=form_page.shown_again(found.document, given or {}),
        token=token,
        shown=",".join(asked),
        notice=notice,
        faults=faults or {},
        number=number,
    )
    return _embeddable(response, found.public["origins"])


def _embeddable(response: Response, origins: Sequence[str]) -> Response:
    """In a frame of the sites that the form names. Browsers that know frame-ancestors ignore X-Frame-Options."""
    if origins:
        policy = response.headers["Content-Security-Policy"]
        ancestors = f"frame-ancestors 'self' {' '.join(origins)}"
        response.headers["Content-Security-Policy"] = policy.replace("frame-ancestors 'none'", ancestors)
    return response


def _language(request: Request, found: PublicForm) -> str:
    if chosen := chosen_language(request) or found.document.get("language", ""):
        return str(chosen)
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "zh"


def _name(request: Request) -> str:
    name: str = request.path_params["name"]
    if not _FORM_NAME.fullmatch(name):
        raise NotFound("there is no such form")
    return name


def add_routes(router: APIRouter) -> None:
    router.add_api_route("/forms/{name}", show_form, methods=["GET"], include_in_schema=False)
    router.add_api_route("/forms/{name}", take_form, methods=["POST"], include_in_schema=False)
