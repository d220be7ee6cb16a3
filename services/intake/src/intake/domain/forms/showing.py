"""What of a form is shown to somebody: fields as their answers call for them, and the document without the rest."""

from collections.abc import Collection, Mapping
from typing import Any

from intake.domain.forms.conditions import Situation, holds
from intake.domain.forms.conditions_read import order_of_showing
from intake.domain.forms.form import Answers, Form
from intake.domain.forms.layout import placed_in


def asked(form: Form, answers: Answers, at: Situation) -> list[str]:
    """Keys in the form's order. An answer to what is not asked any more calls for nothing."""
    shown: dict[str, Any] = {}
    keys = set()
    for field in order_of_showing(form.fields):
        if holds(field.visible_when, shown, at):
            keys.add(field.key)
            if field.key in answers:
                shown[field.key] = answers[field.key]
    return [field.key for field in form.fields if field.key in keys]


def document_for(form: Form, keys: Collection[str]) -> dict[str, Any]:
    """The document with these fields only, as a stranger may see it."""
    open_to_all = {"label", "help", "language", "public"}
    return {
        **{name: value for name, value in form.document.items() if name in open_to_all},
        "fields": [field for field in form.document["fields"] if field["key"] in keys],
    }


def layout_for(element: Mapping[str, Any], keys: Collection[str]) -> dict[str, Any] | None:
    """The layout without other fields, and without groups that are empty then."""
    if element["type"] == "Control":
        return dict(element) if set(placed_in(element)) <= set(keys) else None
    if "elements" not in element:
        return dict(element)
    kept = [inner for one in element["elements"] if (inner := layout_for(one, keys)) is not None]
    return {**element, "elements": kept} if any(one["type"] != "Label" for one in kept) else None
