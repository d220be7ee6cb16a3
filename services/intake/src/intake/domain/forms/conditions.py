"""When a field is asked, or must be answered: comparisons of answers, stage and role with constants, nothing else."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Subject = Literal["field", "stage", "role"]

ON_ANY = ("filled", "empty")
ON_WORDS = ("is", "is_not", "in", *ON_ANY)
ON_LISTS = ("contains", *ON_ANY)
ON_NUMBERS = ("is", "is_not", "at_least", "above", "at_most", "below", *ON_ANY)
_KEYWORDS = {"at_least": "minimum", "above": "exclusiveMinimum", "at_most": "maximum", "below": "exclusiveMaximum"}


@dataclass(frozen=True, slots=True)
class Comparison:
    subject: Subject
    field: str
    """Empty where the subject is the stage or the role."""
    operator: str
    constant: Any


@dataclass(frozen=True, slots=True)
class Several:
    every: bool
    """All of them must hold; else one is enough."""
    of: tuple["Condition", ...]


Condition = Comparison | Several


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a form is filled in, and by whom. None: whichever it may be, conditions about it hold."""

    stage: str | None
    roles: frozenset[str] | None


def holds(condition: Condition | None, answers: Mapping[str, Any], at: Situation) -> bool:
    if condition is None:
        return True
    if isinstance(condition, Several):
        return (all if condition.every else any)(holds(one, answers, at) for one in condition.of)
    if condition.subject != "field":
        return _holds_there(condition, at)
    return _COMPARED[condition.operator](answers.get(condition.field), condition.constant)


def schema_of(condition: Condition, at: Situation) -> Any:
    """The JSON Schema that answers fit when the condition holds; stage and role are settled here."""
    if isinstance(condition, Several):
        return {"allOf" if condition.every else "anyOf": [schema_of(one, at) for one in condition.of]}
    if condition.subject != "field":
        return _holds_there(condition, at)
    there: dict[str, Any] = {"required": [condition.field]}
    match condition.operator:
        case "filled":
            return there
        case "empty":
            return {"not": there}
        case "is":
            return there | {"properties": {condition.field: {"const": condition.constant}}}
        case "is_not":
            return {"not": there | {"properties": {condition.field: {"const": condition.constant}}}}
        case "in":
            return there | {"properties": {condition.field: {"enum": list(condition.constant)}}}
        case "contains":
            return there | {"properties": {condition.field: {"contains": {"const": condition.constant}}}}
    return there | {"properties": {condition.field: {_KEYWORDS[condition.operator]: condition.constant}}}


def comparisons(condition: Condition | None) -> Sequence[Comparison]:
    if condition is None:
        return ()
    return [condition] if isinstance(condition, Comparison) else [c for one in condition.of for c in comparisons(one)]


def _holds_there(condition: Comparison, at: Situation) -> bool:
    if condition.subject == "stage":
        return at.stage is None or at.stage in condition.constant
    return at.roles is None or not at.roles.isdisjoint(condition.constant)


def _same(given: Any, constant: Any) -> bool:
    """True is no 1 in JSON."""
    return given == constant and isinstance(given, bool) == isinstance(constant, bool)


def _ordered(compare: Callable[[float, float], bool]) -> Callable[[Any, Any], bool]:
    return lambda given, constant: (
        isinstance(given, int | float) and not isinstance(given, bool) and compare(given, constant)
    )


_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "is": _same,
    "is_not": lambda given, constant: not _same(given, constant),
    "in": lambda given, constant: given is not None and given in constant,
    "contains": lambda given, constant: isinstance(given, Collection) and constant in given,
    "filled": lambda given, _: given is not None,
    "empty": lambda given, _: given is None,
    "at_least": _ordered(lambda a, b: a >= b),
    "above": _ordered(lambda a, b: a > b),
    "at_most": _ordered(lambda a, b: a <= b),
    "below": _ordered(lambda a, b: a < b),
}
