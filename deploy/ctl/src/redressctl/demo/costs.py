"""What poor quality and its prevention cost: all four categories (DOMAIN 4)."""

from redressctl.api import Json
from redressctl.demo.people import Person
from redressctl.demo.play import today
from redressctl.together import together

_CURRENCY = {"zh": "CNY", "en": "EUR"}
_OF_CAPA = (
    ("internal_failure", "sorting", 1_850_00, "stock inspection record"),
    ("internal_failure", "rework", 2_400_00, "rework order"),
    ("appraisal", "test", 960_00, "laboratory invoice"),
)
_OF_CASE = (("repair", 320_00), ("replacement", 780_00), ("field_service", 210_00), ("compensation", 500_00))


async def post_for_capa(author: Person, language: str, capa_id: str) -> None:
    lines = [_line(language, *line) | {"capa_id": capa_id} for line in _OF_CAPA]
    training = _line(language, "prevention", "training", 1_200_00, "training plan") | {"period": today()[:7]}
    await together(author.api.post("/v1/costs", line) for line in [*lines, training])


async def post_for_case(person: Person, language: str, case_id: str, turn: int) -> None:
    kind, amount = _OF_CASE[turn % len(_OF_CASE)]
    line = _line(language, "external_failure", kind, amount + turn * 1_00, "service order")
    await person.api.post("/v1/costs", line | {"case_id": case_id})


def _line(language: str, category: str, sub_type: str, amount_minor: int, document: str) -> Json:
    return {
        "date": today(),
        "category": category,
        "sub_type": sub_type,
        "amount_minor": amount_minor,
        "currency": _CURRENCY[language],
        "source_document": document,
        "estimated": False,
    }
