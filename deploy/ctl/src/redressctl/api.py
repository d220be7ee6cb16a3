"""The public HTTP API, as one person or key uses it."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from redressctl.errors import ApiProblem, NotAllowed, NotReachable
from redressctl.retrying import CONNECTION_LOST, Patience

Json = dict[str, Any]
_STALE = 412
_STALE_TRIES = 8
_KNOCKING = Patience(total_s=3.0)


@dataclass(frozen=True)
class Api:
    """One credential at one installation. All share the connections and their number."""

    http: httpx.AsyncClient
    slots: asyncio.Semaphore
    credential: str
    patience: Patience = field(default_factory=Patience)

    def as_(self, credential: str) -> "Api":
        return replace(self, credential=credential)

    async def get(self, path: str, **params: Any) -> Json:
        given = {name: value for name, value in params.items() if value is not None}
        return await self.send("GET", path, params=given)

    async def post(
        self, path: str, body: Any = None, *, version: int | None = None, key: str = "", **more: Any
    ) -> Json:
        """`key`: the Idempotency-Key; one of its own when empty, so that a retry never doubles anything."""
        return await self.send("POST", path, json=body if body is not None else {}, version=version, key=key, **more)

    async def change(self, of: str, what: str, body: Any = None, *, version: int = 0, verb: str = "POST") -> Json:
        """A change of the record at `of` by the command `what`, tried again when someone else was faster (412)."""
        path = f"{of}/{what}" if what else of
        for left in reversed(range(_STALE_TRIES)):
            version = version or int((await self.get(of))["version"])
            try:
                return await self.send(verb, path, json=body if body is not None else {}, version=version)
            except ApiProblem as problem:
                if problem.status != _STALE or not left:
                    raise
                version = 0
        raise AssertionError("unreachable")

    async def pages(self, path: str, **params: Any) -> AsyncIterator[Json]:
        """Every item of a list, page by page."""
        cursor: str | None = None
        while True:
            page = await self.get(path, cursor=cursor, **({"limit": 200} | params))
            for item in page["items"]:
                yield item
            cursor = page.get("next_cursor")
            if not cursor:
                return

    async def all(self, path: str, **params: Any) -> list[Json]:
        return [item async for item in self.pages(path, **params)]

    async def send(
        self,
        verb: str,
        path: str,
        *,
        version: int | None = None,
        key: str = "",
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **content: Any,
    ) -> Json:
        """The answer's JSON. Raises ApiProblem, NotAllowed (401), NotReachable."""
        sent = {"Authorization": f"Bearer {self.credential}"} if self.credential else {}
        sent |= {"Idempotency-Key": key or uuid.uuid4().hex} if verb != "GET" else {}
        sent |= {"If-Match": f'"{version}"'} if version else {}
        sent |= headers or {}
        answer = await self._persistently(verb, path, sent, timeout, content)
        if answer.status_code >= 400:
            raise _problem(verb, path, answer)
        return answer.json() if answer.content else {}

    async def _persistently(
        self, verb: str, path: str, headers: Mapping[str, str], timeout: float | None, content: Mapping[str, Any]
    ) -> httpx.Response:
        begun, attempt = time.monotonic(), 0
        limits: dict[str, Any] = {"timeout": timeout} if timeout else {}
        while True:
            attempt += 1
            answer: httpx.Response | None = None
            failure: Exception | None = None
            try:
                async with self.slots:
                    answer = await self.http.request(verb, path, headers=dict(headers), **limits, **content)
            except httpx.TransportError as error:
                failure = error
            status = answer.status_code if answer else CONNECTION_LOST
            wait = self.patience.pause(status, answer.headers if answer else {}, attempt, time.monotonic() - begun)
            if wait is None:
                if answer is None:
                    raise NotReachable(_unreachable(self.http, failure)) from failure
                return answer
            await asyncio.sleep(wait)


def _unreachable(http: httpx.AsyncClient, failure: Exception | None) -> str:
    return f"Nobody answers at {http.base_url} ({type(failure).__name__}): `redressctl status` says if it is up."


def _problem(verb: str, path: str, answer: httpx.Response) -> Exception:
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        return NotAllowed(f"{verb} {path}: these credentials are not known here; check --key or REDRESS_KEY.")
    try:
        problem = answer.json()
    except ValueError:
        problem = {"detail": answer.text[:200]}
    return ApiProblem(f"{verb} {path}", answer.status_code, problem if isinstance(problem, dict) else {})


@asynccontextmanager
async def connect(
    url: str, credential: str, *, concurrency: int = 8, patience: Patience | None = None, knock: bool = True
) -> AsyncIterator[Api]:
    """At most `concurrency` requests are under way at a time, whoever makes them.

    With `knock` a wrong address or key is told within seconds (NotReachable, NotAllowed); without, it is waited for.
    """
    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
    async with httpx.AsyncClient(base_url=url, timeout=30, limits=limits, trust_env=False) as http:
        api = Api(http, asyncio.Semaphore(concurrency), credential, patience or Patience())
        if knock:
            await replace(api, patience=_KNOCKING).get("/v1/me")
        yield api
