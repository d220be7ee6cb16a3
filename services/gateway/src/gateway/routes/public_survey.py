"""The satisfaction survey, for whoever holds its link. Looking at it counts nothing: mail scanners follow links."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter
from google.protobuf.message import Message
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from chassis.errors import Malformed, RedressError
from chassis.links import Link
from gateway.adapters.contracts import SERVICES
from gateway.app.principal import NOBODY
from gateway.edge.door import door_of
from gateway.edge.exchange import exchange_of
from gateway.edge.guarded_route import guarded
from gateway.routes.pages import broken_if_missing, chosen_language, page, sorry_page
from redress.notify.v1.notify_pb2 import AnswerSurveyRequest, GetSurveyRequest, Survey

PURPOSE = "survey"
LONGEST_COMMENT = 2000
_METHODS = SERVICES["notify"].methods_by_name
_RATINGS = ("process_rating", "result_rating")
_FIELDS = 10


@guarded(NOBODY, "page", sorry_page)
async def survey_page(request: Request) -> Response:
    link = await _link(request)
    survey = await _ask(request, "GetSurvey", GetSurveyRequest(survey_id=link.subject))
    return _page(request, link, survey, given={}, wrong=())


@guarded(NOBODY, "form", sorry_page)
async def answer_survey(request: Request) -> Response:
    """The first answer stands. Then back to the page by GET, so that loading it again sends nothing."""
    link = await _link(request)
    given = form_of(await request.body())
    try:
        await _ask(request, "AnswerSurvey", answer_of(link.subject, given))
    except RedressError as error:
        if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise
        survey = await _ask(request, "GetSurvey", GetSurveyRequest(survey_id=link.subject))
        return _page(request, link, survey, given, wrong=[field.field for field in error.fields])
    return RedirectResponse(f"?lang={chosen_language(request) or link.language}", 303)


def form_of(body: bytes) -> dict[str, str]:
    """The last value of each field. Raises Malformed."""
    try:
        parsed = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=_FIELDS, errors="strict")
    except ValueError as error:
        raise Malformed("the form cannot be read") from error
    return {name: values[-1] for name, values in parsed.items()}


def answer_of(survey_id: str, given: Mapping[str, str]) -> AnswerSurveyRequest:
    """What the form says; the owner judges it. Browsers send CRLF."""
    comment = given.get("comment", "").replace("\r\n", "\n")
    answer = AnswerSurveyRequest(survey_id=survey_id, comment=comment)
    for name in _RATINGS:
        if given.get(name, "").isascii() and given.get(name, "").isdigit():
            setattr(answer, name, min(int(given[name][:4]), 99))
    return answer


def _page(request: Request, link: Link, survey: Survey, given: Mapping[str, str], wrong: Any) -> Response:
    content = {"survey": survey, "given": given, "wrong": wrong, "longest": LONGEST_COMMENT}
    return page(request, "survey.html", link.language, 422 if wrong else 200, **content)


async def _link(request: Request) -> Link:
    return await door_of(request).links.read(request.path_params["token"], PURPOSE)


async def _ask(request: Request, method: str, message: Message) -> Survey:
    door = door_of(request)
    traceparent, seconds = exchange_of(request).traceparent, door.settings.write_timeout_s
    try:
        survey = await door.owners.ask_ourselves("notify", _METHODS[method], message, traceparent, seconds)
    except RedressError as error:
        raise broken_if_missing(error) from error
    assert isinstance(survey, Survey)
    return survey


def add_routes(router: APIRouter) -> None:
    router.add_api_route("/survey/{token}", survey_page, methods=["GET"], include_in_schema=False)
    router.add_api_route("/survey/{token}", answer_survey, methods=["POST"], include_in_schema=False)
