"""The double's etcd: objects by kind, namespace and name; whoever watches hears of every change."""

import asyncio
import copy
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
_REMEMBERED = 5_000
Key = tuple[str, str, str]
"""kind, namespace ("" for what has none), name"""


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def key_of(item: Json) -> Key:
    meta = item["metadata"]
    return item["kind"], meta.get("namespace", ""), meta["name"]


def matches(selector: Json | None, labels: Json) -> bool:
    """Of a Service (plain labels) or a workload (`matchLabels`); none selects nothing."""
    wanted = (selector or {}).get("matchLabels", selector) or {}
    return bool(wanted) and all(labels.get(name) == value for name, value in wanted.items())


@dataclass(eq=False)
class Watch:
    kind: str
    namespace: str
    changes: "asyncio.Queue[tuple[str, Json]]" = field(default_factory=asyncio.Queue)

    def tell(self, change: str, item: Json) -> None:
        if item["kind"] == self.kind and self.namespace in ("", item["metadata"].get("namespace", "")):
            self.changes.put_nowait((change, copy.deepcopy(item)))


class Store:
    """Used from the double's own thread only."""

    def __init__(self) -> None:
        self.version = 1
        self._items: dict[Key, Json] = {}
        self._watches: set[Watch] = set()
        self._history: deque[tuple[int, str, Json]] = deque(maxlen=_REMEMBERED)

    def get(self, kind: str, namespace: str, name: str) -> Json | None:
        return self._items.get((kind, namespace, name))

    def all(self, kind: str, namespace: str = "") -> list[Json]:
        """Of one namespace, or of all."""
        return [
            item for key, item in list(self._items.items()) if key[0] == kind and (not namespace or key[1] == namespace)
        ]

    def everything(self) -> list[Json]:
        return list(self._items.values())

    def put(self, item: Json) -> Json:
        """Creates or replaces; keeps what the server alone decides."""
        known = self._items.get(key_of(item))
        meta = item["metadata"]
        meta["uid"] = known["metadata"]["uid"] if known else str(uuid.uuid4())
        meta["creationTimestamp"] = known["metadata"]["creationTimestamp"] if known else now()
        changed = known is None or known.get("spec") != item.get("spec")
        meta["generation"] = (known["metadata"].get("generation", 0) if known else 0) + int(changed)
        self._note("MODIFIED" if known else "ADDED", item)
        return item

    def set_status(self, item: Json, status: Json) -> None:
        if item.get("status") != status and self._items.get(key_of(item)) is item:
            item["status"] = status
            self._note("MODIFIED", item)

    def mark_ending(self, item: Json, grace_s: float) -> None:
        """For pods, which take their time; they are removed when their containers have ended."""
        if "deletionTimestamp" not in item["metadata"]:
            item["metadata"] |= {"deletionTimestamp": now(), "deletionGracePeriodSeconds": grace_s}
            self._note("MODIFIED", item)

    def remove(self, item: Json) -> None:
        """With all that it owns."""
        if self._items.pop(key_of(item), None) is None:
            return
        self._tell("DELETED", item)
        for owned in self.owned_by(item):
            self.delete(owned)

    def delete(self, item: Json, grace_s: float | None = None) -> None:
        if item["kind"] == "Pod":
            asked = item["spec"].get("terminationGracePeriodSeconds", 30) if grace_s is None else grace_s
            self.mark_ending(item, float(asked))
            return
        self.remove(item)
        if item["kind"] == "Namespace":
            for inside in [
                one for one in self.everything() if one["metadata"].get("namespace") == item["metadata"]["name"]
            ]:
                self.delete(inside)

    def owned_by(self, owner: Json, kind: str = "") -> list[Json]:
        uid = owner["metadata"]["uid"]
        return [
            item
            for item in self.everything()
            if kind in ("", item["kind"])
            and any(one["uid"] == uid for one in item["metadata"].get("ownerReferences", ()))
        ]

    @contextmanager
    def watching(self, kind: str, namespace: str) -> Iterator[Watch]:
        watch = Watch(kind, namespace)
        self._watches.add(watch)
        try:
            yield watch
        finally:
            self._watches.discard(watch)

    def _note(self, change: str, item: Json) -> None:
        self._items[key_of(item)] = item
        self._tell(change, item)

    def since(self, kind: str, namespace: str, version: int) -> list[tuple[str, Json]]:
        """What changed after `version`: for a watch that follows a list."""
        return [
            (change, item)
            for at, change, item in self._history
            if at > version and item["kind"] == kind and namespace in ("", item["metadata"].get("namespace", ""))
        ]

    def _tell(self, change: str, item: Json) -> None:
        self.version += 1
        item["metadata"]["resourceVersion"] = str(self.version)
        self._history.append((self.version, change, copy.deepcopy(item)))
        for watch in self._watches:
            watch.tell(change, item)
