"""Publishes what a plan found changed, in an order in which each finds what it needs."""

from collections.abc import Callable, Sequence

from redressctl.api import Api, Json
from redressctl.config.files import DefinitionFile
from redressctl.config.plan import Plan, Planned
from redressctl.errors import ApiProblem

_STALE = 412


def in_order(plan: Plan) -> list[Planned]:
    """Calendars before processes that go by them; the process that opens new cases before one that no longer does."""
    changed = [one for one in plan.planned if one.action in ("create", "update")]
    return sorted(changed, key=lambda one: (_rank(one.file), one.file.key))


def _rank(file: DefinitionFile) -> int:
    if file.kind == "calendar":
        return 0
    return 1 if file.opens_new_cases else 2


async def publish(
    api: Api, plan: Plan, reason: str, tell: Callable[[Planned, Json], None]
) -> tuple[list[Json], Sequence[str]]:
    """(what was published, why the next one was refused): it ends with the first refusal."""
    published: list[Json] = []
    for one in in_order(plan):
        path = f"/v1/definitions/{one.file.kind}/{one.file.name}"
        body = {"document": one.file.document, "reason": reason}
        try:
            made = await api.send("PUT", path, json=body, version=None if one.waits_for else one.version)
        except ApiProblem as problem:
            return published, [f"{one.file.shown}: {_why(problem)}"]
        tell(one, made)
        published.append(made)
    return published, []


def _why(problem: ApiProblem) -> str:
    if problem.status == _STALE:
        return "someone else published it meanwhile; look at a new plan"
    return str(problem)
