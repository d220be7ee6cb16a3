"""What a vendor sends to a channel, and what it is answered. It proves itself by a signature, or is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chassis.errors import RedressError

Secrets = Mapping[str, tuple[str, ...]]
"""By name, the newest first; one that was replaced stays beside it for its grace period."""
_MILLISECONDS = 10**11
"""As seconds this is the year 5138: a larger number counts milliseconds."""


class NotProven(RedressError):
    """Whoever sent this does not hold the channel's secret, or sends again what was sent long ago."""

    slug = "not_proven"
    status = 401


class Unreadable(RedressError):
    """The signature stands for something that cannot be read."""

    slug = "unreadable"
    status = 400


@dataclass(frozen=True, slots=True)
class HookCall:
    method: str
    url: str
    """In full, as the vendor called it: some sign it."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """By name in lower case."""
    body: bytes
    arrived_at: datetime

    def asked(self, name: str) -> str:
        """A parameter of the query. Raises NotProven where it is missing: all we ask for stand for a signature."""
        return _there(self.query.get(name), name)

    def headed(self, name: str) -> str:
        """A header, by its name in lower case. Raises NotProven where it is missing."""
        return _there(self.headers.get(name), name)


@dataclass(frozen=True, slots=True)
class HookAnswer:
    status: int = 200
    content_type: str = "text/plain; charset=utf-8"
    body: bytes = b""


def within(call: HookCall, timestamp: str, window_s: int) -> None:
    """Raises NotProven unless a signed Unix time, in seconds or milliseconds, lies within `window_s` of the call; a
    window of 0 takes any."""
    if not window_s:
        return
    try:
        value = int(timestamp) if timestamp.isascii() and len(timestamp) <= 15 else -1
    except ValueError:
        value = -1
    seconds = value / 1000 if value >= _MILLISECONDS else value
    if value < 0 or abs(call.arrived_at - datetime.fromtimestamp(seconds, UTC)) > timedelta(seconds=window_s):
        raise NotProven("the signed time lies too far from now")


def _there(value: str | None, name: str) -> str:
    if not value:
        raise NotProven(f"{name} is missing")
    return value
