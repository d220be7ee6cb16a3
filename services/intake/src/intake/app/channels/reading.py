"""What a request about a channel says, and what of it is refused."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from chassis.errors import FieldError, Invalid
from chassis.messages import set_fields
from intake.adapters.channel_aes import KEY_CHARACTERS, is_aes_key
from intake.adapters.channel_paths import fault_of
from intake.domain.channels.kinds import KINDS
from intake.domain.channels.mapping import expect_mapping
from intake.domain.channels.options import expect_options
from intake.domain.complaint import LANGUAGES
from redress.intake.v1 import channels_pb2 as pb

DOCUMENTS = ("mapping", "options")
MAX_SECRET = 500
MAX_GRACE_HOURS = 24 * 30
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_TEXTS = {"label_zh": 100, "label_en": 100, "default_form": 63, "product_family": 100}
_AES_KEYS = ("encoding_aes_key", "aes_key")


def read(request: pb.CreateChannelRequest | pb.UpdateChannelRequest) -> dict[str, Any]:
    """What the request says, with its documents opened. Raises Invalid for one that is no JSON."""
    given = set_fields(request)
    for name in DOCUMENTS:
        if name in given:
            try:
                given[name] = json.loads(given[name])
            except (ValueError, RecursionError) as error:
                raise Invalid(f"the {name} cannot be read", [FieldError(name, "is not JSON")]) from error
    return given


def creation_faults(request: pb.CreateChannelRequest) -> Iterator[FieldError]:
    if not _NAME.fullmatch(request.channel_id):
        yield FieldError("channel_id", "must be 1 to 63 lower-case letters, digits and hyphens")
    if request.kind not in KINDS:
        yield FieldError("kind", f"must be one of {', '.join(KINDS)}")
    yield from text_faults({"label_zh": request.label_zh, "label_en": request.label_en, **set_fields(request)})


def text_faults(given: Mapping[str, Any]) -> Iterator[FieldError]:
    for name, longest in _TEXTS.items():
        text = given.get(name, "-")
        if len(text) > longest or not text.isprintable():
            yield FieldError(name, f"must be at most {longest} printable characters")
        elif name.startswith("label_") and not text.strip():
            yield FieldError(name, "is required")
    if given.get("language", "") not in ("", *LANGUAGES):
        yield FieldError("language", f"must be one of {', '.join(LANGUAGES)}, or empty: by the text")


def expect_documents(kind: str, given: Mapping[str, Any]) -> None:
    if "mapping" in given:
        expect_mapping(given["mapping"], fault_of)
    if "options" in given:
        expect_options(kind, given["options"])


def secret_faults(kind: str, request: pb.SetChannelSecretRequest) -> Iterator[FieldError]:
    value = request.value.strip()
    if request.secret not in KINDS[kind].secrets:
        known = ", ".join(KINDS[kind].secrets) or "none"
        yield FieldError("secret", f"{kind} has no such secret; it has {known}")
    if not 1 <= len(value) <= MAX_SECRET or not value.isprintable():
        yield FieldError("value", f"must be 1 to {MAX_SECRET} printable characters")
    elif request.secret in _AES_KEYS and not is_aes_key(value):
        yield FieldError("value", f"must be the vendor's AES key of {KEY_CHARACTERS} characters")
    if not 0 <= request.grace_hours <= MAX_GRACE_HOURS:
        yield FieldError("grace_hours", f"must lie between 0 and {MAX_GRACE_HOURS}")


def expect(faults: Iterator[FieldError], detail: str) -> None:
    """Raises Invalid naming all of them."""
    if found := list(faults):
        raise Invalid(detail, found)
