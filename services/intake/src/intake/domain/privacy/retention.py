"""How long complaints keep the person behind them: months after their closure, by the form they came with.

The document: {"rules": [{"form": "medical", "months": 120}, {"form": "*", "months": 36}], "automatic": false}. The
first rule that fits counts; "*" fits every complaint, also without a form. Without a fitting rule nothing is ever over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chassis.errors import FieldError, Invalid

ANY_FORM = "*"
MAX_MONTHS = 1200
MAX_RULES = 50
_FORM_CHARACTERS = 63


@dataclass(frozen=True, slots=True)
class Rule:
    form: str
    months: int


@dataclass(frozen=True, slots=True)
class Retention:
    rules: tuple[Rule, ...]
    automatic: bool
    """Erased without anyone's approval; else an erasure is requested, and a person decides."""

    @property
    def shortest_months(self) -> int | None:
        return min((rule.months for rule in self.rules), default=None)


OFF = Retention((), automatic=False)


def read(document: Mapping[str, Any]) -> Retention:
    """Raises Invalid with the place of every fault."""
    faults: list[FieldError] = []
    rules = document.get("rules")
    automatic = document.get("automatic", False)
    if not isinstance(automatic, bool):
        faults.append(FieldError("automatic", "must be true or false"))
    if not isinstance(rules, list) or len(rules) > MAX_RULES:
        faults.append(FieldError("rules", f"must be a list of at most {MAX_RULES} rules"))
        rules = []
    faults += [FieldError(name, "is not known") for name in document if name not in _KNOWN]
    found = [_rule(rule, f"rules[{n}]", faults) for n, rule in enumerate(rules)]
    if faults:
        raise Invalid("the retention rules do not stand", faults)
    return Retention(tuple(found), automatic=automatic)


_KNOWN = frozenset({"name", "version", "rules", "automatic"})


def _rule(rule: Any, place: str, faults: list[FieldError]) -> Rule:
    if not isinstance(rule, Mapping) or set(rule) != {"form", "months"}:
        faults.append(FieldError(place, "must have form and months, and nothing else"))
        return Rule(ANY_FORM, MAX_MONTHS)
    form, months = rule["form"], rule["months"]
    if not isinstance(form, str) or not 0 < len(form) <= _FORM_CHARACTERS:
        faults.append(FieldError(f"{place}.form", f'must be the name of a form, or "{ANY_FORM}"'))
    if not isinstance(months, int) or isinstance(months, bool) or not 0 < months <= MAX_MONTHS:
        faults.append(FieldError(f"{place}.months", f"must be a whole number of months, 1 to {MAX_MONTHS}"))
    return Rule(form, months)
