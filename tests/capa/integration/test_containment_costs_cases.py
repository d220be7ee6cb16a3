from datetime import UTC, datetime
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from capa.adapters.tables import metadata
from capa.app import contain, post_cost, queries
from capa.entrypoints.admin import LEDGERS
from capa.entrypoints.consumers import REACTIONS
from chassis.envelope import Received
from chassis.errors import Conflict, Forbidden, Invalid
from chassis.ids import new_id
from redress.capa.v1 import capa_pb2 as pb
from redress.workflow.v1.events import CaseClosed, CaseOpened, CaseStageEntered

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def heard(kind: Any, sequence: int, **facts: Any) -> Received[Any]:
    if kind is CaseOpened:
        facts |= {"number": "C26-1", "definition": "complaint", "definition_version": 1, "grade": "routine"}
        facts |= {"response_due_at": None, "historical": False, "language": "zh", "reachable": True}
    if kind is CaseStageEntered:
        facts |= {"visit": 1, "from_stage": "intake", "from_outcome": "done"}
    if kind is CaseClosed:
        facts |= dict.fromkeys(("remedy", "accepted", "justified", "on_time_original", "on_time_current"))
        facts |= {"outcome": "resolved", "path": "full", "first": True, "working_seconds": None, "historical": False}
        facts |= {"rca_ids": [], "capa_ids": []}
    else:
        facts |= {"due_at": None, "task": None}
    data = kind(at=NOW, **facts)
    return Received(new_id(), "", facts["case_id"], sequence, NOW, None, data)


async def react(desk: Any, *events: Received[Any]) -> None:
    async with desk.db.tx() as tx:
        for event in events:
            await REACTIONS[type(event.data)](tx, [event])


async def case_of(desk: Any, case_id: str) -> tuple[bool, str, str]:
    async with desk.db.read() as tx:
        row = await tx.fetchrow("SELECT seen, stage, state FROM cases WHERE case_id = $1", case_id)
    return row["seen"], row["stage"], row["state"]


async def test_a_case_is_known_by_its_events_whatever_their_order(desk: Any) -> None:
    case = new_id()
    opened = heard(CaseOpened, 1, case_id=case, stage="intake")
    entered = heard(CaseStageEntered, 2, case_id=case, stage="diagnosis")
    closed = heard(CaseClosed, 5, case_id=case, stage="effectiveness")
    learning = heard(CaseStageEntered, 6, case_id=case, stage="knowledge")
    await react(desk, entered, opened)
    assert await case_of(desk, case) == (True, "diagnosis", "open")
    await react(desk, learning, closed, opened)
    assert await case_of(desk, case) == (True, "knowledge", "closed")


async def test_a_batch_of_openings_is_remembered_at_once(desk: Any) -> None:
    events = [heard(CaseOpened, 1, case_id=new_id(), stage="intake") for _ in range(100)]
    async with desk.db.tx() as tx:
        await REACTIONS[CaseOpened](tx, events)
    async with desk.db.read() as tx:
        rows = await LEDGERS["cases"](tx, None, 60)
        rest = await LEDGERS["cases"](tx, rows[-1].after, 60)
    assert {row.id for row in (*rows, *rest)} == {event.data.case_id for event in events}
    assert {row.kind for row in rows} == {"open"}


async def test_a_case_linked_before_its_event_is_marked_unseen_until_it_comes(desk: Any) -> None:
    case = new_id()
    rca = await desk.rca([case])
    assert list(rca.unseen_case_ids) == [case]
    await react(desk, heard(CaseOpened, 1, case_id=case, stage="intake"))
    async with desk.db.read() as tx:
        rca = await queries.get_rca(tx, desk.clerk, pb.GetRcaRequest(rca_id=rca.rca_id))
    assert list(rca.unseen_case_ids) == []
    assert await case_of(desk, case) == (True, "intake", "open")


async def test_knowledge_of_an_open_case_alone_is_refused(desk: Any) -> None:
    from capa.app.share_knowledge import publish_knowledge

    case = new_id()
    await react(desk, heard(CaseOpened, 1, case_id=case, stage="intake"))
    request = pb.PublishKnowledgeRequest(
        title="t", problem="p", root_cause="r", solution="s", product_family="pump", language="en", case_ids=[case]
    )
    with pytest.raises(Conflict) as refused:
        await desk.do_ruled(publish_knowledge, desk.quality, request)
    assert refused.value.possible == [case]
    await react(desk, heard(CaseClosed, 4, case_id=case, stage="effectiveness"))
    assert (await desk.do_ruled(publish_knowledge, desk.quality, request)).number.startswith("K")


async def test_containment_is_recorded_by_customer_service_and_told(desk: Any, call_as: Any) -> None:
    case = new_id()
    request = pb.RecordContainmentRequest(
        case_id=case, text="Stock of week 14 is held", place="own_stock", quantity_checked=400, quantity_nok=12
    )
    with pytest.raises(Forbidden):
        await desk.do(contain.record_containment, call_as("channel"), request)
    revision = await desk.do(contain.record_containment, desk.clerk, request)
    (event,) = await desk.events("containment.done.v1")
    assert (event["subject"], event["data"]["case_id"]) == (revision.id, case)
    assert "held" not in str(event)
    async with desk.db.read() as tx:
        found = await contain.list_containments(tx, desk.clerk, pb.ListContainmentsRequest(case_id=case))
    assert found.containments[0].quantity_nok == 12


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ({"currency": "RMB"}, "currency"),
        ({"category": "failure"}, "category"),
        ({"sub_type": "training"}, "sub_type"),
        ({"date": "22.11.2026"}, "date"),
        ({"amount_minor": 0}, "amount_minor"),
        ({"period": "2026-11"}, "case_id"),
        ({"case_id": None}, "case_id"),
        ({"case_id": None, "period": "2026-13"}, "period"),
    ],
)
async def test_a_cost_line_that_cannot_be_is_refused(desk: Any, field: dict[str, Any], wrong: str) -> None:
    with pytest.raises(Invalid) as refused:
        await desk.do_ruled(post_cost.post_cost, desk.clerk, cost(**field))
    assert refused.value.fields[0].field == wrong
    assert await desk.events() == []


def cost(**fields: Any) -> pb.PostCostRequest:
    given: dict[str, Any] = {"date": "2026-11-22", "category": "external_failure", "sub_type": "replacement"}
    given |= {"amount_minor": 45_900, "currency": "CNY", "case_id": new_id(), "source_document": "RMA-9"}
    return pb.PostCostRequest(**(given | fields))


async def test_a_cost_line_is_posted_once_and_listed(desk: Any) -> None:
    line = await desk.do_ruled(post_cost.post_cost, desk.clerk, cost())
    await desk.do_ruled(post_cost.post_cost, desk.clerk, cost(case_id=None, period="2026-11"))
    (first, second) = await desk.events("cost.posted.v1")
    assert first["data"]["amount_minor"] == 45_900
    assert second["data"]["case_id"] is None
    async with desk.db.read() as tx:
        listed = await queries.list_costs(tx, desk.clerk, pb.ListCostsRequest(case_id=line.case_id))
    assert list(listed.costs) == [line]


async def test_the_migration_makes_what_the_tables_say(desk: Any) -> None:
    engine = create_async_engine(desk.db._dsn.replace("postgresql://", "postgresql+asyncpg://", 1))
    ours = {table.name for table in metadata.tables.values()}

    def differences(connection: Any) -> list[Any]:
        options = {"include_name": lambda name, kind, _p: kind != "table" or name in ours, "compare_type": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()
