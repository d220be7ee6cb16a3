"""Files that are read in the background, tried without a trace, and by mappings that are kept."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chassis.errors import Conflict, Invalid, NotFound, StaleVersion, Unavailable
from chassis.lease import Lease
from intake.adapters.objects import Objects
from intake.app.imports import look, mappings, reading, store
from intake.app.imports.run import LeaseLost, RunImports
from redress.intake.v1 import imports_pb2 as more
from redress.intake.v1 import intake_pb2 as pb

MAPPING = {
    "columns": {"description": {"column": "text"}, "product_family": {"column": "product"}},
    "safety_not_asked": True,
    "language": "en",
}


def rows(n: int) -> bytes:
    lines = [f"The seal of pump {i} leaks after a week of use,Pump P{i % 7}" for i in range(n)]
    return "\n".join(["text,product", *lines]).encode()


def header(**more_fields: Any) -> pb.ImportHeader:
    return pb.ImportHeader(**({"file_name": "old.csv", "mapping": json.dumps(MAPPING)} | more_fields))


async def parts(content: bytes, head: pb.ImportHeader) -> AsyncIterator[pb.ImportFileRequest]:
    yield pb.ImportFileRequest(header=head)
    for at in range(0, len(content), 7_000):
        yield pb.ImportFileRequest(chunk=content[at : at + 7_000])
    yield pb.ImportFileRequest(end=len(content))


class Background:
    def __init__(self, intake: Any, folder: Path) -> None:
        self.intake = intake
        self.folder = folder
        self.objects = Objects.folder(str(folder))
        self.runner = RunImports(intake.db, intake.register, self.objects, Lease(intake.db, "imports"))

    async def store(self, call: Any, content: bytes, **head: Any) -> pb.ImportReport:
        return await store.StoreFile(self.intake.db, self.objects)(call, parts(content, header(**head)))

    async def work(self) -> None:
        """What the runner does in one look."""
        assert await self.runner._lease.held()
        while (row := await self.runner._next()) is not None:
            await self.runner._one(row)

    async def report(self, call: Any, import_id: str) -> pb.ImportReport:
        request = pb.GetImportRequest(import_id=import_id)
        return await self.intake.run(look.get_import, call, request)  # type: ignore[no-any-return]

    def stored(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.is_file()] if self.folder.exists() else []


@pytest.fixture
def background(intake: Any, tmp_path: Path) -> Background:
    return Background(intake, tmp_path / "objects")


async def test_a_stored_file_waits_is_read_and_forgotten(background: Background, call_as: Any) -> None:
    call, content = call_as("quality"), rows(450)
    waiting = await background.store(call, content)
    assert (waiting.state, waiting.progress, waiting.size, waiting.background) == ("waiting", 0, len(content), True)
    assert b"pump 17" not in background.stored()[0].read_bytes(), "it lies there sealed"
    await background.work()
    done = await background.report(call, waiting.import_id)
    assert (done.state, done.rows, done.registered, done.progress) == ("done", 450, 450, 1)
    assert done.urgent + done.important + done.routine == 450
    assert background.stored() == []


async def test_an_interrupted_import_goes_on_and_counts_every_row_once(
    background: Background, call_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "GROUP", 200)
    call = call_as("quality")
    waiting = await background.store(call, rows(900))
    registered, groups = background.intake.register, []

    async def cut(items: Any) -> Any:
        outcomes = await registered(items)
        groups.append(len(items))
        if len(groups) == 3:
            raise Unavailable("the process ended after the commit and before it was counted")
        return outcomes

    monkeypatch.setattr(background.runner, "_register", cut)
    with pytest.raises(Unavailable):
        await background.work()
    halfway = await background.report(call, waiting.import_id)
    assert (halfway.state, halfway.rows) == ("running", 400)
    assert 0 < halfway.progress <= 1
    assert await background.intake.count("complaints") == 600
    await background.work()
    done = await background.report(call, waiting.import_id)
    assert (done.state, done.rows, done.registered, done.existing) == ("done", 900, 900, 0)
    assert await background.intake.count("complaints") == 900


async def test_a_worker_that_lost_its_lease_leaves_the_file_to_the_next(
    background: Background, call_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = await background.store(call_as("quality"), rows(10))
    row = await background.runner._next()

    async def lost() -> bool:
        return False

    monkeypatch.setattr(background.runner._lease, "held", lost)
    with pytest.raises(LeaseLost):
        await background.runner._one(row)
    monkeypatch.undo()
    await background.work()
    assert (await background.report(call_as("quality"), waiting.import_id)).registered == 10


async def test_a_stopped_import_keeps_what_it_registered_and_can_be_resumed(
    background: Background, call_as: Any
) -> None:
    call = call_as("quality")
    waiting = await background.store(call, rows(5))
    stop = more.StopImportRequest(import_id=waiting.import_id)
    assert (await background.intake.run(store.stop_import, call, stop)).state == "stopped"
    await background.work()
    assert await background.intake.count("complaints") == 0
    resume = more.ResumeImportRequest(import_id=waiting.import_id)
    assert (await background.intake.run(store.resume_import, call, resume)).state == "waiting"
    await background.work()
    assert (await background.report(call, waiting.import_id)).registered == 5
    with pytest.raises(Conflict):
        await background.intake.run(store.resume_import, call, resume)


async def test_a_file_that_does_not_fit_its_mapping_fails_with_the_reason(background: Background, call_as: Any) -> None:
    call = call_as("quality")
    waiting = await background.store(call, b"other,columns\n1,2\n")
    await background.work()
    failed = await background.report(call, waiting.import_id)
    assert (failed.state, failed.error) == ("failed", "the mapping does not fit")


async def test_without_a_store_there_is_no_background(intake: Any, call_as: Any) -> None:
    with pytest.raises(Conflict) as refused:
        await store.StoreFile(intake.db, None)(call_as("quality"), parts(rows(1), header()))
    assert refused.value.slug == "no_object_store"


async def test_a_dry_run_tells_all_and_leaves_nothing(intake: Any, call_as: Any) -> None:
    content = rows(300) + b"\n,\n"
    tried = await intake.import_file(call_as("quality"), parts(content, header(dry_run=True)))
    assert (tried.dry_run, tried.rows, tried.registered, tried.rejected) == (True, 301, 300, 1)
    assert await intake.count("complaints") == await intake.count("outbox") == await intake.count("persons") == 0
    real = await intake.import_file(call_as("quality"), parts(content, header()))
    assert (real.registered, real.rejected, real.routine) == (tried.registered, tried.rejected, tried.routine)
    again = await intake.import_file(call_as("quality"), parts(content, header(dry_run=True)))
    assert (again.registered, again.existing) == (0, 300)


async def kept(intake: Any, call: Any, document: Any, version: int = 0, name: str = "crm") -> Any:
    request = more.PutImportMappingRequest(
        mapping_name=name, if_version=version, label="CRM export", document=json.dumps(document)
    )
    return await intake.run(mappings.put_mapping, call, request)


async def test_a_mapping_is_kept_changed_used_and_forgotten(intake: Any, call_as: Any) -> None:
    call = call_as("quality")
    assert (await kept(intake, call, MAPPING)).version == 1
    with pytest.raises(Conflict):
        await kept(intake, call, MAPPING)
    assert (await kept(intake, call, MAPPING | {"language": "zh"}, version=1)).version == 2
    with pytest.raises(StaleVersion):
        await kept(intake, call, MAPPING, version=1)
    report = await intake.import_file(call, parts(rows(3), header(mapping="", mapping_name="crm")))
    assert report.registered == 3, report.first_rejects
    assert (await intake.fetch("SELECT DISTINCT language FROM complaints"))[0]["language"] == "zh"
    removal = more.RemoveImportMappingRequest(mapping_name="crm", if_version=2)
    await intake.run(mappings.remove_mapping, call, removal)
    with pytest.raises(NotFound):
        await intake.import_file(call, parts(rows(3), header(mapping="", mapping_name="crm")))


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"columns": {"description": {"column": "text"}}}, "mapping.columns.product_family"),
        (MAPPING | {"wrong": 1}, "mapping.wrong"),
        (MAPPING | {"columns": MAPPING["columns"] | {"colour": {"column": "c"}}}, "mapping.columns.colour"),  # type: ignore[operator]
        ([], "mapping.columns"),
    ],
)
async def test_a_mapping_that_can_never_fit_is_refused(intake: Any, call_as: Any, document: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        await kept(intake, call_as("quality"), document)
    assert field in {fault.field for fault in refused.value.fields}


async def test_imports_are_listed_newest_first(background: Background, call_as: Any) -> None:
    call = call_as("quality")
    ids = [(await background.store(call, rows(1))).import_id for _ in range(3)]
    request = more.ListImportsRequest(state="waiting")
    listed = await background.intake.run(look.list_imports, call, request)
    assert [one.import_id for one in listed.imports] == ids[::-1]
