"""XLSX to rows: refused before it is unpacked where it would grow too large, then read in a process of its own."""

import asyncio
import io
import json
import sys
import zipfile
from collections.abc import AsyncIterator
from contextlib import suppress

import msgspec

from chassis.errors import FieldError, Invalid, Unavailable
from intake.domain.files.kinds import refused
from intake.domain.files.records import MAX_ROW_CHARACTERS, Record, Unreadable

MAX_BYTES = 32 * 1024**2
MAX_UNPACKED_BYTES = 256 * 1024**2
MAX_ENTRIES = 5_000
_LINE_LIMIT = 16 * 1024**2
_ENCRYPTED = 0x1
_ONE_MB = 1024**2
_AT_A_TIME = asyncio.Semaphore(2)

_decode = msgspec.json.Decoder(list[tuple[int, list[str]]]).decode


def check_package(content: bytes) -> None:
    """By the central directory alone. Raises Invalid for what is no spreadsheet, is cut short or would unpack to more
    than MAX_UNPACKED_BYTES."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise refused("is a damaged or incomplete .xlsx (or another archive); save it again and send that") from None
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        raise refused("is an archive or document, not an Excel file; save the table as .xlsx or CSV")
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise refused(f"would unpack to more than {MAX_UNPACKED_BYTES // _ONE_MB} MB; split it, or save it as CSV")
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise refused("is protected by a password; save it without one")


async def sheet_rows(content: bytes, wanted: str | None) -> AsyncIterator[str | list[Record | Unreadable]]:
    """The name of the sheet that is read, then its rows in batches. Raises Invalid for what cannot be read."""
    check_package(content)
    async with _AT_A_TIME:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "intake.adapters.sheet_rows"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=_LINE_LIMIT,
        )
        try:
            async for answer in _answers(process, json.dumps(wanted).encode() + b"\n" + content):
                yield answer
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def _answers(process: asyncio.subprocess.Process, asked: bytes) -> AsyncIterator[str | list[Record | Unreadable]]:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(asked)
    except RuntimeError as error:  # uvloop's, where the process has ended before it was asked: the file is not to blame
        raise Unavailable("the file could not be read just now; send it again") from error
    with suppress(ConnectionError):
        await process.stdin.drain()
        process.stdin.close()
    async for line in lines_of(process.stdout):
        yield [_row(number, cells) for number, cells in _decode(line)] if line[:1] == b"[" else _sheet(line)
    if await process.wait() != 0:
        raise refused("is too large or too damaged to be read; save it as CSV and send that")


async def lines_of(stdout: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Raises Invalid for a line beyond the reader's limit, which only one row of many megabytes makes."""
    try:
        async for line in stdout:
            yield line
    except ValueError:
        raise refused("has a row that is too long to be read; shorten it, or save the file as CSV") from None


def _sheet(line: bytes) -> str:
    answer = msgspec.json.decode(line, type=dict[str, str])
    if "refused" in answer:
        raise Invalid(f"the file {answer['refused']}", [FieldError("file", answer["refused"])])
    return answer["sheet"]


def _row(line: int, cells: list[str]) -> Record | Unreadable:
    if sum(map(len, cells)) > MAX_ROW_CHARACTERS:
        return Unreadable(line, f"the row is longer than {MAX_ROW_CHARACTERS} characters")
    return Record(line, cells)
