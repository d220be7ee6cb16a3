"""Bodies in Kubernetes' protobuf, which Helm's release storage sends: Secrets and options of a deletion, no more."""

import base64
from collections import defaultdict

from tests.deploy.double.store import Json

CONTENT_TYPE = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\x00"
Fields = dict[int, list[bytes]]


def decode(body: bytes) -> Json:
    """`runtime.Unknown` (apimachinery) with the object in its field 2. Raises NotImplementedError for other kinds."""
    envelope = _fields(body.removeprefix(_MAGIC))
    kind = _text(_fields(envelope[1][0]), 2)
    inner = _fields(envelope[2][0]) if 2 in envelope else {}
    if kind == "DeleteOptions":
        return {"kind": kind}
    if kind != "Secret":
        raise NotImplementedError(f"the double reads no {kind} in protobuf")
    data = {name: base64.b64encode(value).decode() for name, value in _map(inner, 2).items()}
    meta = _meta(_fields(inner[1][0]))
    return {"apiVersion": "v1", "kind": kind, "metadata": meta, "data": data, "type": _text(inner, 3)}


def _meta(fields: Fields) -> Json:
    found: Json = {"name": _text(fields, 1)}
    if namespace := _text(fields, 3):
        found["namespace"] = namespace
    for number, name in ((11, "labels"), (12, "annotations")):
        found[name] = {key: value.decode() for key, value in _map(fields, number).items()}
    return found


def _text(fields: Fields, number: int) -> str:
    return fields[number][0].decode() if number in fields else ""


def _map(fields: Fields, number: int) -> dict[str, bytes]:
    entries = [_fields(entry) for entry in fields.get(number, ())]
    return {_text(entry, 1): entry.get(2, [b""])[0] for entry in entries}


def _fields(message: bytes) -> Fields:
    """By number; numbers themselves are not kept, nothing here needs one."""
    found: defaultdict[int, list[bytes]] = defaultdict(list)
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        kind = key & 7
        if kind == 0:
            _, position = _varint(message, position)
        elif kind == 2:
            length, position = _varint(message, position)
            found[key >> 3].append(message[position : position + length])
            position += length
        else:
            position += 8 if kind == 1 else 4
    return dict(found)


def _varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value, position
