"""The scope of a product on one call, units in service, and samples on their way."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.call import Call
from chassis.db import Database
from chassis.errors import Forbidden, IllegalTransition, Invalid, MissingDeliverable, NotFound, StaleVersion
from intake.app.grading_tables import Registrars
from intake.app.group import Item
from intake.app.master_data import samples
from intake.app.master_data.importing import ImportMasterData
from intake.app.register import Register
from intake.domain.complaint import DefectItem, Submission
from intake.entrypoints.master_data_rpc import READS, WRITES
from redress.intake.v1 import master_data_pb2 as pb

QUALITY = Call(actor="q-1", roles=frozenset({"quality"}))
MARCH = datetime(2026, 3, 10, tzinfo=UTC)
FILES = {
    "product-families": "product_family\nP7\n",
    "product-models": "product_family,product_model\nP7,P7-A\nP7,P7-B\n",
    "product-lots": "product_family,lot,product_model,produced_on,plant,quantity_made\nP7,L1,P7-A,2026-01-05,Wuhu,500\n"
    "P7,L2,P7-A,2026-01-20,Wuhu,400\nP7,L3,P7-B,2026-01-20,Linz,300\nP7,L4,P7-A,2025-10-01,Wuhu,200\n",
    "product-serials": "product_family,serial,lot,product_model,shipped_on\nP7,S100,L1,P7-A,2026-01-15\n"
    "P7,S101,L1,P7-A,\nP7,S200,L2,P7-A,2026-02-01\n",
    "shipments": "month,product_family,lot,quantity,movement\n2026-01,P7,L1,200,shipped\n2026-02,P7,L1,250,shipped\n"
    "2026-03,P7,L1,10,returned\n2026-02,P7,L2,400,shipped\n",
}


class Product:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def ask(self, name: str, request: Any, call: Call = QUALITY) -> Any:
        async with self.db.tx() as tx:
            return await (WRITES | READS)[name](tx, call, request)

    async def scope(self, **given: Any) -> pb.Scope:
        given = {"product_family": "P7"} | given
        scope: pb.Scope = await self.ask("GetScope", pb.GetScopeRequest(filter=pb.ScopeFilter(**given)))
        return scope

    async def register(self, **given: Any) -> str:
        usual: dict[str, Any] = {"channel": "file", "language": "en", "product_family": "P7", "t_received": MARCH}
        call = Call(actor="cs-1", roles=frozenset({"customer_service"}))
        submission = Submission(description="It leaks.", **(usual | given))
        (done,) = await Register(self.db, Registrars())([Item(call, submission)])
        return str(done.complaint_id)


@pytest.fixture
async def product(service_db: Callable[[str], Database]) -> Product:
    db = service_db("intake")
    for register, content in FILES.items():
        report = await ImportMasterData(db)(QUALITY, _parts(register, content.encode()))
        assert not report.rejected, report
    return Product(db)


async def _parts(register: str, content: bytes) -> AsyncIterator[pb.ImportMasterDataRequest]:
    yield pb.ImportMasterDataRequest(header=pb.MasterDataHeader(register=register))
    yield pb.ImportMasterDataRequest(chunk=content)
    yield pb.ImportMasterDataRequest(end=len(content))


async def _complaints(product: Product) -> list[str]:
    return [
        await product.register(lot="L1", product_model="P7-A", quantity=3, defect_code="leak", customer_ref="K1"),
        await product.register(lot="l1", quantity=2, defect_code="noise", customer_ref="K1"),
        await product.register(serial="S101", defect_items=(DefectItem("rust"), DefectItem("leak", None, 1))),
        await product.register(lot="L2", product_model="P7-A", customer_ref="K2"),
        await product.register(lot="L3", product_model="P7-B", t_received=MARCH + timedelta(days=30)),
    ]


async def test_the_scope_of_a_lot_is_all_that_is_known_of_it_on_one_call(product: Product) -> None:
    ids = await _complaints(product)
    await product.ask("AskForSample", pb.AskForSampleRequest(complaint_id=ids[0]))
    scope = await product.scope(lot="L1")
    assert (scope.complaints, scope.affected_quantity, scope.customers, scope.samples_waiting) == (3, 6, 2, 1)
    assert (scope.made_quantity, scope.shipped_quantity, scope.units_in_service) == (500, 450, 440)
    assert scope.complaints_per_million == pytest.approx(3 / 440 * 1e6)
    assert [(d.name, d.complaints) for d in scope.by_defect] == [("leak", 2), ("noise", 1), ("rust", 1)]
    assert [(m.name, m.complaints, m.quantity) for m in scope.by_month] == [("2026-03", 3, 6)]
    assert {state.name: state.complaints for state in scope.by_state} == {"open": 3}
    assert [(lot.lot, lot.complaints, lot.shipped_quantity) for lot in scope.similar_lots] == [("L2", 1, 400)]


async def test_a_scope_narrows_by_model_serials_production_months_and_any_defect(product: Product) -> None:
    await _complaints(product)
    assert (await product.scope()).complaints == 5
    model = await product.scope(product_model="P7-A")
    assert (model.complaints, model.shipped_quantity, [lot.lot for lot in model.lots]) == (3, 850, ["L2", "L1", "L4"])
    serials = await product.scope(serial_from="S100", serial_to="S199")
    assert (serials.complaints, serials.shipped_quantity, serials.made_quantity) == (1, 1, 0)
    january = await product.scope(production_month_from="2026-01", production_month_to="2026-01")
    assert (january.complaints, january.made_quantity, january.shipped_quantity) == (5, 1200, 850)
    assert (await product.scope(production_month_to="2025-12")).complaints == 0
    assert (await product.scope(defect_code="leak")).complaints == 2


async def test_the_complaints_of_a_scope_come_in_pages(product: Product) -> None:
    await _complaints(product)
    request = pb.ListScopeComplaintsRequest(filter=pb.ScopeFilter(product_family="P7"))
    request.page.limit = 2
    seen = []
    while True:
        page = await product.ask("ListScopeComplaints", request)
        seen += [item.number for item in page.items]
        if not page.next_cursor:
            break
        request.page.cursor = page.next_cursor
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == 5


async def test_a_scope_needs_a_family_months_and_a_role(product: Product) -> None:
    with pytest.raises(Invalid):
        await product.scope(product_family=" ")
    with pytest.raises(Invalid):
        await product.scope(production_month_from="2026-13")
    channel = Call(actor="c-1", roles=frozenset({"channel"}))
    with pytest.raises(Forbidden):
        await product.ask("GetScope", pb.GetScopeRequest(filter=pb.ScopeFilter(product_family="P7")), channel)


async def test_complaints_stand_by_production_month_and_months_in_service(product: Product) -> None:
    await _complaints(product)
    request = pb.GetUnitsInServiceRequest(
        product_family="P7", production_from="2026-01", production_to="2026-06", as_of="2026-04"
    )
    service = await product.ask("GetUnitsInService", request)
    (january,) = service.months
    assert (january.production_month, january.shipped, january.returned, january.in_service) == (
        "2026-01",
        850,
        10,
        840,
    )
    assert [cell.units for cell in january.cells] == [850, 850, 850, 190]
    # L1 left in January, L2 in February, L3 nobody knows when: its months count from the first shipment.
    assert [cell.complaints for cell in january.cells] == [0, 1, 3, 1]
    assert (january.complaints, service.unplaced_complaints) == (5, 0)
    request.production_to = "2039-01"
    with pytest.raises(Invalid):
        await product.ask("GetUnitsInService", request)


async def test_exposures_come_in_the_order_of_their_change(product: Product) -> None:
    request = pb.ListExposuresRequest()
    request.page.limit = 3
    first = await product.ask("ListExposures", request)
    request.page.cursor = first.next_cursor
    second = await product.ask("ListExposures", request)
    assert (len(first.items), len(second.items), second.next_cursor) == (3, 1, "")
    assert first.items[0].month == "2026-01"


async def test_a_sample_goes_from_being_asked_for_to_a_result(product: Product) -> None:
    complaint_id = await product.register(lot="L1")
    asked = await product.ask("AskForSample", pb.AskForSampleRequest(complaint_id=complaint_id, serials=["S1"]))
    assert (asked.state, asked.quantity, list(asked.possible)) == ("asked", 1, ["sent", "received", "withdrawn"])
    named = {"sample_id": asked.sample_id}
    with pytest.raises(IllegalTransition):
        await product.ask("TakeSampleToLab", pb.TakeSampleToLabRequest(**named, if_version=1))
    sent = await product.ask("SendSample", pb.SendSampleRequest(**named, if_version=1, tracking="SF123"))
    with pytest.raises(StaleVersion):
        await product.ask("ReceiveSample", pb.ReceiveSampleRequest(**named, if_version=1))
    came = pb.ReceiveSampleRequest(**named, if_version=sent.version, location="Returns store, shelf 4")
    received = await product.ask("ReceiveSample", came)
    lab = await product.ask("TakeSampleToLab", pb.TakeSampleToLabRequest(**named, if_version=received.version))
    result = pb.ConcludeSampleRequest(**named, if_version=lab.version, result="no_trouble_found")
    result.protocol.add(test="standard_test", outcome="passed")
    with pytest.raises(MissingDeliverable) as lacking:
        await product.ask("ConcludeSample", result)
    assert lacking.value.possible == ["load_test", "field_data_check"]
    result.protocol.add(test="load_test", outcome="passed")
    result.protocol.add(test="field_data_check", outcome="passed", note="no pattern in the field")
    done = await product.ask("ConcludeSample", result)
    assert (done.state, done.tracking, done.location, len(done.protocol)) == (
        "concluded",
        "SF123",
        "Returns store, shelf 4",
        3,
    )
    (listed,) = (await product.ask("ListSamples", pb.ListSamplesRequest(complaint_id=complaint_id))).items
    assert listed.concluded_by == "q-1"
    async with product.db.read() as tx:
        trail = await tx.fetch("SELECT action FROM audit WHERE aggregate_id = $1 ORDER BY n", asked.sample_id)
    assert [entry["action"] for entry in trail] == [
        *("sample asked for", "sample sent", "sample received", "sample at lab", "sample concluded")
    ]


async def test_a_sample_that_is_late_is_overdue_and_counted(product: Product) -> None:
    complaint_id = await product.register(lot="L1")
    asked = await product.ask("AskForSample", pb.AskForSampleRequest(complaint_id=complaint_id))
    async with product.db.tx() as tx:
        await tx.execute("UPDATE samples SET due = $1", tx.now - timedelta(days=1))
        assert (await samples.waiting(tx))["asked", "yes"] == 1
    (late,) = (await product.ask("ListSamples", pb.ListSamplesRequest(overdue=True))).items
    assert late.overdue
    withdrawn = pb.WithdrawSampleRequest(sample_id=asked.sample_id, if_version=1)
    with pytest.raises(Invalid):
        await product.ask("WithdrawSample", withdrawn)
    withdrawn.reason = "the customer scrapped it"
    assert (await product.ask("WithdrawSample", withdrawn)).state == "withdrawn"
    assert not (await product.ask("ListSamples", pb.ListSamplesRequest(overdue=True))).items
    with pytest.raises(NotFound):
        await product.ask("GetSample", pb.GetSampleRequest(sample_id="no-such"))
