"""The double's API server: what Helm and the Python client ask of Kubernetes'. Plain HTTP, no authentication."""

import asyncio
import copy
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.deploy.double import admission, patching, protobuf, resources
from tests.deploy.double.resources import Resource
from tests.deploy.double.selecting import Selection
from tests.deploy.double.store import Json, Store, key_of

_VERSION = {"major": "1", "minor": "36", "gitVersion": "v1.36.0-double", "platform": "linux/amd64"}
_PATHS = (
    "/{plural}",
    "/namespaces/{namespace}/{plural}",
    "/{plural}/{name}",
    "/namespaces/{namespace}/{plural}/{name}",
)
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class Refusal(Exception):
    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.code, self.reason, self.message = code, reason, message


class Api:
    """`logs`: of a pod's container, by name."""

    def __init__(self, store: Store, logs: Any) -> None:
        self._store, self._logs = store, logs
        self._applied: dict[tuple[object, ...], Json] = {}

    def app(self) -> Starlette:
        routes = [
            Route("/version", lambda _: JSONResponse(_VERSION)),
            Route("/readyz", lambda _: PlainTextResponse("ok")),
            Route("/api", lambda _: JSONResponse({"kind": "APIVersions", "versions": ["v1"]})),
            Route("/openapi/v3", lambda _: JSONResponse(resources.openapi_paths())),
            Route("/openapi/v3/{path:path}", lambda asked: JSONResponse(resources.openapi(asked.path_params["path"]))),
            Route("/apis", lambda _: JSONResponse(resources.groups())),
        ]
        for base in ("/api/{version}", "/apis/{group}/{version}"):
            routes.append(Route(base, self._discovery))
            routes += [Route(base + path, self._serve, methods=_METHODS) for path in _ordered(_PATHS)]
            routes.append(Route(base + _PATHS[3] + "/{sub}", self._serve, methods=_METHODS))
        return Starlette(routes=routes, exception_handlers={Refusal: _told})

    async def _discovery(self, request: Request) -> Response:
        found = resources.resource_list(_group_version(request))
        return JSONResponse(found) if found else Response(status_code=404)

    async def _serve(self, request: Request) -> Response:
        path = request.path_params
        resource = resources.find(_group_version(request), path["plural"])
        if resource is None:
            raise Refusal(404, "NotFound", f"the server could not find the requested resource {path['plural']}")
        if path.get("sub") == "log":
            return PlainTextResponse(self._logs(self._known(resource, path), request.query_params.get("container", "")))
        if path.get("sub") not in (None, "status", "eviction"):
            raise Refusal(404, "NotFound", f"the double has no {path['sub']}")
        if "name" not in path:
            return await self._collection(request, resource)
        return await self._single(request, resource)

    async def _collection(self, request: Request, resource: Resource) -> Response:
        namespace = request.path_params.get("namespace", "")
        selection = Selection.of(request.query_params)
        if request.method == "POST":
            item = await _body(request)
            item["metadata"].setdefault("namespace", namespace) if resource.namespaced else None
            if self._store.get(*key_of(item)):
                raise Refusal(409, "AlreadyExists", f'{resource.plural} "{item["metadata"]["name"]}" already exists')
            return self._written(request, item, 201)
        if request.query_params.get("watch") in ("true", "1"):
            return StreamingResponse(
                self._watch(request, resource, namespace, selection), media_type="application/json"
            )
        found = [item for item in self._store.all(resource.kind, namespace) if selection.takes(item)]
        if request.method == "DELETE":
            for item in found:
                self._store.delete(item)
        meta = {"resourceVersion": str(self._store.version)}
        listed = {"kind": f"{resource.kind}List", "apiVersion": resource.group_version, "metadata": meta}
        return JSONResponse(listed | {"items": found})

    async def _single(self, request: Request, resource: Resource) -> Response:
        if request.method == "PATCH":
            return await self._patch(request, resource)
        known = self._known(resource, request.path_params)
        if request.method == "GET":
            return JSONResponse(known)
        if request.method == "DELETE" or request.path_params.get("sub") == "eviction":
            options = await _body(request) if await request.body() else {}
            grace = options.get("gracePeriodSeconds", request.query_params.get("gracePeriodSeconds"))
            if not _is_dry(request, options):
                self._store.delete(known, None if grace is None else float(grace))
            return JSONResponse(known)
        replaced = await _body(request)
        replaced["metadata"] |= {"namespace": known["metadata"]["namespace"]} if resource.namespaced else {}
        return self._written(request, replaced, 200)

    async def _patch(self, request: Request, resource: Resource) -> Response:
        kind = request.headers["content-type"].split(";")[0]
        patch = await _body(request)
        path = request.path_params
        known = self._store.get(resource.kind, path.get("namespace", ""), path["name"])
        if kind != "application/apply-patch+yaml":
            known = self._known(resource, path)
            changed = (patching.json_patched if "json-patch" in kind else patching.merged)(known, patch)
            return self._written(request, changed, 200)
        patch["metadata"].setdefault("namespace", path["namespace"]) if resource.namespaced else None
        manager = (*key_of(patch), request.query_params.get("fieldManager", ""))
        before = self._applied.get(manager, {}) if known else {}
        response = self._written(request, patching.applied(known or {}, before, patch), 200 if known else 201)
        self._applied[manager] = patch
        return response

    def _written(self, request: Request, item: Json, code: int) -> Response:
        try:
            admission.check(self._store, item)
        except admission.Refused as refused:
            raise Refusal(422, "Invalid", str(refused)) from refused
        if not _is_dry(request, {}):
            item = self._store.put(copy.deepcopy(item))
        return JSONResponse(item, code)

    def _known(self, resource: Resource, path: Any) -> Json:
        found = self._store.get(resource.kind, path.get("namespace", ""), path["name"])
        if found is None:
            raise Refusal(404, "NotFound", f'{resource.plural} "{path["name"]}" not found')
        return found

    async def _watch(
        self, request: Request, resource: Resource, namespace: str, selection: Selection
    ) -> AsyncIterator[bytes]:
        asked = request.query_params
        with self._store.watching(resource.kind, namespace) as watch, suppress(TimeoutError):
            async with asyncio.timeout(float(asked.get("timeoutSeconds", 3600))):
                if asked.get("sendInitialEvents") == "true" or asked.get("resourceVersion", "") in ("", "0"):
                    for item in self._store.all(resource.kind, namespace):
                        if selection.takes(item):
                            yield _event("ADDED", item)
                    if asked.get("sendInitialEvents") == "true":
                        yield _event("BOOKMARK", _bookmark(resource, self._store.version))
                else:
                    for change, item in self._store.since(resource.kind, namespace, int(asked["resourceVersion"])):
                        if selection.takes(item):
                            yield _event(change, item)
                while True:
                    change, item = await watch.changes.get()
                    if selection.takes(item):
                        yield _event(change, item)


