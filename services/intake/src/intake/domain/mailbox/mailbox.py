"""A mailbox that is read by IMAP, as the options of its channel say."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chassis.errors import FieldError

PROCESSED = ("keep", "seen", "flag", "move")
SECURITY = ("tls", "starttls", "none")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_MB = 1024**2
LIMIT_BYTES = 25 * _MB


@dataclass(frozen=True, slots=True)
class Mailbox:
    channel_id: str
    host: str
    user: str
    port: int = 993
    security: str = "tls"
    folder: str = "INBOX"
    processed: str = "seen"
    """What becomes of a mail that was handled: left as it is, marked as seen, flagged, or moved. Never deleted."""
    move_to: str = ""
    begin: str = "all"
    """What a mailbox that was never read before gives: `all` that lies there, or what is `new` from now on."""
    poll_seconds: int = 30
    limit_bytes: int = LIMIT_BYTES
    """Of a larger mail only its head is fetched, and parked."""


def mailbox_of(channel_id: str, options: Mapping[str, Any]) -> Mailbox | None:
    """None while the channel does not say where the mailbox is."""
    if not options.get("host") or not options.get("user"):
        return None
    return Mailbox(channel_id, **{name: options[name] for name in CHECKS if name in options})


def faults(options: Mapping[str, Any]) -> Iterator[FieldError]:
    """Of what belongs together."""
    if options.get("processed") == "move" and not options.get("move_to"):
        yield FieldError("options.move_to", "is required where handled mails are moved")
    if options.get("security") == "none" and options.get("host") not in _LOOPBACK:
        yield FieldError("options.security", "a password is not sent in the clear: none is for this machine only")
    for name in ("host", "user"):
        if not options.get(name):
            yield FieldError(f"options.{name}", "is required")


def _text(most: int) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        fits = isinstance(value, str) and 0 < len(value) <= most and value.isprintable()
        return "" if fits else f"must be a text of at most {most} printable characters"

    return check


def _word(*allowed: str) -> Callable[[Any], str]:
    return lambda value: "" if value in allowed else f"must be one of {', '.join(allowed)}"


def _number(least: int, most: int) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        fits = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        return "" if fits else f"must be a whole number from {least} to {most}"

    return check


CHECKS: Mapping[str, Callable[[Any], str]] = {
    "host": _text(253),
    "user": _text(254),
    "port": _number(1, 65_535),
    "security": _word(*SECURITY),
    "folder": _text(200),
    "processed": _word(*PROCESSED),
    "move_to": _text(200),
    "begin": _word("all", "new"),
    "poll_seconds": _number(5, 86_400),
    "limit_bytes": _number(1024, LIMIT_BYTES),
}
"""Option -> what is wrong with a value of it; empty for nothing."""
