"""Files beside complaints, with a real database, a folder or a bucket, and something that answers like clamd."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis import audit
from chassis.errors import Conflict, Invalid, NotFound, RedressError, Unavailable
from intake.adapters.objects import Access, Objects
from intake.adapters.scanner import Scanner
from intake.app.attachments import remove
from intake.app.attachments.add import AddAttachment
from intake.app.attachments.look import LookAtAttachments
from intake.app.attachments.remove import RemoveAttachment, Sweep
from intake.domain.attachments.rules import Limits
from redress.intake.v1 import attachments_pb2 as pb
from tests.intake.integration.bucket import bucket

LIMITS = Limits(size=1_000_000, count=3)
PHOTO = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(range(256)) * 1_000


class Files:
    """The use cases over one database and one store."""

    def __init__(self, intake: Any, objects: Objects | None, scanner: Scanner) -> None:
        self.intake = intake
        self.objects = objects
        self.look = LookAtAttachments(intake.db, objects)
        self._add = AddAttachment(intake.db, objects, scanner, LIMITS)

    async def add(
        self, call: Any, complaint_id: str, content: bytes, name: str = "照片.jpg", *, ends: bool = True
    ) -> Any:
        async def parts() -> AsyncIterator[pb.AddAttachmentRequest]:
            yield pb.AddAttachmentRequest(
                header=pb.AttachmentHeader(complaint_id=complaint_id, name=name, note="左前轮")
            )
            for at in range(0, len(content), 65_536):
                yield pb.AddAttachmentRequest(chunk=content[at : at + 65_536])
            if ends:
                yield pb.AddAttachmentRequest(end=len(content))

        return await self._add(call, parts())

    async def read(self, call: Any, attachment_id: str) -> bytes:
        pieces = self.look.read(call, pb.GetAttachmentRequest(attachment_id=attachment_id))
        return b"".join([piece.chunk async for piece in pieces])

    async def listed(self, call: Any, complaint_id: str) -> list[Any]:
        request = pb.ListAttachmentsRequest(complaint_id=complaint_id)
        return list((await self.intake.run(self.look.listed, call, request)).attachments)

    async def remove(self, call: Any, attachment_id: str, reason: str = "somebody else's photo") -> Any:
        request = pb.RemoveAttachmentRequest(attachment_id=attachment_id, reason=reason)
        return await self.intake.run(RemoveAttachment(self.look), call, request)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "objects"


@pytest.fixture
def files(intake: Any, folder: Path) -> Files:
    return Files(intake, Objects.folder(str(folder)), Scanner("", 0))


@pytest.fixture
async def complaint_id(intake: Any, given: Callable[..., Any], call_as: Any) -> str:
    return str((await intake.one(call_as("customer_service"), given())).complaint_id)


def stored(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


async def test_a_file_comes_out_as_it_went_in(files: Files, complaint_id: str, call_as: Any) -> None:
    anna = call_as("customer_service", actor="anna")
    kept = await files.add(anna, complaint_id, PHOTO, "C:\\fotos\\照片.jpg")
    assert (kept.name, kept.note, kept.size, kept.state) == ("照片.jpg", "左前轮", len(PHOTO), "kept")
    assert kept.sha256 == hashlib.sha256(PHOTO).hexdigest()
    assert (kept.content_type, kept.scan, kept.added_by) == ("image/jpeg", "not_scanned", "anna")
    assert await files.read(call_as("engineer"), kept.attachment_id) == PHOTO
    assert [one.attachment_id for one in await files.listed(anna, complaint_id)] == [kept.attachment_id]


async def test_what_is_stored_tells_nothing(files: Files, folder: Path, complaint_id: str, call_as: Any) -> None:
    kept = await files.add(call_as("customer_service"), complaint_id, PHOTO)
    (path,) = stored(folder)
    assert PHOTO[100:200] not in path.read_bytes()
    (row,) = await files.intake.fetch("SELECT * FROM attachments WHERE attachment_id = $1", kept.attachment_id)
    assert "照片" not in str(dict(row))
    assert "照片".encode() not in row["name_sealed"]


async def test_the_same_bytes_are_one_attachment(files: Files, folder: Path, complaint_id: str, call_as: Any) -> None:
    first = await files.add(call_as("customer_service"), complaint_id, PHOTO)
    again = await files.add(call_as("engineer"), complaint_id, PHOTO, "other name.jpg")
    assert (again.attachment_id, again.existing) == (first.attachment_id, True)
    assert len(await files.listed(call_as("quality"), complaint_id)) == 1
    await Sweep(files.intake.db, files.objects)()  # type: ignore[arg-type]
    assert len(stored(folder)) == 1
    assert await files.read(call_as("quality"), first.attachment_id) == PHOTO


@pytest.mark.parametrize(
    ("content", "ends", "slug"),
    [
        (b"MZ\x90", True, "unfit_file"),
        (b"", True, "invalid"),
        (b"x" * 1_000_001, True, "too_large"),
        (b"x", False, "broke_off"),
    ],
)
async def test_what_is_refused_leaves_nothing(
    files: Files, folder: Path, complaint_id: str, call_as: Any, content: bytes, ends: bool, slug: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await files.add(call_as("customer_service"), complaint_id, content, ends=ends)
    assert refused.value.slug == slug
    assert stored(folder) == []
    assert await files.intake.count("attachments") == 0


async def test_a_complaint_has_only_so_many(files: Files, complaint_id: str, call_as: Any) -> None:
    for n in range(LIMITS.count):
        await files.add(call_as("customer_service"), complaint_id, b"text %d" % n)
    with pytest.raises(Invalid):
        await files.add(call_as("customer_service"), complaint_id, b"one more")


async def test_a_removed_file_is_gone_and_remembered(
    files: Files, folder: Path, complaint_id: str, call_as: Any
) -> None:
    kept = await files.add(call_as("customer_service"), complaint_id, PHOTO)
    gone = await files.remove(call_as("quality", actor="quin"), kept.attachment_id)
    assert (gone.state, gone.name, gone.sha256) == ("removed", "", kept.sha256)
    with pytest.raises(Conflict):
        await files.read(call_as("quality"), kept.attachment_id)
    await Sweep(files.intake.db, files.objects)()  # type: ignore[arg-type]
    assert stored(folder) == []
    assert [one.state for one in await files.listed(call_as("quality"), complaint_id)] == ["removed"]
    with pytest.raises(Conflict):
        await files.remove(call_as("quality"), kept.attachment_id)


async def test_who_did_what_with_a_file_is_in_the_audit_trail(files: Files, complaint_id: str, call_as: Any) -> None:
    kept = await files.add(call_as("customer_service"), complaint_id, PHOTO)
    await files.read(call_as("engineer", actor="erik"), kept.attachment_id)
    await files.remove(call_as("quality"), kept.attachment_id)
    rows = await files.intake.fetch(
        "SELECT action, actor FROM audit WHERE aggregate_id = $1 ORDER BY seq", complaint_id
    )
    assert [row["action"] for row in rows][-3:] == ["file attached", "file read", "file removed"]
    assert rows[-2]["actor"] == "erik"
    async with files.intake.db.tx() as tx:
        assert (await audit.verify(tx.conn)).broken == []


async def test_a_channel_adds_to_its_own_complaints_only(files: Files, complaint_id: str, call_as: Any) -> None:
    with pytest.raises(NotFound):
        await files.add(call_as("channel", actor="shop"), complaint_id, PHOTO)


async def test_half_a_file_of_a_process_that_died_is_swept(
    files: Files, folder: Path, complaint_id: str, call_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = await files.add(call_as("customer_service"), complaint_id, PHOTO)
    async with files.intake.db.tx() as tx:
        await tx.execute("UPDATE attachments SET state = 'receiving' WHERE attachment_id = $1", kept.attachment_id)
    sweep = Sweep(files.intake.db, files.objects)  # type: ignore[arg-type]
    await sweep()
    assert len(stored(folder)) == 1, "it may still be coming in"
    monkeypatch.setattr(remove, "PATIENCE", timedelta(0))
    await sweep()
    assert (stored(folder), await files.intake.count("attachments")) == ([], 0)


async def test_without_a_store_files_are_refused_with_the_reason(intake: Any, complaint_id: str, call_as: Any) -> None:
    with pytest.raises(Conflict) as refused:
        await Files(intake, None, Scanner("", 0)).add(call_as("customer_service"), complaint_id, PHOTO)
    assert refused.value.slug == "no_object_store"


@asynccontextmanager
async def clamd(answer: bytes) -> AsyncIterator[tuple[int, bytearray]]:
    """Answers as clamd does; what it was given lies in the second value."""
    seen = bytearray()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
        while length := int.from_bytes(await reader.readexactly(4), "big"):
            seen.extend(await reader.readexactly(length))
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], seen


async def test_the_scanner_sees_every_byte(intake: Any, folder: Path, complaint_id: str, call_as: Any) -> None:
    async with clamd(b"stream: OK\0") as (port, seen):
        files = Files(intake, Objects.folder(str(folder)), Scanner("127.0.0.1", port))
        assert (await files.add(call_as("customer_service"), complaint_id, PHOTO)).scan == "clean"
    assert bytes(seen) == PHOTO


async def test_an_infected_file_is_on_record_and_cannot_be_read(
    intake: Any, folder: Path, complaint_id: str, call_as: Any
) -> None:
    async with clamd(b"stream: Eicar-Test-Signature FOUND\0") as (port, _):
        files = Files(intake, Objects.folder(str(folder)), Scanner("127.0.0.1", port))
        found = await files.add(call_as("customer_service"), complaint_id, PHOTO)
    assert (found.state, found.scan) == ("infected", "Eicar-Test-Signature")
    with pytest.raises(Conflict):
        await files.read(call_as("quality"), found.attachment_id)
    await Sweep(intake.db, files.objects)()  # type: ignore[arg-type]
    assert stored(folder) == []


async def test_where_the_scanner_is_away_nothing_is_taken(
    intake: Any, folder: Path, complaint_id: str, call_as: Any
) -> None:
    files = Files(intake, Objects.folder(str(folder)), Scanner("127.0.0.1", 1))
    with pytest.raises(Unavailable):
        await files.add(call_as("customer_service"), complaint_id, PHOTO)
    assert await intake.count("attachments") == 0


async def test_a_bucket_keeps_them_as_a_folder_does(intake: Any, complaint_id: str, call_as: Any) -> None:
    large = b"large " * 160_000
    async with bucket() as (endpoint, held):
        access = Access("s3://complaints/files", endpoint, "us-east-1", "key", "secret")
        files = Files(intake, Objects.of(access), Scanner("", 0))
        kept = await files.add(call_as("customer_service"), complaint_id, large)
        assert await files.read(call_as("quality"), kept.attachment_id) == large
        assert all(name.startswith("complaints/files/attachments/") for name in held)
        await files.remove(call_as("quality"), kept.attachment_id)
        await Sweep(intake.db, files.objects)()  # type: ignore[arg-type]
        assert held == {}


async def test_a_bucket_that_is_away_is_said_to_be(intake: Any, complaint_id: str, call_as: Any) -> None:
    access = Access("s3://complaints", "http://127.0.0.1:1", "us-east-1", "key", "secret")
    files = Files(intake, Objects.of(access), Scanner("", 0))
    with pytest.raises(RedressError) as refused:
        await files.add(call_as("customer_service"), complaint_id, PHOTO)
    assert refused.value.status == 503
