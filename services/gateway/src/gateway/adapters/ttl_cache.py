from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class TtlCache(Generic[Key, Value]):
    """Remembers up to `max_items` answers for `ttl_s` seconds; the oldest goes first."""

    def __init__(self, ttl_s: float, max_items: int, clock: Callable[[], float]) -> None:
        self._ttl_s, self._max_items, self._clock = ttl_s, max_items, clock
        self._kept: OrderedDict[Key, tuple[Value, float]] = OrderedDict()

    def get(self, key: Key) -> Value | None:
        found = self._kept.get(key)
        return found[0] if found and found[1] > self._clock() else None

    def put(self, key: Key, value: Value) -> Value:
        self._kept[key] = (value, self._clock() + self._ttl_s)
        self._kept.move_to_end(key)
        if len(self._kept) > self._max_items:
            self._kept.popitem(last=False)
        return value

    def forget(self, key: Key) -> None:
        self._kept.pop(key, None)
