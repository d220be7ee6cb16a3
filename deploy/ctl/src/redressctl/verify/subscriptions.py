"""Which events each service must have taken in, exactly once."""

from collections.abc import Mapping
from types import MappingProxyType

from redress.catalog import CATALOG
from redress.listeners import LISTENERS

SUBSCRIPTIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {consumer: frozenset(types) for consumer, types in LISTENERS.items()}
)
"""Consumer -> event types."""


def owner_of(event_type: str) -> str:
    return CATALOG[event_type].owner
