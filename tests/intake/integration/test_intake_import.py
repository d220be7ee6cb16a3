"""Files of customers' own making, against a real PostgreSQL."""

import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chassis.call import Call
from chassis.errors import Forbidden, IdempotencyMismatch, Invalid
from intake.app.imports.look import get_import, list_import_rows
from redress.intake.v1 import intake_pb2 as pb

CallAs = Callable[..., Call]

MAPPING: dict[str, Any] = {
    "columns": {
        "external_id": {"column": "id"},
        "product_family": {"column": "car"},
        "description": {"column": "what"},
        "defect_code": {"column": "kind"},
        "t_occurred": {"column": "day"},
    },
    "date_formats": ["%Y-%m-%d"],
    "time_zone": "Asia/Shanghai",
    "safety_not_asked": True,
}


def with_columns(**columns: Any) -> dict[str, Any]:
    return MAPPING | {"columns": MAPPING["columns"] | columns}


HEADER = "id,car,what,kind,day\n"
REAL = Path(__file__).parents[4] / "shared/data/zh_auto_complaints/auto_2024.csv"


async def parts(
    content: bytes, mapping: Any = MAPPING, *, historical: bool = False, chunk: int = 64 * 1024
) -> AsyncIterator[pb.ImportFileRequest]:
    header = pb.ImportHeader(file_name="cars.csv", mapping=json.dumps(mapping), historical=historical)
    yield pb.ImportFileRequest(header=header)
    for start in range(0, len(content), chunk):
        yield pb.ImportFileRequest(chunk=content[start : start + chunk])
    yield pb.ImportFileRequest(end=len(content))


def numbered(count: int) -> Iterator[str]:
    return (f"{n},Model {n % 7},complaint number {n},noise,2024-04-{n % 28 + 1:02d}\n" for n in range(count))


async def test_good_rows_are_registered_and_bad_ones_reported_with_line_column_and_reason(
    intake: Any, call_as: CallAs
) -> None:
    lines = [
        "1,P7,leaks,leak,2024-04-01",
        "2,P7,,leak,2024-04-01",
        "3,P7,leaks,leak,01.04.2024",
        "4,P7,leaks,leak",
        "5,P7,leaks,leak,2024-04-01,extra",
        "6,P7,le\x00aks,leak,2024-04-01",
        f"7,P7,{'x' * 30_001},leak,2024-04-01",
        "8,P7,leaks,leak,2099-04-01",
        "9,P7,leaks,leak,2024-04-01",
    ]
    content = (HEADER + "\n".join(lines)).encode()
    call = call_as("quality")
    report = await intake.import_file(call, parts(content, chunk=11))
    assert (report.state, report.rows, report.registered, report.rejected) == ("done", 9, 2, 7)
    found = [(row.line, row.column) for row in report.first_rejects]
    expected = [(3, "what"), (4, "day"), (5, "day"), (6, ""), (7, "what"), (8, "what"), (9, "day")]
    assert found == expected
    assert all(row.reason for row in report.first_rejects)
    assert report.first_rejects[0].reason == "description is required"
    async with intake.db.read() as tx:
        assert await get_import(tx, call, pb.GetImportRequest(import_id=report.import_id)) == report


async def test_the_same_file_sent_again_opens_nothing_new(intake: Any, call_as: CallAs) -> None:
    content = (HEADER + "".join(numbered(450))).encode()
    call = call_as("customer_service")
    first = await intake.import_file(call, parts(content))
    again = await intake.import_file(call, parts(content, chunk=1000))
    assert (first.registered, first.existing, again.registered, again.existing) == (450, 0, 0, 450)
    assert first.sha256 == again.sha256
    assert await intake.count("complaints") == await intake.count("outbox") == 450


async def test_a_file_under_its_key_gets_the_first_report_again(intake: Any, call_as: CallAs) -> None:
    call = call_as("quality", idempotency_key="f1")
    content = (HEADER + "".join(numbered(9))).encode()
    first = await intake.import_file(call, parts(content))
    assert await intake.import_file(call, parts(content, chunk=5)) == first
    for other in (parts(content + b"x"), parts(content, with_columns(media={"constant": "no"}))):
        with pytest.raises(IdempotencyMismatch):
            await intake.import_file(call, other)
    assert await intake.count("imports") == 1


async def test_a_file_without_ids_may_be_sent_again_too(intake: Any, call_as: CallAs) -> None:
    mapping = MAPPING | {"columns": {k: v for k, v in MAPPING["columns"].items() if k != "external_id"}}
    content = (HEADER + "".join(numbered(20))).encode()
    for wanted in (20, 0):
        report = await intake.import_file(call_as("quality"), parts(content, mapping))
        assert report.registered == wanted


async def test_a_gbk_file_with_crlf_is_read(intake: Any, call_as: CallAs) -> None:
    content = (HEADER + "1,博越,变速箱异响，已经两周,异响,2024-04-01\n").replace("\n", "\r\n").encode("gbk")
    report = await intake.import_file(call_as("quality"), parts(content))
    assert (report.encoding, report.registered) == ("gb18030", 1)
    (row,) = await intake.complaints()
    assert (row["product_family"], row["description"]) == ("博越", "变速箱异响，已经两周")
    assert (row["language"], row["signature"]) == ("zh", "博越|异响|")


