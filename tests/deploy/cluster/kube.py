"""The Kubernetes API in plain JSON: what these tests ask of it, and nothing typed in between."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

Json = dict[str, Any]
T = TypeVar("T")
_TIMEOUT_S = 30
_UNLISTED = {"events", "endpointslices", "endpoints", "bindings", "componentstatuses"}


class Kube:
    """Of one namespace."""

    def __init__(self, kubeconfig: Path, namespace: str) -> None:
        self.namespace = namespace
        self._api: client.ApiClient = config.new_client_from_config(str(kubeconfig))  # type: ignore[no-untyped-call]

    def call(self, method: str, path: str, body: Any = None, query: Mapping[str, str] | None = None) -> Any:
        """Raises ApiException."""
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        return json.loads(self._send(method, path, {"Accept": "application/json", "Content-Type": kind}, query, body))

    def _send(
        self, method: str, path: str, headers: Mapping[str, str], query: Mapping[str, str] | None, body: Any = None
    ) -> bytes:
        asked = list((query or {}).items())
        request = self._api.param_serialize(
            method, path, query_params=asked, header_params=dict(headers), body=body, auth_settings=["BearerToken"]
        )
        reply = self._api.call_api(*request, _request_timeout=_TIMEOUT_S)
        content = bytes(reply.read())  # type: ignore[no-untyped-call]
        if not 200 <= reply.status < 300:
            raise ApiException(status=reply.status, reason=f"{method} {path}", body=content.decode(errors="replace"))
        return content

    def version(self) -> str:
        return str(self.call("GET", "/version")["gitVersion"])

    def path(self, plural: str, group_version: str = "v1") -> str:
        base = f"/apis/{group_version}" if "/" in group_version else f"/api/{group_version}"
        return f"{base}/namespaces/{self.namespace}/{plural}"

    def create(self, plural: str, item: Json, group_version: str = "v1") -> Json:
        return dict(self.call("POST", self.path(plural, group_version), item))

    def get(self, plural: str, name: str, group_version: str = "v1") -> Json | None:
        try:
            return dict(self.call("GET", f"{self.path(plural, group_version)}/{name}"))
        except ApiException as error:
            if error.status == 404:
                return None
            raise

    def delete(self, plural: str, name: str, group_version: str = "v1", grace_s: int | None = None) -> None:
        """What is gone already is fine."""
        query = {} if grace_s is None else {"gracePeriodSeconds": str(grace_s)}
        try:
            self.call("DELETE", f"{self.path(plural, group_version)}/{name}", query=query)
        except ApiException as error:
            if error.status != 404:
                raise

    def pods(self, selector: str) -> list[Json]:
        return list(self.call("GET", self.path("pods"), query={"labelSelector": selector})["items"])

    def log(self, pod: str, tail: int | None = None) -> str:
        query = {} if tail is None else {"tailLines": str(tail)}
        return self._send("GET", f"{self.path('pods')}/{pod}/log", {"Accept": "*/*"}, query).decode(errors="replace")

    def labelled(self, selector: str) -> Iterator[str]:
        """Every object of every kind with these labels: of the namespace, and of the cluster."""
        for group_version, resource in self._resources():
            base = f"/apis/{group_version}" if "/" in group_version else f"/api/{group_version}"
            at = f"namespaces/{self.namespace}/" if resource["namespaced"] else ""
            try:
                found = self.call("GET", f"{base}/{at}{resource['name']}", query={"labelSelector": selector})
            except ApiException as error:
                if error.status not in (403, 404, 405, 503):  # not ours to list, or an aggregated API that is away
                    raise
                continue
            yield from (f"{resource['kind']}/{item['metadata']['name']}" for item in found["items"])

    def _resources(self) -> Iterator[tuple[str, Json]]:
        groups = self.call("GET", "/apis")["groups"]
        for group_version in ["v1", *(group["preferredVersion"]["groupVersion"] for group in groups)]:
            base = f"/apis/{group_version}" if "/" in group_version else f"/api/{group_version}"
            try:
                found = self.call("GET", base)["resources"]
            except ApiException:
                continue
            for one in found:
                if "list" in one["verbs"] and "/" not in one["name"] and one["name"] not in _UNLISTED:
                    yield group_version, one


def is_ready(pod: Json) -> bool:
    if "deletionTimestamp" in pod["metadata"]:
        return False
    conditions = pod.get("status", {}).get("conditions") or ()
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def until(look: Callable[[], T | None], what: str, timeout_s: float) -> T:
    """The first true thing that `look` finds. Raises AssertionError."""
    end = time.monotonic() + timeout_s
    while True:
        if found := look():
            return found
        assert time.monotonic() < end, f"waited {timeout_s:g} s for {what}"
        time.sleep(0.5)
