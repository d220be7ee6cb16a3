import asyncio

import httpx
import pytest

from redressctl.api import Api
from redressctl.errors import ApiProblem, CtlError, NotReachable
from redressctl.load.http1 import Connection, parse_head
from redressctl.load.pace import Pace
from redressctl.retrying import CONNECTION_LOST, Patience

QUICK = Patience(total_s=0.05, first_s=0.001)


@pytest.mark.parametrize("status", [CONNECTION_LOST, 429, 503])
def test_a_lost_connection_and_answers_that_ask_for_patience_are_tried_again(status: int) -> None:
    assert Patience().pause(status, {}, attempt=1, spent_s=0) is not None


@pytest.mark.parametrize("status", [200, 201, 400, 401, 403, 409, 412, 422, 500])
def test_any_other_answer_stands(status: int) -> None:
    assert Patience().pause(status, {}, attempt=1, spent_s=0) is None


def test_retry_after_is_a_minimum() -> None:
    pause = Patience().pause(503, {"retry-after": "3"}, attempt=1, spent_s=0)
    assert pause is not None
    assert 3 <= pause <= 3.75


def test_pauses_grow_and_end_with_the_patience() -> None:
    patience = Patience(total_s=10, first_s=1)
    first, third = (patience.pause(503, {}, attempt=n, spent_s=0) for n in (1, 3))
    assert first is not None
    assert third is not None
    assert first < 1.3 < 4 <= third
    assert patience.pause(503, {}, attempt=2, spent_s=9) is None


def api_with(answers: list[httpx.Response | Exception], seen: list[httpx.Request]) -> Api:
    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    http = httpx.AsyncClient(transport=httpx.MockTransport(handle), base_url="http://installation.test")
    return Api(http, asyncio.Semaphore(2), "rk_x", QUICK)


async def test_a_retry_carries_the_same_idempotency_key() -> None:
    seen: list[httpx.Request] = []
    answers: list[httpx.Response | Exception] = [
        httpx.ConnectError("gone"),
        httpx.Response(503),
        httpx.Response(201, json={"number": "C26-1"}),
    ]
    assert await api_with(answers, seen).post("/v1/complaints", {"a": 1}) == {"number": "C26-1"}
    assert len({request.headers["Idempotency-Key"] for request in seen}) == 1
    assert len(seen) == 3


async def test_a_stale_version_is_read_anew_and_the_change_tried_again() -> None:
    seen: list[httpx.Request] = []
    eight, nine = (httpx.Response(200, json={"version": version}) for version in (8, 9))
    assert await api_with([httpx.Response(412), eight, nine], seen).change("/v1/cases/c", "close", {}, version=7) == {
        "version": 9
    }
    assert [request.headers.get("If-Match") for request in seen] == ['"7"', None, '"8"']
    keys = [request.headers["Idempotency-Key"] for request in seen if request.method == "POST"]
    assert keys[0] != keys[1]


async def test_a_refusal_names_slug_fields_and_what_is_possible() -> None:
    problem = {"slug": "missing_deliverable", "detail": "not yet", "possible": ["callback"], "fields": []}
    with pytest.raises(ApiProblem, match=r"409 missing_deliverable: not yet; possible: callback"):
        await api_with([httpx.Response(409, json=problem)], []).get("/v1/x")


async def test_when_patience_ends_without_an_answer_the_address_is_named() -> None:
    with pytest.raises(NotReachable, match=r"installation\.test"):
        await api_with([httpx.ConnectError("gone")] * 100, []).get("/v1/x")


def test_the_lean_client_reads_status_and_headers() -> None:
    head = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 12\r\n\r\n"
    assert parse_head(head) == (503, {"retry-after": "1", "content-length": "12"})


def test_the_lean_client_says_that_it_speaks_no_https() -> None:
    with pytest.raises(CtlError, match="plain http only"):
        Connection("https://redress.example", "rk_x")


@pytest.mark.parametrize("head", [b"SSH-2.0-x y\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"])
def test_the_lean_client_refuses_what_it_cannot_read(head: bytes) -> None:
    with pytest.raises(ValueError, match="not an answer"):
        parse_head(head)


async def test_a_pace_ends_after_its_count_whoever_asks() -> None:
    pace = Pace(0, count=3, seconds=None)
    assert [await pace.next() for _ in range(5)] == [1, 2, 3, None, None]


async def test_a_pace_spreads_requests_evenly_and_ends_in_time() -> None:
    pace = Pace(rate_per_s=100, count=None, seconds=0.055)
    given = [number for number in [await pace.next() for _ in range(10)] if number]
    assert given == [1, 2, 3, 4, 5, 6]


async def test_a_pace_that_is_stopped_gives_no_more() -> None:
    pace = Pace(0, count=None, seconds=None)
    assert await pace.next() == 1
    pace.stop.set()
    assert await pace.next() is None
