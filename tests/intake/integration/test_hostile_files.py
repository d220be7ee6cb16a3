"""Files that would hurt, by the other two ways in: the registers and the background. Nothing of them is kept, the sound
rows of a mixed-up one are, and whoever sent it reads why."""

import io
import json
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from chassis.call import Call
from chassis.db import Database
from chassis.errors import Invalid
from chassis.lease import Lease
from intake.adapters import spreadsheet
from intake.adapters.objects import Objects
from intake.app.imports import look, store
from intake.app.imports.run import RunImports
from intake.app.master_data.importing import ImportMasterData
from redress.intake.v1 import intake_pb2 as pb
from redress.intake.v1 import master_data_pb2

QUALITY = Call(actor="q-1", roles=frozenset({"quality"}))
MAPPING = {
    "columns": {"description": {"column": "text"}, "product_family": {"column": "product_family"}},
    "safety_not_asked": True,
    "language": "en",
}


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", b"<x/>")
        package.writestr("xl/worksheets/sheet1.xml", bytes(2 * 1024**2))
    return out.getvalue()


def far_cell() -> bytes:
    """A few hundred bytes that ask for 17,179,869,184 cells."""
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "product_family", "y"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


HOSTILE = [
    (bomb(), "would unpack to more than"),
    (far_cell(), "too large or too damaged"),
    (b"product_family,text\n" + b"x" * 3_000_000, "too long|longer than"),
    (b"\x00" * 10_000, "holds no text"),
]


@pytest.fixture(autouse=True)
def _small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "MAX_UNPACKED_BYTES", 1024**2)


async def registered(db: Database, content: bytes) -> master_data_pb2.MasterDataImport:
    async def parts() -> AsyncIterator[master_data_pb2.ImportMasterDataRequest]:
        header = master_data_pb2.MasterDataHeader(register="product-families", file_name="given")
        yield master_data_pb2.ImportMasterDataRequest(header=header)
        for at in range(0, len(content), 60_000):
            yield master_data_pb2.ImportMasterDataRequest(chunk=content[at : at + 60_000])
        yield master_data_pb2.ImportMasterDataRequest(end=len(content))

    return await ImportMasterData(db)(QUALITY, parts())


async def refusal(db: Database, content: bytes) -> str:
    try:
        return (await registered(db, content)).first_rejects[0].reason
    except Invalid as error:
        return error.detail


async def read_in_background(intake: Any, folder: Path, content: bytes) -> pb.ImportReport:
    async def parts() -> AsyncIterator[pb.ImportFileRequest]:
        yield pb.ImportFileRequest(header=pb.ImportHeader(file_name="given", mapping=json.dumps(MAPPING)))
        for at in range(0, len(content), 60_000):
            yield pb.ImportFileRequest(chunk=content[at : at + 60_000])
        yield pb.ImportFileRequest(end=len(content))

    objects = Objects.folder(str(folder))
    stored = await store.StoreFile(intake.db, objects)(QUALITY, parts())
    runner = RunImports(intake.db, intake.register, objects, Lease(intake.db, "imports"))
    assert await runner._lease.held()
    while (row := await runner._next()) is not None:
        await runner._one(row)
    report: pb.ImportReport = await intake.run(
        look.get_import, QUALITY, pb.GetImportRequest(import_id=stored.import_id)
    )
    return report


@pytest.mark.parametrize(("content", "says"), HOSTILE, ids=["zip bomb", "far cell", "huge cell", "nothing but NUL"])
async def test_a_register_refuses_what_would_hurt(
    service_db: Callable[[str], Database], content: bytes, says: str
) -> None:
    db = service_db("intake")
    told = await refusal(db, content.replace(b",text\n", b",label_en\n"))
    assert any(each in told for each in says.split("|")), told
    async with db.read() as tx:
        assert await tx.fetchval("SELECT count(*) FROM product_families") == 0


@pytest.mark.parametrize(("content", "says"), HOSTILE, ids=["zip bomb", "far cell", "huge cell", "nothing but NUL"])
async def test_the_background_reports_what_would_hurt(intake: Any, tmp_path: Path, content: bytes, says: str) -> None:
    report = await read_in_background(intake, tmp_path, content)
    told = report.error + "".join(each.reason for each in report.first_rejects)
    assert any(each in told for each in says.split("|")), report
    assert (report.registered, await intake.count("complaints")) == (0, 0)


async def test_of_a_mixed_up_file_the_sound_rows_are_kept_and_the_others_told(
    intake: Any, tmp_path: Path, service_db: Callable[[str], Database]
) -> None:
    """Too few cells, too many, a NUL, bytes of another encoding, a formula: each its own row."""
    rows = [
        b"product_family,text",
        b"P1,The seal leaks after a week",
        b"P2",
        b"P3,The seal leaks,too,many",
        b"P4,The \x00 seal leaks",
        "P5,密封圈漏水".encode(),
        "P6,密封圈漏水".encode("gb18030"),
        b"P7,\"=cmd|' /C calc'!A0 the seal leaks\"",
    ]
    report = await read_in_background(intake, tmp_path, b"\n".join(rows) + b"\n")
    assert (report.state, report.rows) == ("done", 7)
    assert report.registered + report.rejected == 7
    assert report.registered >= 3
    assert {3, 4, 5} <= {each.line for each in report.first_rejects}
    assert await intake.count("complaints") == report.registered
    families = await registered(service_db("intake"), b"product_family,label_en\nA,a\nB\nC,c,d,e\nD\x00,d\nE,e\n")
    assert (families.created, [each.line for each in families.first_rejects]) == (2, [3, 4, 5])
