"""Pages for customers: no script, no cookie, nothing from anywhere else, in their language."""

import base64
import hashlib
import json
from datetime import datetime
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from chassis.errors import RedressError
from chassis.links import LinkBroken
from gateway.edge.door import door_of
from gateway.edge.problems import headers_of

LANGUAGES = ("zh", "en")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SORRY = {404: "broken", 410: "expired", 429: "busy", 503: "later"}


def page(request: Request, template: str, language: str, status: int = 200, **content: Any) -> Response:
    """`language`: the reader's; `?lang=` in the address is a choice of their own."""
    settings = door_of(request).settings
    chosen = chosen_language(request) or language
    zone = ZoneInfo(settings.time_zone)
    html = (
        _environment()
        .get_template(template)
        .render(
            content,
            language=chosen,
            other=LANGUAGES[chosen == "zh"],
            words=_words()[chosen],
            other_words=_words()[LANGUAGES[chosen == "zh"]],
            day=lambda at: day(at, zone, chosen),
            organisation=settings.organisation,
            style=_style(),
        )
    )
    return Response(html, status, _headers(chosen), "text/html")


def sorry_page(request: Request, error: RedressError) -> Response:
    """Every refusal looks alike, whatever was tried; it says what to do next."""
    language = "en" if request.headers.get("accept-language", "").lower().startswith("en") else "zh"
    response = page(request, "sorry.html", language, error.status, reason=_SORRY.get(error.status, "other"))
    response.headers.update(headers_of(error))
    return response


def broken_if_missing(error: RedressError) -> RedressError:
    """A link to what is no longer there is as good as broken; what an owner raised keeps its status only."""
    return LinkBroken("this link leads nowhere") if error.status == HTTPStatus.NOT_FOUND else error


def words_of(language: str) -> dict[str, Any]:
    return _words()[language]


def chosen_language(request: Request) -> str:
    """Empty when the reader chose none."""
    given = request.query_params.get("lang", "")
    return given if given in LANGUAGES else ""


def day(at: datetime, zone: ZoneInfo, language: str) -> str:
    local = at.astimezone(zone)
    if language == "zh":
        return f"{local.year}年{local.month}月{local.day}日"
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("gateway"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _words() -> dict[str, dict[str, Any]]:
    """By language."""
    found: dict[str, dict[str, Any]] = json.loads(_text("words.json"))
    return found


@cache
def _style() -> str:
    return _text("page.css")


@cache
def _headers(language: str) -> dict[str, str]:
    """The style stands in the page and is allowed by its hash; nothing else may load or run."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Content-Language": language,
        "X-Robots-Tag": "noindex, nofollow, noarchive",
    }


def _text(name: str) -> str:
    return files("gateway").joinpath("templates", name).read_text(encoding="utf-8")
