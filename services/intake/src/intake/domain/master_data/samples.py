"""A returned sample on its way from the customer to a result, and when "no trouble found" may be said.

The protocol follows the field failure analysis of VDA (its volume "Field Failures Analysis & Audit Standard"): a
standard test as at the end of the line, a load test under conditions as in the field, and, where both find nothing, the
NTF process, which looks at the data of the field before the finding is given.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chassis.errors import FieldError, IllegalTransition, Invalid, MissingDeliverable

State = Literal["asked", "sent", "received", "at_lab", "concluded", "withdrawn"]
STATES: tuple[State, ...] = ("asked", "sent", "received", "at_lab", "concluded", "withdrawn")
WAITING: tuple[State, ...] = ("asked", "sent", "received", "at_lab")
TRANSITIONS: dict[State, tuple[State, ...]] = {
    "asked": ("sent", "received", "withdrawn"),
    "sent": ("received", "withdrawn"),
    "received": ("at_lab", "concluded", "withdrawn"),
    "at_lab": ("received", "concluded", "withdrawn"),
    "concluded": (),
    "withdrawn": (),
}
RESULTS = ("confirmed", "no_trouble_found", "other_defect", "misuse", "transport_damage", "not_ours", "not_testable")
TESTS = ("standard_test", "load_test", "stress_test", "field_data_check", "system_test")
OUTCOMES = ("passed", "failed", "not_possible")
NEEDED_FOR_NTF = ("standard_test", "load_test", "field_data_check")
MAX_TESTS = 50


@dataclass(frozen=True, slots=True)
class Test:
    test: str
    outcome: str
    note: str
    at: datetime | None = None

    __test__ = False  # pytest would take it for one of its own


def move(state: State, to: State) -> State:
    """Raises IllegalTransition naming what is possible."""
    possible = TRANSITIONS[state]
    if to not in possible:
        raise IllegalTransition(f"a sample that is {state} cannot become {to}", possible=possible)
    return to


def check_result(result: str, protocol: Sequence[Test]) -> None:
    """Raises Invalid for words that are none of ours, MissingDeliverable where "no trouble found" lacks its tests,
    IllegalTransition where a test that failed contradicts it."""
    faults = [*_word("result", result, RESULTS)]
    for n, test in enumerate(protocol):
        faults += _word(f"protocol[{n}].test", test.test, TESTS)
        faults += _word(f"protocol[{n}].outcome", test.outcome, OUTCOMES)
    if len(protocol) > MAX_TESTS:
        faults.append(FieldError("protocol", f"at most {MAX_TESTS} tests"))
    if faults:
        raise Invalid("the result cannot be kept as it is", faults)
    if result == "no_trouble_found":
        _check_no_trouble_found(protocol)


def _check_no_trouble_found(protocol: Iterable[Test]) -> None:
    outcomes = {test.test: test.outcome for test in protocol}
    failed = sorted(test for test, outcome in outcomes.items() if outcome == "failed")
    if failed:
        detail = f"{', '.join(failed)} failed: that is trouble found"
        raise IllegalTransition(detail, possible=("confirmed", "other_defect"))
    missing = [test for test in NEEDED_FOR_NTF if outcomes.get(test) != "passed"]
    if missing:
        raise MissingDeliverable('"no trouble found" needs its whole protocol', possible=missing)


def _word(field: str, word: str, allowed: Iterable[str]) -> list[FieldError]:
    return [] if word in allowed else [FieldError(field, f"must be one of {', '.join(allowed)}")]
