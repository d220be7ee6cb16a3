from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from redressctl.api import Api, Json
from redressctl.clusters import Known
from redressctl.demo.people import Team
from redressctl.errors import ApiProblem, CtlError
from redressctl.polling import until
from redressctl.show import Story

EVENTS_WITHIN_S = 90.0
SAFETY_QUESTIONS = ("injury_or_fire", "legal", "several_affected", "core_business_stopped")


@dataclass
class Play:
    """What every scene of the demo uses. `admin`: the operator; everything else is done by people of the team."""

    admin: Api
    team: Team
    story: Story
    background: list[Known] = field(default_factory=list)
    """Complaints to compare a cluster's words with."""

    async def open_cases(self, stage: str | None = None) -> dict[str, Json]:
        found = await self.team.named("helen.brooks").api.all("/v1/cases", state="open", stage=stage)
        return {case["case_id"]: case for case in found}

    async def open_tasks(self, kind: str) -> dict[str, Json]:
        """By the case they belong to."""
        found = await self.team.named("helen.brooks").api.all("/v1/tasks", kind=kind, state="open")
        return {task["case_id"]: task for task in found if task["case_id"]}

    async def reached(self, stage: str, case_ids: set[str]) -> dict[str, Json]:
        """Waits until the events have brought these cases there."""

        async def look() -> dict[str, Json]:
            return {key: case for key, case in (await self.open_cases(stage)).items() if key in case_ids}

        what = f"{len(case_ids)} cases reaching the stage {stage}"
        return await until(look, lambda there: len(there) == len(case_ids), what, within_s=EVENTS_WITHIN_S, every_s=0.5)


async def refused(slug: str, attempt: Awaitable[Json]) -> ApiProblem:
    """The refusal that an attempt must meet (any when `slug` is empty); raises CtlError when it was let through."""
    try:
        await attempt
    except ApiProblem as problem:
        if problem.slug == slug or not slug:
            return problem
        raise
    raise CtlError(
        f"The installation allowed what it must refuse ({slug or '4xx'}): is it of this redressctl's version?"
    )


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def today() -> str:
    return datetime.now(UTC).date().isoformat()
