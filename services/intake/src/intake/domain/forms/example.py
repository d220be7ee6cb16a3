"""Answers that a form takes: for previews, documentation and trying a draft before anybody uses it."""

from collections.abc import Callable, Mapping
from typing import Any

from intake.domain.forms.conditions import Situation, holds
from intake.domain.forms.conditions_read import order_of_showing
from intake.domain.forms.form import Field, Form

_WORDS = "The display went dark while driving and came back after a restart. "


def example(form: Form, at: Situation) -> dict[str, Any]:
    """Every field that is asked, answered: its own example, else one made from its limits."""
    answers: dict[str, Any] = {}
    for field in order_of_showing(form.fields):
        if holds(field.visible_when, answers, at):
            answers[field.key] = field.example if field.example is not None else _MADE[field.type](field)
    return {field.key: answers[field.key] for field in form.fields if field.key in answers}


def _text(field: Field) -> str:
    least, most = field.limits.get("min_length", 1), field.limits["max_length"]
    long_enough = (_WORDS * (least // len(_WORDS) + 1))[: min(max(least, len(_WORDS) - 1), most)]
    return str(long_enough.rstrip().ljust(least, ".")[:most])


def _number(field: Field) -> float:
    least: float | None = field.limits.get("minimum")
    most: float | None = field.limits.get("maximum")
    if least is None:
        return 1 if most is None else min(1, most)
    return least if most is None else min(max(least, 1), most)


def _day(field: Field) -> str:
    return str(field.limits.get("earliest") or field.limits.get("latest") or "2026-01-31")


def _product(field: Field) -> dict[str, str]:
    return {"family": field.options[0].value if field.options else "Pump P7", "model": "P7-200"}


_ADDRESS = {"country": "CN", "city": "Shanghai", "street": "Nanjing Road 1", "postcode": "200001"}
_MADE: Mapping[str, Callable[[Field], Any]] = {
    "short_text": _text,
    "long_text": _text,
    "number": _number,
    "date": _day,
    "time": lambda _: "08:30",
    "date_time": lambda field: f"{_day(field)}T08:30:00+00:00",
    "choice": lambda field: field.options[0].value,
    "choices": lambda field: [field.options[0].value],
    "yes_no_unknown": lambda _: "no",
    "product": _product,
    "lot": lambda field: "L2026-01"[: field.limits["max_length"]],
    "serial": lambda field: "SN000123"[: field.limits["max_length"]],
    "customer": lambda _: {"name": "Ann Miller", "ref": "C-1001"},
    "address": lambda _: dict(_ADDRESS),
    "phone": lambda _: "+86 21 5555 0100",
    "email": lambda _: "ann.miller@example.org",
    "attachment": lambda _: [{"attachment_id": "0190a1b2-0000-7000-8000-000000000001", "name": "photo.jpg"}],
    "rating": lambda field: field.limits["maximum"],
    "consent": lambda _: True,
}
