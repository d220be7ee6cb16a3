"""A desk to work at: cases without I/O for unit tests, events and commands on a database for integration."""

import itertools
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
import pytest

from chassis.call import Call
from chassis.db import Database, Tx
from chassis.envelope import Received
from chassis.ids import new_id
from redress.catalog import TYPE_OF
from redress.intake.v1.events import ComplaintRegistered
from redress.workflow.v1 import workflow_pb2 as pb
from workflow.app import case_commands, queries
from workflow.app.complete_tasks import Item, complete_tasks
from workflow.domain.calendar import Calendar
from workflow.domain.calendar_document import parse_calendar
from workflow.domain.case import Act, CaseFile, Deliverable, Task
from workflow.domain.completion import complete
from workflow.domain.definition import Definition
from workflow.domain.definition_document import parse_definition
from workflow.domain.deliverables import fulfil
from workflow.domain.opening import Complaint, open_case
from workflow.domain.roster import Member, Roster
from workflow.domain.stages import settle
from workflow.entrypoints.consumers import REACTIONS

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""09:00 in Shanghai, a working day without holidays around it."""
DIAGNOSIS = {"preliminary_cause": "the seal hardens in the cold", "reproduction": "reproduced", "onsite_support": "no"}
CALLBACK = {"callback": {"reached": True, "satisfied": 4}}
PEOPLE = (
    ("cs-1", "customer_service", False, ["customer_service"]),
    ("cs-2", "customer_service", True, ["customer_service"]),
    ("te-1", "technical_support", False, ["engineer"]),
    ("qa-1", "quality", True, ["quality"]),
    ("pr-1", "production", False, ["engineer"]),
    ("boss", "management", True, ["manager"]),
)


def document(kind: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files("workflow").joinpath(f"{kind}/{name}.v1.json").read_text("utf-8"))
    return found


@cache
def rules() -> tuple[Definition, Calendar]:
    """Immutable, so that all tests share them."""
    return parse_definition(document("definitions", "complaint")), Calendar(parse_calendar(document("calendars", "cn")))


class PureDesk:
    """One case in memory, and the hand that moves it."""

    def __init__(self) -> None:
        self.definition, self.calendar = rules()
        self.time = MONDAY
        self._ids = itertools.count(1)
        members = [Member(p, d, lead, roles, False, False) for p, d, lead, roles in PEOPLE]
        self.roster = Roster(members)

    def act(self, by: str = "cs-1") -> Act:
        return Act(at=self.time, by=by, new_id=lambda: f"id-{next(self._ids):04}", roster=self.roster)

    def wait(self, **spell: float) -> None:
        self.time += timedelta(**spell)

    def complaint(self, **more: Any) -> Complaint:
        values: dict[str, Any] = {
            "complaint_id": "case-1",
            "number": "C26-0000001",
            "grade": "routine",
            "product_family": "pump",
            "language": "en",
            "reachable": True,
            "historical": False,
            "t_received": self.time,
            "t_registered": self.time,
            "t_closed": None,
            "sequence": 1,
        }
        return Complaint(**values | more)

    def opened(self, deliverables: Sequence[Deliverable] = (), **more: Any) -> CaseFile:
        return open_case(self.complaint(**more), self.definition, self.calendar, list(deliverables), self.act())

    def task(self, file: CaseFile, kind: str) -> Task:
        return next(task for task in file.undone() if task.kind == kind)

    def complete(self, file: CaseFile, kind: str, values: dict[str, Any] | None = None) -> None:
        complete(file, self.task(file, kind), self.act(), "done as asked", values or {})

    def hear(self, file: CaseFile, *kinds: str, ref: str = "ref-1", sequence: int = 5) -> None:
        for kind in kinds:
            fulfil(file, kind, ref, self.act("service:capa"), sequence=sequence)
        settle(file, self.act("service:capa"))

    def at(self, stage: str, **more: Any) -> CaseFile:
        """A case that has come to `stage` the full way."""
        file = self.opened(**more)
        steps: list[tuple[str, Callable[[], None]]] = [
            ("intake", lambda: self.complete(file, "grade_review")),
            ("diagnosis", lambda: self._diagnosed(file)),
            ("root_cause", lambda: self.hear(file, "rca_completed")),
            ("capa_planning", lambda: self.hear(file, "capa_approved", ref="capa-1")),
            ("execution", lambda: self.hear(file, "capa_implemented", ref="capa-1")),
        ]
        for here, step in steps:
            if file.case.stage == here != stage:
                step()
        assert file.case.stage == stage
        return file

    def _diagnosed(self, file: CaseFile) -> None:
        self.complete(file, "diagnose", DIAGNOSIS)
        self.hear(file, "containment")

    @staticmethod
    def told(file: CaseFile) -> list[str]:
        return [fact.name for fact in file.facts]


@pytest.fixture
def desk() -> PureDesk:
    return PureDesk()


@pytest.fixture
def shipped() -> Callable[[str, str], dict[str, Any]]:
    """A fresh copy of a shipped document: `shipped("definitions", "complaint")`."""
    return document


class RealDesk:
    """Workflow's use cases on a database, called as its edges call them."""

    def __init__(self, db: Database) -> None:
        self.db = db

    @staticmethod
    def as_(role: str, actor: str = "", **more: Any) -> Call:
        return Call(actor=actor or f"a-{role}", roles=frozenset({role}), **more)

    async def staff(self, people: Sequence[tuple[str, str, bool, list[str]]] = PEOPLE) -> None:
        async with self.db.tx() as tx:
            for person, department, lead, roles in people:
                await tx.execute(
                    "INSERT INTO members VALUES ($1, $2, $3, $4, false, false, false, 1)",
                    person,
                    department,
                    lead,
                    roles,
                )

    @staticmethod
    def event(payload: msgspec.Struct, subject: str, sequence: int = 1) -> Received[Any]:
        return Received(
            event_id=new_id(),
            type=TYPE_OF[type(payload)],
            subject=subject,
            sequence=sequence,
            time=datetime.now(UTC),
            traceparent=None,
            data=payload,
        )

    async def react(self, *events: Received[Any]) -> None:
        """Consecutive events of a type go to their reaction together, as the chassis does it."""
        async with self.db.tx() as tx:
            for kind, run in itertools.groupby(events, key=lambda event: type(event.data)):
                await REACTIONS[kind](tx, list(run))

    @staticmethod
    def registered(case_id: str, **more: Any) -> ComplaintRegistered:
        now = datetime.now(UTC)
        values: dict[str, Any] = {
            "complaint_id": case_id,
            "number": f"C26-{case_id[-7:]}",
            "channel": "api",
            "language": "en",
            "product_family": "pump",
            "product_model": None,
            "lot": None,
            "defect_code": None,
            "failure_location": None,
            "signature": None,
            "grade": "routine",
            "grade_row": "7",
            "grading_table": "default",
            "grading_version": 1,
            "questions": [],
            "proposals": 0,
            "key_account": "no",
            "historical": False,
            "reachable": True,
            "t_occurred": None,
            "t_aware": now,
            "t_received": now,
            "t_registered": now,
        }
        return ComplaintRegistered(**values | more)

    async def open(self, **more: Any) -> str:
        case_id = new_id()
        await self.react(self.event(self.registered(case_id, **more), case_id))
        return case_id

    async def case(self, case_id: str) -> pb.Case:
        async with self.db.read() as tx:
            return await queries.get_case(tx, self.as_("manager"), pb.GetCaseRequest(case_id=case_id))

    async def run(self, use_case: Any, request: Any, call: Call | None = None) -> Any:
        async with self.db.tx() as tx:
            return await use_case(tx, call or self.as_("manager"), request)

    async def complete(
        self, case_id: str, kind: str, values: dict[str, Any] | None = None, call: Call | None = None, **more: Any
    ) -> Any:
        """The answer: a Task, or the RedressError of the refusal."""
        case = await self.case(case_id)
        task = next(t for t in case.tasks if t.kind == kind and t.state in ("open", "in_progress"))
        return await self.complete_task(task.task_id, values, call, **more)

    async def complete_task(
        self, task_id: str, values: dict[str, Any] | None = None, call: Call | None = None, **more: Any
    ) -> Any:
        asked = pb.CompleteTask(task_id=task_id, deliverables=json.dumps(values or {}), result="done", **more)
        async with self.db.tx() as tx:
            return (await complete_tasks(tx, [Item(call or self.as_("manager"), asked)]))[0]

    async def to_root_cause(self, **more: Any) -> str:
        case_id = await self.open(**more)
        await self.complete(case_id, "grade_review")
        await self.complete(case_id, "diagnose", DIAGNOSIS)
        return case_id

    async def fast_to_closing(self) -> str:
        case_id = await self.open()
        request = pb.SkipInvestigationRequest(
            case_id=case_id, if_version=1, reason="known wear, covered by the guarantee"
        )
        await self.run(case_commands.skip_investigation, request)
        return case_id

    async def close(self, case_id: str, call: Call | None = None, **outcome: Any) -> pb.Case:
        values: dict[str, Any] = {"code": "resolved", "remedy": "repair", "accepted": True}
        said = pb.Outcome(**values | outcome)
        version = (await self.case(case_id)).version
        request = pb.CloseCaseRequest(case_id=case_id, if_version=version, outcome=said)
        closed: pb.Case = await self.run(case_commands.close_case, request, call)
        return closed

    async def outbox(self, case_id: str | None = None) -> list[tuple[str, int, dict[str, Any]]]:
        """(type's middle, sequence, payload) of the events written, e.g. ("case.opened", 1, {...})."""
        async with self.db.read() as tx:
            rows = await tx.fetch("SELECT type, subject, sequence, body FROM outbox ORDER BY seq")
        told = [(row, json.loads(row["body"])["data"]) for row in rows]
        return [
            (".".join(row["type"].split(".")[2:4]), row["sequence"], data)
            for row, data in told
            if case_id is None or case_id in (row["subject"], data.get("case_id"))
        ]

    async def names(self, case_id: str | None = None) -> list[str]:
        return [name for name, _, _ in await self.outbox(case_id)]

    async def value(self, sql: str, *values: Any) -> Any:
        async with self.db.tx() as tx:
            return await tx.fetchval(sql, *values)


@pytest.fixture
async def real(service_db: Callable[[str], Database]) -> RealDesk:
    return RealDesk(service_db("workflow"))


class Counting:
    """Stands before a transaction's connection and counts the statements."""

    def __init__(self, tx: Tx) -> None:
        self.statements = 0
        self._conn: Any = tx.conn
        tx.conn = self  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Any:
        if name in ("fetch", "fetchrow", "fetchval", "execute"):
            self.statements += 1
        return getattr(self._conn, name)


@pytest.fixture
def counting() -> type[Counting]:
    return Counting