def _ordered(paths: tuple[str, ...]) -> list[str]:
    """`/namespaces/x/pods` before `/{plural}/{name}`, which would take it too."""
    return sorted(paths, key=lambda path: ("namespaces" not in path, -len(path)))


def _group_version(request: Request) -> str:
    path = request.path_params
    return f"{path['group']}/{path['version']}" if "group" in path else str(path["version"])


async def _body(request: Request) -> Any:
    body = await request.body()
    if request.headers.get("content-type", "").startswith(protobuf.CONTENT_TYPE):
        return protobuf.decode(body)
    return yaml.load(body, yaml.CSafeLoader)


def _is_dry(request: Request, options: Json) -> bool:
    return bool(request.query_params.get("dryRun") or options.get("dryRun"))


def _event(change: str, item: Json) -> bytes:
    return json.dumps({"type": change, "object": item}).encode() + b"\n"


def _bookmark(resource: Resource, version: int) -> Json:
    meta = {"resourceVersion": str(version), "annotations": {"k8s.io/initial-events-end": "true"}}
    return {"kind": resource.kind, "apiVersion": resource.group_version, "metadata": meta}


async def _told(_: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "metadata": {}}
    told = {"reason": refusal.reason, "message": refusal.message, "code": refusal.code}
    return JSONResponse(status | told, refusal.code)
