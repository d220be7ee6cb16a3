"""What may be set of a channel beside its mapping: data, with defaults by its kind."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chassis.errors import FieldError, Invalid
from intake.domain.channels.kinds import KINDS
from intake.domain.mailbox import mailbox

DEFAULT_CONVERSATION_HOURS = 24
_HEADER = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_MAX_TEXT = 500


@dataclass(frozen=True, slots=True)
class Signing:
    """How a generic webhook is signed: HMAC-SHA-256 over `signed`, in which {timestamp} and {body} stand."""

    signature_header: str = "x-signature"
    timestamp_header: str = "x-timestamp"
    """Empty where the sender signs no time."""
    encoding: str = "hex"
    prefix: str = "sha256="
    signed: str = "{timestamp}.{body}"
    id_header: str = ""


_SIGNING = {
    "webhook": Signing(),
    "zendesk": Signing(
        "x-zendesk-webhook-signature", "x-zendesk-webhook-signature-timestamp", "base64", "", "{timestamp}{body}"
    ),
    "shopify": Signing("x-shopify-hmac-sha256", "", "base64", "", "{body}", "x-shopify-webhook-id"),
}


def signing(kind: str, options: Mapping[str, Any]) -> Signing:
    usual = _SIGNING[kind]
    return Signing(**{name: options.get(name, getattr(usual, name)) for name in Signing.__dataclass_fields__})


def window_s(kind: str, options: Mapping[str, Any]) -> int:
    """How far a signed time may lie from now, in seconds."""
    return int(options.get("window_s", KINDS[kind].window_s))


def conversation_hours(options: Mapping[str, Any]) -> int:
    """For how long the next message of a sender belongs to the complaint of the one before; 0 for never."""
    return int(options.get("conversation_hours", DEFAULT_CONVERSATION_HOURS))


def expect_options(kind: str, options: Any) -> None:
    """Raises Invalid naming every option that the kind does not have, or that does not fit."""
    if not isinstance(options, dict):
        raise Invalid("the options do not fit", [FieldError("options", "must be an object")])
    faults = list(_faults(kind, options))
    if faults:
        raise Invalid("the options do not fit", faults)


def _faults(kind: str, options: Mapping[str, Any]) -> Iterator[FieldError]:
    known = _known(kind)
    if known is None:
        return
    for name, value in options.items():
        check = known.get(name)
        if check is None:
            yield FieldError(f"options.{name}"[:200], f"is no option of {kind}: {', '.join(known) or 'it has none'}")
        elif fault := check(value):
            yield FieldError(f"options.{name}", fault)
    if kind == "imap":
        yield from mailbox.faults(options)
    if kind in _SIGNING and all(isinstance(options.get(name, ""), str) for name in ("signed", "timestamp_header")):
        yield from _signed_faults(kind, options)


def _signed_faults(kind: str, options: Mapping[str, Any]) -> Iterator[FieldError]:
    """A signature that does not cover the body proves nothing, and a window over a time that is not signed neither."""
    made = signing(kind, options)
    if "{body}" not in made.signed:
        yield FieldError("options.signed", "must hold {body}")
    if bool(made.timestamp_header) != ("{timestamp}" in made.signed):
        yield FieldError("options.signed", "must hold {timestamp} just where there is a timestamp_header")


def _known(kind: str) -> Mapping[str, Callable[[Any], str]] | None:
    """None for a kind whose options are another part's to judge."""
    if kind == "imap":
        return mailbox.CHECKS
    if kind == "mail":
        return None
    found: dict[str, Callable[[Any], str]] = {}
    if KINDS[kind].hook:
        found |= {"conversation_hours": _whole(0, 24 * 90), "reply": _yes_or_no}
    if KINDS[kind].window_s:
        found["window_s"] = _whole(1, 86_400)
    if kind in _SIGNING:
        found |= dict.fromkeys(("signature_header", "timestamp_header", "id_header"), _header)
        found |= {"encoding": _encoding, "prefix": _text, "signed": _text}
    if KINDS[kind].channel == "authority":
        found["answer_days"] = _whole(1, 366)
    return found


def _whole(least: int, most: int) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        fits = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        return "" if fits else f"must be a whole number from {least} to {most}"

    return check


def _yes_or_no(value: Any) -> str:
    return "" if isinstance(value, bool) else "must be true or false"


def _header(value: Any) -> str:
    return "" if value == "" or (isinstance(value, str) and _HEADER.fullmatch(value)) else "must be a header's name"


def _encoding(value: Any) -> str:
    return "" if value in ("hex", "base64") else "must be hex or base64"


def _text(value: Any) -> str:
    fits = isinstance(value, str) and len(value) <= _MAX_TEXT and value.isprintable()
    return "" if fits else f"must be a text of at most {_MAX_TEXT} printable characters"