async def test_a_wrong_mapping_is_refused_by_name_and_nothing_is_written(intake: Any, call_as: CallAs) -> None:
    good = HEADER + "1,a,b,c,2024-04-01"
    for content, mapping, field in (
        (good, with_columns(lot={"column": "batch"}), "lot"),
        (good, with_columns(hue={"column": "car"}), "hue"),
        ("", MAPPING, "file"),
        ("\n\n", MAPPING, "file"),
    ):
        with pytest.raises(Invalid) as refused:
            await intake.import_file(call_as("quality"), parts(content.encode(), mapping))
        assert field in refused.value.fields[0].field
    assert await intake.count("imports") == await intake.count("complaints") == 0


async def test_a_file_that_breaks_off_keeps_what_was_registered(intake: Any, call_as: CallAs) -> None:
    async def cut() -> AsyncIterator[pb.ImportFileRequest]:
        rows = "".join(row.replace("number", "number" + "." * 1000) for row in numbered(800))
        async for part in parts((HEADER + rows).encode(), chunk=9000):
            if part.WhichOneof("part") != "end":
                yield part
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await intake.import_file(call_as("quality"), cut())
    (row,) = await intake.fetch("SELECT state, registered, error FROM imports")
    assert tuple(row) == ("failed", 500, "ConnectionResetError")
    assert await intake.count("complaints") == 500


async def test_a_row_that_is_cut_in_two_is_not_registered(intake: Any, call_as: CallAs) -> None:
    async def cut() -> AsyncIterator[pb.ImportFileRequest]:
        async for part in parts((HEADER + "1,P7,it leaks at the sha").encode()):
            if part.WhichOneof("part") != "end":
                yield part

    with pytest.raises(Invalid, match="broke off"):
        await intake.import_file(call_as("quality"), cut())
    assert await intake.count("complaints") == 0


async def test_historical_rows_keep_their_own_dates(intake: Any, call_as: CallAs) -> None:
    mapping = with_columns(t_received={"column": "day"}, t_closed={"column": "done"})
    content = "id,car,what,kind,day,done\n1,P7,leaks,leak,2023-04-01,2023-05-01\n2,P7,leaks,leak,2023-04-01,\n"
    report = await intake.import_file(call_as("quality"), parts(content.encode(), mapping, historical=True))
    assert report.registered == 2
    rows = await intake.fetch("SELECT state, historical, t_received::date::text AS day FROM complaints ORDER BY number")
    assert [tuple(row) for row in rows] == [("closed", True, "2023-03-31"), ("open", True, "2023-03-31")]
    events = [msgspec.json.decode(row["body"])["data"] for row in await intake.fetch("SELECT body FROM outbox")]
    assert [event["t_closed"] for event in events] == ["2023-04-30T16:00:00Z", None]


async def test_rejected_rows_can_be_paged(intake: Any, call_as: CallAs) -> None:
    content = (HEADER + "".join(f"{n},P7,,leak,2024-04-01\n" for n in range(250))).encode()
    call = call_as("manager")
    report = await intake.import_file(call, parts(content))
    assert (report.registered, report.rejected, len(report.first_rejects)) == (0, 250, 20)
    lines: list[int] = []
    request = pb.ListImportRowsRequest(import_id=report.import_id)
    async with intake.db.read() as tx:
        while True:
            page = await list_import_rows(tx, call, request)
            lines += [row.line for row in page.rows]
            if not page.next_cursor:
                break
            request.page.cursor = page.next_cursor
    assert lines == list(range(2, 252))


async def test_only_those_who_keep_the_records_import_files(intake: Any, call_as: CallAs) -> None:
    for role in ("channel", "partner", "engineer", "service"):
        with pytest.raises(Forbidden):
            await intake.import_file(call_as(role), parts(HEADER.encode()))


@pytest.mark.skipif(not REAL.exists(), reason=f"the real complaints are not here: {REAL.name}")
async def test_all_1700_real_complaints_are_registered_and_sent_again_open_nothing(
    intake: Any, call_as: CallAs, capsys: pytest.CaptureFixture[str]
) -> None:
    mapping = {
        "columns": {
            "external_id": {"column": "complaint_id"},
            "product_family": {"column": "series"},
            "product_model": {"template": "{brand} {model}"},
            "description": {"column": "description", "default": "{component}：{problem_type}"},
            "failure_location": {"column": "component"},
            "defect_code": {"column": "problem_type"},
            "t_occurred": {"column": "date"},
        },
        "date_formats": ["%Y-%m-%d"],
        "time_zone": "Asia/Shanghai",
        "safety_not_asked": True,
    }
    begun = time.perf_counter()
    report = await intake.import_file(call_as("quality"), parts(REAL.read_bytes(), mapping))
    seconds = time.perf_counter() - begun
    with capsys.disabled():
        print(f"\nimported {report.registered} real rows in {seconds:.2f} s: {report.registered / seconds:.0f} rows/s")  # noqa: T201
    assert (report.registered, report.rejected, report.state) == (1700, 0, "done")
    again = await intake.import_file(call_as("quality"), parts(REAL.read_bytes(), mapping))
    assert (again.registered, again.existing) == (0, 1700)
    codes = await intake.fetch("SELECT count(*) AS n FROM complaints WHERE defect_code = '其他' AND cell IS NOT NULL")
    assert codes[0]["n"] == 0


@pytest.mark.skipif(not REAL.exists(), reason="the real complaints are not here")
async def test_without_a_default_the_real_rows_without_a_description_are_reported(intake: Any, call_as: CallAs) -> None:
    mapping = {
        "columns": {
            "external_id": {"column": "complaint_id"},
            "product_family": {"column": "series"},
            "description": {"column": "description"},
        }
    }
    report = await intake.import_file(call_as("quality"), parts(REAL.read_bytes(), mapping))
    assert report.registered + report.rejected == 1700
    assert {(row.column, row.reason) for row in report.first_rejects} == {("description", "description is required")}
