"""Requests that no client library would send: each is refused with a clear status, and reaches nobody behind."""

import gzip
import json
from typing import Any

import pytest

from stack.stack import Stack
from tests.security.raw import answers, json_request, request, statuses

COMPLAINT = {"language": "zh", "customer_name": "a", "product_family": "A6", "description": "it rattles when it rains"}
BODY = json.dumps(COMPLAINT).encode()
JSON = "Content-Type: application/json"
POST, GET = "POST /v1/complaints HTTP/1.1", "GET /v1/me HTTP/1.1"
SMUGGLED = b"0\r\n\r\nGET /v1/me HTTP/1.1\r\nHost: localhost\r\n\r\n"
CHUNKED = "Transfer-Encoding: chunked"


async def sent(stack: Stack, data: bytes) -> tuple[int, dict[str, Any]]:
    """The only answer, which must be one; a body that is no JSON counts as empty."""
    got = await answers(stack.public_url, data)
    (status,) = statuses(got)
    assert status < 500 or b"Retry-After" in got, got
    body = got.partition(b"\r\n\r\n")[2]
    return status, json.loads(body) if body.startswith(b"{") else {}


@pytest.mark.parametrize(
    ("line", "headers", "body"),
    [
        (POST, (JSON, "Content-Length: 5", CHUNKED), SMUGGLED),
        (POST, (JSON, CHUNKED, "Content-Length: 5"), SMUGGLED),
        (POST, (JSON, "Content-Length: 6", "Content-Length: 5"), b"123456"),
        (POST, (JSON, "Content-Length: 5, 5"), b"12345"),
        (POST, (JSON, "Content-Length: -5"), b"12345"),
        (POST, (JSON, "Content-Length: 99999999999999999999"), b"12345"),
        (POST, (JSON, "Transfer-Encoding: xchunked"), SMUGGLED),
        (POST, (JSON, "Transfer-Encoding: chunked, identity"), SMUGGLED),
        (POST, (JSON, "Transfer-Encoding : chunked"), SMUGGLED),
        (POST, (JSON, CHUNKED), b"zz\r\n12345\r\n0\r\n\r\n"),
        (POST, (JSON, CHUNKED), b"FFFFFFFFFFFFFFFFF\r\n12345"),
        (GET, ("Host: other",), b""),
        (GET, ("X-A: a\x00b",), b""),
        (GET, ("X-A: a", " folded"), b""),
        ("CONNECT evil.example:443 HTTP/1.1", (), b""),
        ("BREW /v1/me HTTP/1.1", (), b""),
        ("GET /v1/me HTTP/9.9", (), b""),
        ("GET /v1/cases/\xff\xfe HTTP/1.1", (), b""),
    ],
)
async def test_a_request_that_two_servers_would_read_differently_is_refused(
    stack: Stack, line: str, headers: tuple[str, ...], body: bytes
) -> None:
    status, problem = await sent(stack, request(line, *headers, key=stack.admin_key, body=body))
    assert (status, problem["slug"]) == (400, "malformed_http")


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /v1/me\r\n\r\n",
        b"GET /v1/me HTTP/1.1\r\n\r\n",
        b"GET /v1/me HTTP/1.1\nHost: a\n\n",
        b"GET /v1/me HTTP/1.1\r\nHost: a\rX-A: b\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00" * 50,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 50,
        b"A" * 4_096,
    ],
)
async def test_what_is_no_http_1_1_is_refused(stack: Stack, raw: bytes) -> None:
    status, problem = await sent(stack, raw)
    assert (status, problem["slug"]) == (400, "malformed_http")


@pytest.mark.parametrize(
    "data",
    [
        request(GET, *[f"X-{n}: a" for n in range(10_000)]),
        request(GET, "X-A: " + "a" * 2**20),
        request(GET, "a" * 2**20 + ": b"),
        request("GET /v1/complaints?product_family=" + "a" * 60_000 + " HTTP/1.1"),
    ],
    ids=["many", "long value", "long name", "long path"],
)
async def test_too_many_or_too_long_headers_are_431(stack: Stack, data: bytes) -> None:
    got = await answers(stack.public_url, data)
    # Whoever goes on sending may see the connection reset instead of the answer.
    assert statuses(got) in ([431], [])
    assert not got or b"headers_too_large" in got


