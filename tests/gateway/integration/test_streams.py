"""Files that pass through, clients that take their time, and an orderly end."""

import asyncio
import json
import resource
import time
from contextlib import suppress
from typing import Any

import httpx
import pytest

MAPPING = json.dumps({"columns": {"description": {"column": "text"}}, "safety_not_asked": True})
COMPLAINT = {"language": "zh", "customer_name": "王芳", "product_family": "A6", "description": "仪表黑屏"}
BOUNDARY = "x-boundary"


def part(name: str, value: str, more: str = "") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + value.encode() + b"\r\n"


FILE_START = part("file", "", '; filename="投诉.csv"')[:-2]
END = f"\r\n--{BOUNDARY}--\r\n".encode()


async def send_form(gateway: Any, content: Any, **more: Any) -> httpx.Response:
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"} | more
    reply: httpx.Response = await gateway.send("POST", "/v1/imports", content=content, headers=headers)
    return reply


async def test_a_file_goes_through_with_its_mapping(gateway: Any) -> None:
    form = part("mapping", MAPPING) + part("historical", "true") + FILE_START + "text\n黑屏\n".encode() + END
    reply = await send_form(gateway, form, **{"Idempotency-Key": "file-1"})
    assert reply.status_code == 201, reply.text
    assert reply.headers["location"].startswith("/v1/imports/")
    assert (reply.json()["file_name"], reply.json()["rejected"]) == ("投诉.csv", 1)
    header = gateway.seen.requests[0].header
    assert (header.mapping, header.historical, gateway.seen.keys) == (MAPPING, True, ["file-1"])
    assert gateway.seen.imported_bytes == len("text\n黑屏\n".encode())


async def test_a_large_file_does_not_fill_the_memory(gateway: Any) -> None:
    async def pieces() -> Any:
        yield part("mapping", MAPPING) + FILE_START
        for _ in range(1_000):
            yield b"x" * 65_536
        yield END

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert (await send_form(gateway, pieces())).status_code == 201
    assert gateway.seen.imported_bytes == 1_000 * 65_536
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30 * 1024


@pytest.mark.parametrize(
    ("form", "status", "field"),
    [
        (FILE_START + b"a" + END, 422, "mapping"),
        (part("mapping", "{") + FILE_START + b"a" + END, 422, "mapping"),
        (part("mapping", "[]") + FILE_START + b"a" + END, 422, "mapping"),
        (part("mapping", MAPPING) + END.lstrip(), 422, "file"),
        (part("mapping", MAPPING) + part("historical", "maybe") + FILE_START + b"a" + END, 422, "historical"),
        (part("mapping", MAPPING) + part("actor", "admin") + FILE_START + b"a" + END, 422, "actor"),
        (
            part("mapping", MAPPING) + FILE_START + b"a\r\n" + part("historical", "true") + END.lstrip(),
            422,
            "historical",
        ),
        (part("mapping", "x" * 300_000) + FILE_START + b"a" + END, 422, "mapping"),
        (part("mapping", '{"refuse": 1}') + FILE_START + b"a" * 3_000_000 + END, 422, "mapping"),
        (part("mapping", MAPPING) + FILE_START + b"a", 400, None),
        (b"this is no form", 400, None),
    ],
)
async def test_a_form_that_does_not_fit_is_refused(gateway: Any, form: bytes, status: int, field: str | None) -> None:
    reply = await send_form(gateway, form)
    assert reply.status_code == status, reply.text
    assert [each["field"] for each in reply.json()["fields"]] == ([field] if field else [])


async def test_a_form_without_boundary_or_of_another_type_is_refused(gateway: Any) -> None:
    assert (await send_form(gateway, b"a", **{"Content-Type": "multipart/form-data"})).status_code == 400
    assert (await send_form(gateway, b"{}", **{"Content-Type": "application/json"})).status_code == 415


