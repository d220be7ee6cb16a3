"""Complaints that come as answers to a form: checked by it before they are checked as complaints."""

from collections.abc import Mapping
from dataclasses import dataclass

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, Invalid, NotFound, RedressError
from intake.app.forms.filling import FIRST_STAGE, Filled, filled, opened_data, roles_of
from intake.app.forms.published import FormRetired, Ready, form_in_use
from redress.intake.v1.intake_pb2 import RegisterCommand


@dataclass(frozen=True, slots=True)
class FormGiven:
    name: str
    version: int
    """0: the newest."""
    data: str
    """JSON, as it came."""


def form_of(command: RegisterCommand) -> FormGiven | None:
    """Raises Invalid for answers without a form."""
    if command.HasField("form"):
        return FormGiven(command.form, command.form_version, command.form_data or "{}")
    if command.HasField("form_data") or command.HasField("form_version"):
        raise Invalid("answers need the form they belong to", [FieldError("form", "is required beside form_data")])
    return None


async def filled_in(tx: Tx, given: Mapping[int, tuple[Call, FormGiven]]) -> dict[int, Filled | RedressError]:
    """Each item's answers, or why they are none. One statement per form and version that the group names."""
    forms: dict[tuple[str, int], Ready | RedressError] = {}
    answers: dict[int, Filled | RedressError] = {}
    for i, (call, one) in given.items():
        key = (one.name, one.version)
        if key not in forms:
            forms[key] = await _meant(tx, one)
        found = forms[key]
        answers[i] = found if isinstance(found, RedressError) else _filled(tx, call, found, one)
    return answers


async def _meant(tx: Tx, one: FormGiven) -> Ready | RedressError:
    try:
        return await form_in_use(tx, one.name, max(one.version, 0))
    except NotFound as error:
        return Invalid("there is no such form", [FieldError("form", error.detail)])
    except FormRetired as error:
        return error


def _filled(tx: Tx, call: Call, by: Ready, one: FormGiven) -> Filled | RedressError:
    try:
        found = filled(by.checked, opened_data(one.data), stage=FIRST_STAGE, roles=roles_of(call), now=tx.now)
    except Invalid as error:
        return error
    return Invalid("the answers do not fit the form", found.faults) if found.faults else found