async def test_what_trails_a_body_is_no_header(stack: Stack) -> None:
    body = b"%x\r\n%b\r\n0\r\nX-Redress-Actor: admin\r\nX-API-Key: other\r\n\r\n" % (len(BODY), BODY)
    assert (await sent(stack, request(POST, JSON, CHUNKED, key=stack.admin_key, body=body)))[0] == 201
    unsigned = request(POST, JSON, CHUNKED, body=body.replace(b"other", stack.admin_key.encode()))
    assert (await sent(stack, unsigned))[0] == 401


@pytest.mark.parametrize("path", ["/v1/complaints", "/v1/rcas"])
async def test_a_compressed_body_is_refused_unread(stack: Stack, path: str) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    status, problem = await sent(stack, json_request(path, bomb, "Content-Encoding: gzip", key=stack.admin_key))
    assert (status, problem["fields"][0]["field"]) == (415, "Content-Encoding")


@pytest.mark.parametrize("path", ["/v1/complaints", "/v1/rcas"])
@pytest.mark.parametrize(
    "value",
    [
        b'"\\ud800"',
        b'"\\udc00\\ud800"',
        b'"\\u0000"',
        b'"\xff"',
        b'"\xc0\xaf"',
        b'"\xed\xa0\x80"',
        b"NaN",
        b"Infinity",
        b"1e999",
        b"9" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    ],
    ids=["surrogate", "pair", "NUL", "bytes", "overlong", "CESU", "NaN", "inf", "1e999", "digits", "deep", "objects"],
)
async def test_a_value_that_is_no_text_is_refused_and_named(stack: Stack, path: str, value: bytes) -> None:
    body = b'{"title": "t", "problem": %b}' % value if "rcas" in path else BODY[:-1] + b', "lot": %b}' % value
    status, problem = await sent(stack, json_request(path, body, key=stack.admin_key))
    assert status in (400, 422)
    assert problem["fields"], problem


async def test_of_equal_keys_the_last_counts_on_every_route(stack: Stack) -> None:
    """RFC 8259 leaves it open; what matters is that the gateway, its checks and the owner read the same."""
    body = BODY[:-1] + b', "lot": "first", "lot": "second"}'
    status, registered = await sent(stack, json_request("/v1/complaints", body, key=stack.admin_key))
    assert status == 201
    seen = request(f"GET /v1/complaints/{registered['complaint_id']} HTTP/1.1", key=stack.admin_key)
    assert (await sent(stack, seen))[1]["lot"] == "second"
    status, problem = await sent(stack, json_request("/v1/rcas", b'{"title": "t", "title": 7}', key=stack.admin_key))
    assert (status, problem["fields"][0]["field"]) == (422, "title")


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/v1/complaints?product_family=%ff", 400),
        ("/v1/complaints?product_family=%ed%a0%80", 400),
        ("/v1/complaints?product_family=%00", 422),
        ("/v1/cases/%ff%fe", 404),
        ("/v1/cases/%00", 422),
        ("/v1/cases/0192f1c5-7b1e-7c3a-9a5b-3f0d5f1f2a11%0a", 404),
        ("/v1/../v1/me", 404),
        ("/v1/cases%2f..%2fme", 404),
        ("/v1/me;a=b", 404),
        ("http://evil.example/v1/me", 200),
    ],
)
async def test_odd_targets_name_nothing_else(stack: Stack, target: str, status: int) -> None:
    assert (await sent(stack, request(f"GET {target} HTTP/1.1", key=stack.admin_key)))[0] == status


async def test_upgrades_and_early_ends_are_met_with_http(stack: Stack) -> None:
    upgrade = request(GET, "Connection: Upgrade", "Upgrade: websocket", key=stack.admin_key)
    assert (await sent(stack, upgrade))[0] == 200
    assert (await sent(stack, request("OPTIONS * HTTP/1.1")))[0] in (404, 405)
    pipelined = request(GET, key=stack.admin_key).replace(b"Connection: close\r\n", b"") * 50
    assert statuses(await answers(stack.public_url, pipelined)) == [200] * 50
    cut = json_request("/v1/complaints", BODY, key=stack.admin_key)[:-20]
    assert 201 not in statuses(await answers(stack.public_url, cut, within_s=3, half_close=True))