async def test_a_file_beyond_its_limit_is_refused(start_gateway: Any) -> None:
    gateway = await start_gateway(import_limit_bytes=100_000)
    reply = await send_form(gateway, part("mapping", MAPPING) + FILE_START + b"x" * 200_000 + END)
    assert (reply.status_code, reply.json()["slug"]) == (413, "body_too_large")


@pytest.fixture(scope="session")
async def impatient(start_gateway: Any) -> Any:
    return await start_gateway(header_timeout_s=0.4, body_timeout_s=0.4, import_idle_timeout_s=0.4, keep_alive_s=1)


async def told(reader: asyncio.StreamReader) -> bytes:
    """What came until the connection ended, also when it ended by a reset: our last drop crossed the answer."""
    answer = b""
    with suppress(ConnectionResetError):
        while piece := await reader.read(65_536):
            answer += piece
    return answer


async def trickle(gateway: Any, start: bytes, drop: bytes = b"") -> tuple[bytes, float]:
    """Sends `start`, then `drop` every 50 ms. Returns the answer and the seconds until the connection was closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.public.server.port)
    begun = time.monotonic()
    writer.write(start)
    answer = asyncio.create_task(told(reader))
    while not answer.done() and time.monotonic() - begun < 5:
        if drop:
            writer.write(drop)
        await asyncio.wait([answer], timeout=0.05)
    writer.close()
    return (await answer if answer.done() else b"still open"), time.monotonic() - begun


HEAD = (
    b"POST /v1/complaints HTTP/1.1\r\nHost: a\r\nX-API-Key: an operator's own admin key\r\n"
    b"Content-Type: application/json\r\nContent-Length: 5000\r\n"
)


@pytest.mark.parametrize(
    ("start", "drop", "status"),
    [
        (b"", b"", b""),
        (b"POST /v1/comp", b"", b"408"),
        (b"POST /v1/complaints HTTP/1.1\r\nX-Slow: ", b"a", b"408"),
        (HEAD, b"X-A: b\r\n", b"408"),
        (HEAD + b"\r\n{", b" ", b"408"),
        (HEAD.replace(b"own", b"not") + b"\r\n{", b" ", b"401"),
    ],
)
async def test_a_slow_client_is_cut_off(impatient: Any, start: bytes, drop: bytes, status: bytes) -> None:
    answer, seconds = await trickle(impatient, start, drop)
    assert answer[9:12] == status, answer
    assert seconds < 3


async def test_a_file_that_stops_coming_is_given_up(impatient: Any) -> None:
    form = part("mapping", MAPPING) + FILE_START + b"a,b\n"
    head = HEAD.replace(b"/v1/complaints", b"/v1/imports").replace(
        b"application/json", f"multipart/form-data; boundary={BOUNDARY}".encode()
    )
    answer, seconds = await trickle(impatient, head + b"\r\n" + form)
    assert answer[9:12] == b"408"
    assert seconds < 3


async def test_a_slow_client_does_not_slow_the_others(impatient: Any) -> None:
    slow = [asyncio.create_task(trickle(impatient, HEAD, b"X-A: b\r\n")) for _ in range(20)]
    replies = [await impatient.send("POST", "/v1/complaints", json=COMPLAINT) for _ in range(5)]
    assert [reply.status_code for reply in replies] == [201] * 5
    await asyncio.gather(*slow)


async def test_requests_in_hand_are_answered_before_the_end(start_gateway: Any) -> None:
    gateway = await start_gateway()
    gateway.seen.hold.clear()
    call = asyncio.create_task(gateway.send("POST", "/v1/complaints", json=COMPLAINT))
    while not gateway.seen.batches:
        await asyncio.sleep(0.01)
    stopping = asyncio.create_task(gateway.public.server.stop())
    await asyncio.sleep(0.3)
    with pytest.raises(httpx.ConnectError):
        await gateway.send("GET", "/v1/me")
    gateway.seen.hold.set()
    assert (await call).status_code == 201
    await asyncio.wait_for(stopping, 5)
