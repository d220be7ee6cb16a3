"""Checks answers by a form's JSON Schema, with an engine whose patterns take linear time.

Patterns come from people: a backtracking engine could be stalled for hours by one of 20 characters.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs

from intake.domain.forms.conditions import Situation
from intake.domain.forms.form import Answers, Form
from intake.domain.forms.schema import schema

_PATTERNS = jsonschema_rs.RegexOptions(size_limit=256 * 1024)
_MOST_SITUATIONS = 64
NOT_ASKED = "is not asked after these answers"
Fault = tuple[str, str]
"""Field, and what is wrong with its answer; never the answer itself."""


class BadSchema(Exception):
    """The schema cannot be compiled: a pattern beyond what runs in linear time."""


@dataclass(frozen=True)
class Checked:
    """A form and what checks its answers, compiled once for each stage and set of roles."""

    form: Form
    _compiled: dict[Situation, tuple[dict[str, Any], jsonschema_rs.Draft202012Validator]] = field(default_factory=dict)

    def faults(self, answers: Answers, at: Situation) -> Iterator[Fault]:
        """Raises BadSchema."""
        described, validator = self._for(at)
        for error in validator.iter_errors(dict(answers)):
            yield from _faults(self.form, described, error)

    def schema(self, at: Situation) -> Mapping[str, Any]:
        return self._for(at)[0]

    def _for(self, at: Situation) -> tuple[dict[str, Any], jsonschema_rs.Draft202012Validator]:
        if at not in self._compiled:
            if len(self._compiled) >= _MOST_SITUATIONS:
                self._compiled.clear()
            described = schema(self.form, at)
            self._compiled[at] = described, _compile(described)
        return self._compiled[at]


def _compile(described: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    try:
        return jsonschema_rs.Draft202012Validator(
            described, validate_formats=True, offline=True, pattern_options=_PATTERNS
        )
    except (ValueError, jsonschema_rs.ValidationError) as error:
        raise BadSchema(str(error).splitlines()[0][:200]) from error


def unusable_patterns(form: Form) -> Iterator[str]:
    """Fields whose pattern cannot be run in linear time: look-around, references back, or far too large."""
    for one in form.fields:
        if "pattern" in one.limits:
            try:
                _compile({"pattern": one.limits["pattern"]})
            except BadSchema:
                yield one.key


def _faults(form: Form, described: Mapping[str, Any], error: jsonschema_rs.ValidationError) -> Iterator[Fault]:
    kind: Any = error.kind
    if not error.instance_path:
        yield from _of_the_whole(form, described, error)
        return
    key = str(error.instance_path[0])
    inner = "".join(f".{part}" for part in error.instance_path[1:])
    if kind.name == "required":
        inner, text = f"{inner}.{kind.property}", "is required"
    else:
        text = _SENTENCES.get(kind.name, lambda _: "does not fit")(kind)
    if kind.name == "pattern" and key in form.by_key and form.by_key[key].example is not None:
        text = f"{text}, e.g. {form.by_key[key].example}"
    yield f"{key}{inner}"[:200], text


def _of_the_whole(form: Form, described: Mapping[str, Any], error: jsonschema_rs.ValidationError) -> Iterator[Fault]:
    kind: Any = error.kind
    if kind.name == "required":
        yield kind.property, "is required"
    elif kind.name == "additionalProperties":
        for key in kind.unexpected:
            yield key[:200], "is not asked here" if key in form.by_key else "is no field of this form"
    elif len(error.schema_path) > 1 and error.schema_path[0] == "allOf":
        yield described["allOf"][error.schema_path[1]]["$comment"], NOT_ASKED
    else:
        yield "", "must be an object"


_SENTENCES: Mapping[str, Callable[[Any], str]] = {
    "type": lambda kind: f"must be of type {_type_of(kind)}",
    "enum": lambda kind: f"must be one of {', '.join(map(str, kind.options))}"[:500],
    "const": lambda _: "must be agreed to",
    "format": lambda kind: f"is no {kind.format}",
    "pattern": lambda _: "is not written as it should be",
    "minLength": lambda kind: f"is shorter than {kind.limit} characters",
    "maxLength": lambda kind: f"is longer than {kind.limit} characters",
    "minimum": lambda kind: f"is less than {kind.limit}",
    "maximum": lambda kind: f"is more than {kind.limit}",
    "minItems": lambda kind: f"needs at least {kind.limit}",
    "maxItems": lambda kind: f"takes at most {kind.limit}",
    "uniqueItems": lambda _: "holds one of them twice",
    "additionalProperties": lambda kind: f"has no {', '.join(kind.unexpected)}"[:200],
}


def _type_of(kind: Any) -> str:
    return " or ".join(kind.types) if isinstance(kind.types, list) else str(kind.types)
