from typing import Any

import msgspec

from gateway.routes.complaint_body import Text
from gateway.routes.decoding import Wrong
from gateway.routes.schemas import not_too_deep, without_nul


class CompletionBody(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    result: Text = ""
    deliverables: dict[str, Any] = {}


_DECODER = msgspec.json.Decoder(CompletionBody)


def decode(body: bytes) -> CompletionBody:
    """Raises msgspec's errors, and Wrong for what nobody behind us can keep."""
    completion = _DECODER.decode(body)
    try:
        without_nul(completion.result)
    except ValueError as error:
        raise Wrong("result", str(error)) from None
    try:
        not_too_deep(completion.deliverables)
    except ValueError as error:
        raise Wrong("deliverables", str(error)) from None
    return completion
