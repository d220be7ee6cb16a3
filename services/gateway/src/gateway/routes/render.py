import json
from functools import cache
from typing import Any

import msgspec
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from starlette.responses import Response

from chassis.messages import to_dict
from gateway.edge.preconditions import etag
from gateway.routes.descriptors import descriptor_of, is_message, message_type
from gateway.routes.vocabulary import JSON_TEXT


def public(message: Message) -> dict[str, Any]:
    """A reply as its public JSON object: same names; text that holds JSON becomes the object it means."""
    values = to_dict(message)
    return _opened(descriptor_of(message), values) if _holds_json(descriptor_of(message)) else values


def page(items: list[Message], next_cursor: str) -> dict[str, Any]:
    return {"items": [public(item) for item in items], "next_cursor": next_cursor or None}


def answer(content: Any, status: int = 200, headers: dict[str, str] | None = None, if_none_match: str = "") -> Response:
    """JSON with the ETag of what has a version; 304 when the client holds that version already."""
    all_headers = dict(headers or {})
    if isinstance(content, dict) and content.get("version"):
        all_headers["ETag"] = etag(content["version"])
        if if_none_match and if_none_match.removeprefix("W/") == all_headers["ETag"]:
            return Response(None, 304, all_headers)
    return Response(msgspec.json.encode(content), status, all_headers, "application/json")


@cache
def _holds_json(message: Descriptor) -> bool:
    return any(f.full_name in JSON_TEXT or (is_message(f) and _holds_json(message_type(f))) for f in message.fields)


def _opened(message: Descriptor, values: dict[str, Any]) -> dict[str, Any]:
    for field in message.fields:
        value = values[field.name]
        if field.full_name in JSON_TEXT:
            values[field.name] = json.loads(value) if value else {}
        elif value and is_message(field) and _holds_json(message_type(field)):
            values[field.name] = (
                [_opened(message_type(field), item) for item in value]
                if field.is_repeated
                else _opened(message_type(field), value)
            )
    return values
