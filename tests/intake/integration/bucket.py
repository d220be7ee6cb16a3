"""As much of S3 as an upload in one or several parts, a download and a deletion need."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_XML = "application/xml"


class _Bucket:
    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self._parts: dict[str, dict[int, bytes]] = {}

    async def answer(self, request: Request) -> Response:
        name, query = request.path_params["name"], request.query_params
        if "authorization" not in request.headers:
            return Response(status_code=403)
        act = getattr(self, f"_{request.method.lower()}")
        answered: Response = await act(request, name, query)
        return answered

    async def _put(self, request: Request, name: str, query: Any) -> Response:
        content = await request.body()
        if "partNumber" in query:
            self._parts[query["uploadId"]][int(query["partNumber"])] = content
        else:
            self.held[name] = content
        return Response(headers={"ETag": f'"{len(content)}"'})

    async def _post(self, request: Request, name: str, query: Any) -> Response:
        if "delete" in query:
            keys = re.findall(r"<Key>([^<]+)</Key>", (await request.body()).decode())
            for key in keys:
                self.held.pop(f"{name.strip('/')}/{key}", None)
            deleted = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
            return Response(f"<DeleteResult>{deleted}</DeleteResult>", media_type=_XML)
        if "uploads" in query:
            self._parts[name] = {}
            body = f"<InitiateMultipartUploadResult><UploadId>{name}</UploadId></InitiateMultipartUploadResult>"
            return Response(body, media_type=_XML)
        parts = self._parts.pop(query["uploadId"])
        self.held[name] = b"".join(parts[n] for n in sorted(parts))
        body = f"<CompleteMultipartUploadResult><ETag>{len(parts)}</ETag></CompleteMultipartUploadResult>"
        return Response(body, media_type=_XML)

    async def _get(self, request: Request, name: str, query: Any) -> Response:
        if name not in self.held:
            return Response("<Error><Code>NoSuchKey</Code></Error>", status_code=404, media_type=_XML)
        headers = {"ETag": '"x"', "Last-Modified": "Mon, 23 Nov 2026 05:00:00 GMT"}
        return Response(self.held[name], headers=headers)

    async def _delete(self, request: Request, name: str, query: Any) -> Response:
        self.held.pop(name, None)
        self._parts.pop(query.get("uploadId", ""), None)
        return Response(status_code=204)


@asynccontextmanager
async def bucket() -> AsyncIterator[tuple[str, dict[str, bytes]]]:
    """Its endpoint, and what it holds: "bucket/key" -> bytes."""
    kept = _Bucket()
    app = Starlette(routes=[Route("/{name:path}", kept.answer, methods=["GET", "PUT", "POST", "DELETE"])])
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        running = asyncio.create_task(server.serve(sockets=[listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", kept.held
        server.should_exit = True
        await running
