"""Loaded by schemathesis: how a raw mail travels, which it does not know by itself."""

from typing import Any

import schemathesis


@schemathesis.serializer("message/rfc822")
def raw_mail(ctx: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
