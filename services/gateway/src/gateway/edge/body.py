import asyncio

import msgspec
from starlette.requests import Request
from starlette.types import Message, Receive

from chassis.errors import FieldError, Malformed
from gateway.edge.refusals import BodyTooLarge, TimedOut, UnsupportedMediaType

_DRAIN_BYTES, _DRAIN_SECONDS = 8 * 1024 * 1024, 1.0


class Disconnected(Exception):
    """The client is gone; nobody waits for an answer."""


async def read_body(request: Request, limit_bytes: int, timeout_s: float) -> bytes:
    """The whole body, read within its limits and announced as JSON. Empty when the request has none.

    Raises BodyTooLarge 413, TimedOut 408, UnsupportedMediaType 415.
    """
    body = await _read(request, limit_bytes, timeout_s)
    if body:
        _expect_json_type(request)
    return body


async def read_form(request: Request, limit_bytes: int, timeout_s: float) -> bytes:
    """A body as HTML forms send it. Raises as `read_body`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        problem = FieldError("Content-Type", "must be application/x-www-form-urlencoded")
        raise UnsupportedMediaType("the body must be a form", fields=[problem])
    return await _read(request, limit_bytes, timeout_s)


async def read_raw(request: Request, limit_bytes: int, timeout_s: float) -> bytes:
    """Whatever its type is. Raises BodyTooLarge 413, TimedOut 408."""
    return await _read(request, limit_bytes, timeout_s)


async def _read(request: Request, limit_bytes: int, timeout_s: float) -> bytes:
    refuse_announced(request, limit_bytes)
    try:
        async with asyncio.timeout(timeout_s):
            return await _collect(request.receive, limit_bytes)
    except TimeoutError:
        raise TimedOut(f"the body did not arrive within {timeout_s:g} seconds") from None


def refuse_announced(request: Request, limit_bytes: int, what: str = "the body") -> None:
    """Before any of it is read. A little too much is read and drained instead, so that the client hears our answer."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > _DRAIN_BYTES + limit_bytes:
        raise too_large(limit_bytes, what)


def refuse_encoded(request: Request) -> None:
    """A compressed body could grow a thousandfold behind the limit; raises UnsupportedMediaType."""
    if request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        problem = FieldError("Content-Encoding", "must be identity: send the body as it is")
        raise UnsupportedMediaType("compressed bodies are not read", fields=[problem])


async def _collect(receive: Receive, limit_bytes: int) -> bytes:
    chunks: list[bytes] = []
    total = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunk = message.get("body", b"")
        total += len(chunk)
        if total > limit_bytes:
            await drain(receive, message)
            raise too_large(limit_bytes)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


async def drain(receive: Receive, message: Message) -> None:
    """A client still sending would see its connection reset instead of our answer; so we listen a little longer."""
    drained = 0
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            while message.get("more_body", False) and drained < _DRAIN_BYTES:
                message = await receive()
                drained += len(message.get("body", b""))
    except TimeoutError:
        return


def too_large(limit_bytes: int, what: str = "the body") -> BodyTooLarge:
    fault = FieldError("body", f"at most {limit_bytes} bytes")
    return BodyTooLarge(f"{what} may have {limit_bytes} bytes", fields=[fault])


def _expect_json_type(request: Request) -> None:
    given = request.headers.get("content-type", "")
    kind, _, parameters = given.partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if kind.strip().lower() != "application/json" or charset not in ("", "utf-8", "utf8"):
        problem = FieldError("Content-Type", "must be application/json in UTF-8")
        raise UnsupportedMediaType("the body must be application/json", fields=[problem])


def expect_json(body: bytes) -> None:
    """Raises Malformed for what is no JSON, not in UTF-8 or nested beyond the decoder's stack."""
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise malformed(error) from None


def malformed(error: Exception) -> Malformed:
    if isinstance(error, RecursionError):
        fields = [FieldError("body", "nested too deeply")]
        return Malformed("the JSON is nested too deeply", fields, slug="nested_too_deeply")
    return Malformed("the body is not JSON in UTF-8", [FieldError("body", str(error)[:200])], slug="malformed_json")


def replay(body: bytes) -> Receive:
    """A `receive` for the application that finds the body already read."""
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
