"""Registers: kept by calls and files, read back, and what they do to new complaints."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import pytest

from chassis.call import Call
from chassis.db import Database
from chassis.errors import Forbidden, Invalid, NotFound, StaleVersion
from intake.app.grading_tables import Registrars
from intake.app.group import Item
from intake.app.master_data.correcting import CorrectPast
from intake.app.master_data.importing import ImportMasterData
from intake.app.privacy.erasing import erase
from intake.app.register import Register
from intake.app.update import Update
from intake.domain.complaint import DefectItem, Submission
from intake.entrypoints.master_data_rpc import READS, WRITES
from redress.intake.v1 import master_data_pb2 as pb

QUALITY = Call(actor="q-1", roles=frozenset({"quality"}))
FAMILIES = "product_family,label_zh,label_en,launched_on\nPump P7,泵 P7,Pump P7,2020-01-01\nPump P8,,,\n"


class Masters:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def ask(self, name: str, request: Any, call: Call = QUALITY) -> Any:
        async with self.db.tx() as tx:
            return await (WRITES | READS)[name](tx, call, request)

    async def import_(self, register: str, content: str, *, dry_run: bool = False, call: Call = QUALITY) -> Any:
        return await ImportMasterData(self.db)(call, parts(register, content.encode(), dry_run=dry_run))

    async def register(self, *given: Submission) -> list[Any]:
        """By a process that has just begun, so that it holds nothing old."""
        call = Call(actor="cs-1", roles=frozenset({"customer_service"}))
        return await Register(self.db, Registrars())([Item(call, each) for each in given])

    async def fetch(self, sql: str, *values: Any) -> list[Any]:
        async with self.db.read() as tx:
            return await tx.fetch(sql, *values)


async def parts(register: str, content: bytes, *, dry_run: bool) -> AsyncIterator[pb.ImportMasterDataRequest]:
    header = pb.MasterDataHeader(register=register, file_name="given.csv", dry_run=dry_run)
    yield pb.ImportMasterDataRequest(header=header)
    yield pb.ImportMasterDataRequest(chunk=content)
    yield pb.ImportMasterDataRequest(end=len(content))


@pytest.fixture
def masters(service_db: Callable[[str], Database]) -> Masters:
    return Masters(service_db("intake"))


def complaint(**changes: Any) -> Submission:
    usual: dict[str, Any] = {
        "channel": "phone",
        "language": "en",
        "customer_name": "Ann Miller",
        "product_family": "Pump P7",
        "description": "The pump leaks at the shaft seal.",
        "injury_or_fire": "no",
        "legal": "no",
        "several_affected": "no",
        "core_business_stopped": "no",
    }
    return Submission(**(usual | changes))


async def test_a_record_is_made_changed_and_left_alone_with_its_versions(masters: Masters) -> None:
    first = await masters.ask("PutProductFamily", pb.PutProductFamilyRequest(product_family="Pump P7", label_en="Pump"))
    again = await masters.ask("PutProductFamily", pb.PutProductFamilyRequest(product_family="Pump P7", label_en="Pump"))
    changed = await masters.ask(
        "PutProductFamily", pb.PutProductFamilyRequest(product_family="Pump P7", label_en="Pump 7", if_version=1)
    )
    assert (first.version, again.version, changed.version, changed.label_en) == (1, 1, 2, "Pump 7")
    with pytest.raises(StaleVersion):
        await masters.ask("PutProductFamily", pb.PutProductFamilyRequest(product_family="Pump P7", if_version=1))
    trail = await masters.fetch("SELECT action, changes FROM audit ORDER BY seq")
    assert [entry["action"] for entry in trail] == ["master data kept", "master data changed"]
    assert trail[1]["changes"] == '{"label_en":["Pump","Pump 7"]}'


async def test_a_record_that_refers_to_nothing_is_refused_by_its_field(masters: Masters) -> None:
    with pytest.raises(Invalid) as refused:
        await masters.ask("PutProductModel", pb.PutProductModelRequest(product_family="none", product_model="M"))
    assert [fault.field for fault in refused.value.fields] == ["product_family"]
    with pytest.raises(Invalid) as refused:
        await masters.ask("PutProductFamily", pb.PutProductFamilyRequest(product_family="n/a", launched_on="yesterday"))
    assert [fault.field for fault in refused.value.fields] == ["product_family", "launched_on"]


async def test_who_may_not_keep_records_is_refused(masters: Masters) -> None:
    engineer = Call(actor="e-1", roles=frozenset({"engineer"}))
    with pytest.raises(Forbidden):
        await masters.ask("PutProductFamily", pb.PutProductFamilyRequest(product_family="A"), engineer)
    with pytest.raises(Forbidden):
        await masters.import_("product-families", FAMILIES, call=engineer)
    with pytest.raises(Forbidden):
        await masters.ask("ListAccountContacts", pb.ListAccountContactsRequest(), engineer)
    with pytest.raises(NotFound):
        await masters.import_("no-such-register", FAMILIES)


async def test_a_file_is_tried_kept_and_changes_nothing_when_sent_again(masters: Masters) -> None:
    tried = await masters.import_("product-families", FAMILIES, dry_run=True)
    assert (tried.created, await masters.fetch("SELECT * FROM product_families")) == (2, [])
    kept = await masters.import_("product-families", FAMILIES)
    again = await masters.import_("product-families", FAMILIES.replace("Pump P8,,,", "Pump P8,,Pump P8,"))
    assert (kept.rows, kept.created, kept.rejected) == (2, 2, 0)
    assert (again.created, again.changed, again.unchanged) == (0, 1, 1)


async def test_refused_rows_are_told_with_line_and_column_and_the_others_kept(masters: Masters) -> None:
    await masters.import_("product-families", FAMILIES)
    report = await masters.import_(
        "product-lots",
        "产品系列,批号,生产日期,工厂,生产数量\nPump P7,L1,2026-01-05,Wuhu,100\nPump P7,L2,2026-13-01,Wuhu,100\n"
        "Pump P9,L3,,,\nPump P7,L4,2026-02-01,Wuhu,many\n",
    )
    assert (report.created, report.rejected) == (1, 3)
    assert [(reject.line, reject.column) for reject in report.first_rejects] == [
        (3, "生产日期"),
        (5, "生产数量"),
        (4, "产品系列"),
    ]
    with pytest.raises(Invalid) as refused:
        await masters.import_("product-lots", "product_family,colour\nA,red\n")
    assert {fault.field for fault in refused.value.fields} == {"colour", "lot"}


async def test_a_register_goes_out_as_csv_and_comes_in_again_unchanged(masters: Masters) -> None:
    await masters.import_("product-families", "product_family,label_en\nP7,=1+1\nP8,\n")
    piece = await masters.ask("ExportMasterData", pb.ExportMasterDataRequest(register="product-families"))
    assert b"'=1+1" in piece.piece
    again = await masters.import_("product-families", piece.piece.decode())
    assert (again.unchanged, again.changed, again.created) == (2, 0, 0)


async def test_names_and_addresses_of_customers_are_sealed_and_masked_in_the_trail(masters: Masters) -> None:
    await masters.ask(
        "PutCustomerAccount", pb.PutCustomerAccountRequest(customer_ref="K1", name="Acme Works", key_account=True)
    )
    contact = pb.PutAccountContactRequest(customer_ref="K1", contact="1", name="Ann Lee", email="ann@acme.example")
    kept = await masters.ask("PutAccountContact", contact)
    (listed,) = (await masters.ask("ListAccountContacts", pb.ListAccountContactsRequest(customer_ref="K1"))).items
    assert (kept.name, listed.email) == ("Ann Lee", "ann@acme.example")
    stored = await masters.fetch("SELECT name, email FROM account_contacts")
    assert b"Ann" not in stored[0]["name"]
    assert not [
        entry for entry in await masters.fetch("SELECT changes FROM audit") if "acme" in entry["changes"].lower()
    ]
    again = await masters.ask("PutAccountContact", contact)
    assert again.version == 1


async def test_of_an_erased_customer_the_account_stays_without_names(masters: Masters) -> None:
    account = pb.PutCustomerAccountRequest(customer_ref="K1", name="Ann Lee", tier="A")
    await masters.ask("PutCustomerAccount", account)
    (done,) = await masters.register(complaint(customer_ref="K1"))
    (person,) = await masters.fetch("SELECT person_id FROM customers WHERE customer_id = $1", done.complaint_id)
    async with masters.db.tx() as tx:
        assert await erase(tx, QUALITY, str(person["person_id"]), "asked for") == 1
    (kept,) = (await masters.ask("ListCustomerAccounts", pb.ListCustomerAccountsRequest(customer_ref="K1"))).items
    assert (kept.HasField("name"), kept.tier, kept.version) == (False, "A", 2)


async def test_consents_keep_their_history(masters: Masters) -> None:
    await masters.ask("PutCustomerAccount", pb.PutCustomerAccountRequest(customer_ref="K1"))
    await masters.import_(
        "consents",
        "customer_ref,purpose,at,given,source\nK1,survey,2026-01-01T00:00:00Z,yes,contract\n"
        "K1,survey,2026-03-01T00:00:00Z,no,phone\n",
    )
    listed = (await masters.ask("ListConsents", pb.ListConsentsRequest(customer_ref="K1", purpose="survey"))).items
    assert [consent.given for consent in listed] == [True, False]


async def test_a_complaint_is_registered_under_the_codes_and_answers_of_the_registers(masters: Masters) -> None:
    await masters.import_("product-families", FAMILIES)
    await masters.import_("code-groups", "code_group,field\nD,defect_code\n")
    await masters.import_("codes", "code_group,code,catch_all\nD,LEAK,no\nD,MISC-9,yes\n")
    await masters.import_("aliases", "field,spelling,code\ndefect_code,漏水,LEAK\n")
    await masters.import_("customer-accounts", "customer_ref,key_account,language\nK1,yes,zh\n")
    await masters.import_("product-serials", "product_family,serial,lot\nPump P7,S1,L1\n")
    known, nothing = await masters.register(
        complaint(product_family="pump  p7", defect_code="漏水", customer_ref="K1", serial="S1", language=""),
        complaint(defect_code="misc-9", key_account="no", customer_ref="K1"),
    )
    rows = {str(row["complaint_id"]): row for row in await masters.fetch("SELECT * FROM complaints")}
    first, second = rows[known.complaint_id], rows[nothing.complaint_id]
    names = ("product_family", "defect_code", "lot", "language", "key_account")
    assert [first[name] for name in names] == ["Pump P7", "LEAK", "L1", "zh", "yes"]
    assert known.grade == "important"
    assert (second["defect_code"], second["signature"], second["key_account"]) == ("MISC-9", None, "no")
    (entry,) = await masters.fetch("SELECT changes FROM audit WHERE aggregate_id = $1", known.complaint_id)
    assert '"defect_code":["漏水","LEAK"]' in entry["changes"]


async def test_further_defects_stand_beside_the_first(masters: Masters) -> None:
    items = (DefectItem("LEAK", "seal", 2), DefectItem("NOISE", None, None))
    done, refused = await masters.register(
        complaint(defect_items=items), complaint(defect_code="OTHER-1", defect_items=items)
    )
    (row,) = await masters.fetch("SELECT defect_code, failure_location FROM complaints")
    assert tuple(row) == ("LEAK", "seal")
    kept = await masters.fetch("SELECT n, defect_code FROM complaint_defects ORDER BY n")
    assert [tuple(item) for item in kept] == [(0, "LEAK"), (1, "NOISE")]
    assert [fault.field for fault in refused.fields] == ["defect_code"]
    assert done.number


async def test_an_unknown_spelling_is_listed_resolved_once_and_past_complaints_corrected(masters: Masters) -> None:
    assert not (await masters.ask("ListUnknownCodes", pb.ListUnknownCodesRequest(field="product_family"))).items
    await masters.import_("product-families", FAMILIES)
    await masters.register(*(complaint(product_family="P-7 pump", defect_code="leak") for _ in range(3)), complaint())
    (unknown,) = (await masters.ask("ListUnknownCodes", pb.ListUnknownCodesRequest(field="product_family"))).items
    assert (unknown.spelling, unknown.complaints) == ("P-7 pump", 3)
    request = pb.ResolveUnknownCodeRequest(field="product_family", spelling="P-7 pump", code="Pump P7", fix_past=True)
    fix = await masters.ask("ResolveUnknownCode", request)
    assert not fix.HasField("done_at")
    await CorrectPast(masters.db, Update(Registrars())).once()
    (fixed,) = (await masters.ask("ListCodeFixes", pb.ListCodeFixesRequest())).items
    assert (fixed.fixed, fixed.failed, fixed.HasField("done_at")) == (3, 0, True)
    families = await masters.fetch("SELECT product_family, signature FROM complaints")
    assert {row["product_family"] for row in families} == {"Pump P7"}
    assert sum(row["signature"] == "pump p7|leak|" for row in families) == 3
    assert not (await masters.ask("ListUnknownCodes", pb.ListUnknownCodesRequest(field="product_family"))).items
    with pytest.raises(Invalid):
        request.code = "no such family"
        await masters.ask("ResolveUnknownCode", request)


async def test_empty_registers_cost_a_registration_nothing(masters: Masters, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    register = Register(masters.db, Registrars())
    call = Call(actor="cs-1", roles=frozenset({"customer_service"}))
    await register([Item(call, complaint())])
    fetch = asyncpg.Connection.fetch

    async def noted(self: Any, sql: str, *values: Any, **more: Any) -> Any:
        asked.append(sql)
        return await fetch(self, sql, *values, **more)

    monkeypatch.setattr(asyncpg.Connection, "fetch", noted)
    await register([Item(call, complaint(serial="S1", customer_ref="K1"))])
    assert not [sql for sql in asked if "customer_accounts" in sql or "product_serials" in sql]
