"""What every use case begins with: who acts, on which case, and what the audit trail says afterwards."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, Invalid, NotFound, StaleVersion
from chassis.ids import new_id
from workflow.adapters.cases import load, save
from workflow.adapters.roster import persons, roster_of
from workflow.domain.authority import Person, require_staff
from workflow.domain.case import Act, Case, CaseFile, Outcome
from workflow.domain.roster import EMPTY, Roster

ACTOR = "system:workflow"
Decide = Callable[[CaseFile, Act, Person], None]
_UNTOLD = frozenset({"version", "since", "visit", "notice_at", "case_notice_at", "response_notice_at", "skip_reason"})


def act_of(tx: Tx, by: str, roster: Roster = EMPTY) -> Act:
    return Act(at=tx.now, by=by, new_id=new_id, roster=roster)


async def roster_for(tx: Tx, files: Iterable[CaseFile]) -> Roster:
    """Whoever could get a task while these cases move on."""
    return await roster_of(tx, sorted({key for file in files for key in file.definition.departments}))


async def person_of(tx: Tx, call: Call) -> Person:
    """Raises Forbidden for callers from outside the company."""
    person = (await persons(tx, {call.actor: (call.roles, call.department)}))[call.actor]
    require_staff(person)
    return person


def known_id(value: str, what: str) -> str:
    """The id in its canonical form; raises NotFound for text that is none."""
    try:
        return str(UUID(value))
    except ValueError as error:
        raise NotFound(f"there is no such {what}") from error


def match_version(if_version: int, version: int) -> None:
    """Raises Invalid without If-Match, StaleVersion when someone changed it meanwhile."""
    if if_version == 0:
        raise Invalid("say which version you saw", [FieldError("if_version", "If-Match is required")])
    if if_version != version:
        raise StaleVersion(f"version {if_version} is stale: it is {version} now")


async def change_case(
    tx: Tx, call: Call, case_id: str, if_version: int | None, action: str, decide: Decide, reason: str = ""
) -> CaseFile:
    """Load, decide, save, audit. `if_version` None: the command needs none."""
    key = known_id(case_id, "case")
    person = await person_of(tx, call)
    file = (await load(tx, [key])).get(key)
    if file is None:
        raise NotFound("there is no such case")
    if if_version is not None:
        match_version(if_version, file.case.version)
    before = told(file.case)
    decide(file, act_of(tx, call.actor, await roster_for(tx, [file])), person)
    record(tx, call, file.case, before, action, reason)
    await save(tx, [file])
    return file


def told(case: Case) -> dict[str, Any]:
    """What the audit trail compares: the case without what only engines look at. Values are replaced, never mutated."""
    return {name: value for name, value in vars(case).items() if name not in _UNTOLD}


def record(tx: Tx, call: Call, case: Case, before: Mapping[str, Any], action: str, reason: str = "") -> None:
    after = told(case)
    changes = {name: [_plain(before[name]), _plain(after[name])] for name in after if before[name] != after[name]}
    tx.audit(aggregate_type="case", aggregate_id=case.case_id, action=action, call=call, changes=changes, reason=reason)


def _plain(value: Any) -> Any:
    return asdict(value) if isinstance(value, Outcome) else value
