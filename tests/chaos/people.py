"""People at work under fault: a case is answered, its review completed, decided for the fast path and closed.

Each step has one Idempotency-Key and is sent again until it is acknowledged, as a well-behaved client would.
"""

import asyncio
from collections import Counter, deque
from dataclasses import dataclass, field
from itertools import count

from redressctl.api import Api, Json, connect
from redressctl.errors import ApiProblem
from redressctl.retrying import Patience

_HANDS = 4
_EVERY = 2
_LONGEST_WAIT_S = 90.0
_OUTCOME = {"code": "resolved", "remedy": "information", "accepted": True, "justified": True, "reason": "explained"}


@dataclass
class Work:
    """What was acknowledged, by the ids it was done to."""

    answered: list[str] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    """`status slug` of answers that refuse for good: nobody else works on these cases, so there must be none."""

    @property
    def acknowledged(self) -> int:
        return len(self.answered) + len(self.completed) + len(self.closed)


class People:
    """Takes every second complaint that it is offered."""

    def __init__(self, url: str, key: str, patience: Patience) -> None:
        self._url, self._key, self._patience = url, key, patience
        self._offered: deque[str] = deque()
        self._turn = count()
        self.work = Work()

    def offer(self, complaint_id: str) -> None:
        if next(self._turn) % _EVERY == 0:
            self._offered.append(complaint_id)

    async def run(self, over: asyncio.Event) -> None:
        """Until `over`; a case begun is finished."""
        async with connect(self._url, self._key, concurrency=_HANDS, patience=self._patience, knock=False) as api:
            await asyncio.gather(*(self._hand(api, over) for _ in range(_HANDS)))

    async def _hand(self, api: Api, over: asyncio.Event) -> None:
        while not over.is_set():
            if not self._offered:
                await asyncio.sleep(0.1)
                continue
            try:
                await self._close(api, self._offered.popleft())
            except ApiProblem as problem:
                self.work.refused[f"{problem.status} {problem.slug}"] += 1
            except TimeoutError:
                self.work.refused["no case"] += 1

    async def _close(self, api: Api, case_id: str) -> None:
        path = f"/v1/cases/{case_id}"
        case = await _opened(api, path)
        await api.post(f"{path}/responses", {"channel": "phone", "text": "We look into it."})
        self.work.answered.append(case_id)
        for task in case["tasks"]:
            if task["kind"] == "grade_review" and task["state"] == "open":
                await api.post(f"/v1/tasks/{task['task_id']}/complete", {"result": "confirmed"})
                self.work.completed.append(task["task_id"])
        await api.change(path, "skip-investigation", {"reason": "the answer is known"})
        await api.change(path, "close", {"outcome": _OUTCOME})
        self.work.closed.append(case_id)


async def _opened(api: Api, path: str) -> Json:
    """The case comes with its complaint's event."""
    async with asyncio.timeout(_LONGEST_WAIT_S):
        while True:
            try:
                return await api.get(path)
            except ApiProblem as problem:
                if problem.status != 404:
                    raise
            await asyncio.sleep(0.3)
