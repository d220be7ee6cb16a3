"""Mappings that are kept for the next file of the same source."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from chassis.call import Call
from chassis.db import Database, Tx
from chassis.errors import Conflict, FieldError, Invalid, NotFound, StaleVersion
from chassis.messages import to_message
from intake.app.group import TRUSTED_WITH_HISTORY
from intake.app.load import WORKING
from intake.domain.files.mapping import sound
from redress.intake.v1 import imports_pb2 as pb

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
MAX_DOCUMENT = 64 * 1024
MAX_LABEL = 200
_MOST = 500


async def put_mapping(tx: Tx, call: Call, request: pb.PutImportMappingRequest) -> pb.ImportMapping:
    """New without `if_version`, changed with it. Raises Invalid naming each fault, Conflict, StaleVersion."""
    call.require(*TRUSTED_WITH_HISTORY)
    document = _checked(request)
    known = await _held(tx, request.mapping_name)
    _check_version(known, request.if_version, request.mapping_name)
    if known is None and await tx.fetchval("SELECT count(*) FROM import_mappings") >= _MOST:
        raise Conflict("too_many_mappings", f"there are {_MOST} mappings already: remove some")
    await tx.execute(
        "INSERT INTO import_mappings VALUES ($1, 1, $2, $3, $4, $5) ON CONFLICT (mapping_name) DO UPDATE SET"
        " version = import_mappings.version + 1, label = excluded.label, document = excluded.document,"
        " changed_by = excluded.changed_by, changed_at = excluded.changed_at",
        request.mapping_name,
        request.label.strip(),
        document,
        call.actor,
        tx.now,
    )
    _audit(tx, call, request.mapping_name, "mapping saved", [known and _digest(known["document"]), _digest(document)])
    return _shown(await _found(tx, request.mapping_name))


async def get_mapping(tx: Tx, call: Call, request: pb.GetImportMappingRequest) -> pb.ImportMapping:
    call.require(*WORKING)
    return _shown(await _found(tx, request.mapping_name))


async def list_mappings(tx: Tx, call: Call, _: pb.ListImportMappingsRequest) -> pb.ListImportMappingsReply:
    call.require(*WORKING)
    rows = await tx.fetch("SELECT * FROM import_mappings ORDER BY mapping_name")
    return pb.ListImportMappingsReply(mappings=[_shown(row) for row in rows])


async def remove_mapping(tx: Tx, call: Call, request: pb.RemoveImportMappingRequest) -> pb.ImportMapping:
    """Imports made with it keep their own copy."""
    call.require(*TRUSTED_WITH_HISTORY)
    known = await _held(tx, request.mapping_name)
    if known is None:
        raise NotFound("there is no such mapping")
    _check_version(known, request.if_version, request.mapping_name)
    await tx.execute("DELETE FROM import_mappings WHERE mapping_name = $1", request.mapping_name)
    _audit(tx, call, request.mapping_name, "mapping removed", [_digest(known["document"]), None])
    return _shown(known)


async def saved_document(db: Database, name: str) -> Any:
    async with db.read() as tx:
        return (await _found(tx, name))["document"]


async def _found(tx: Tx, name: str) -> Any:
    row = await tx.fetchrow("SELECT * FROM import_mappings WHERE mapping_name = $1", name)
    if row is None:
        raise NotFound("there is no such mapping")
    return row


async def _held(tx: Tx, name: str) -> Any:
    return await tx.fetchrow("SELECT * FROM import_mappings WHERE mapping_name = $1 FOR UPDATE", name)


def _check_version(known: Any, if_version: int, name: str) -> None:
    if known is None and if_version:
        raise NotFound("there is no such mapping")
    if known is not None and not if_version:
        raise Conflict("exists", f"the mapping {name} exists: send If-Match to change it")
    if known is not None and known["version"] != if_version:
        raise StaleVersion(f"the mapping stands at version {known['version']}")


def _checked(request: pb.PutImportMappingRequest) -> Mapping[str, Any]:
    faults = []
    if not _NAME.fullmatch(request.mapping_name):
        faults.append(FieldError("mapping_name", "small letters, digits, - and _, at most 63"))
    if not request.label.strip() or len(request.label) > MAX_LABEL:
        faults.append(FieldError("label", f"1 to {MAX_LABEL} characters"))
    if len(request.document) > MAX_DOCUMENT:
        faults.append(FieldError("document", f"at most {MAX_DOCUMENT} bytes"))
    document: Any = None
    try:
        document = json.loads(request.document) if not faults else {}
    except (ValueError, RecursionError):
        faults.append(FieldError("document", "is not JSON"))
    if not faults:
        faults = sound(document)
    if faults:
        raise Invalid("the mapping cannot be saved", faults)
    return dict(document)


def _shown(row: Any) -> pb.ImportMapping:
    return to_message(pb.ImportMapping, dict(row) | {"document": json.dumps(row["document"], ensure_ascii=False)})


def _digest(document: Any) -> str:
    """A constant of a mapping may name somebody: the trail shows that it changed, not what it says."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _audit(tx: Tx, call: Call, name: str, action: str, change: list[Any]) -> None:
    tx.audit(aggregate_type="import-mapping", aggregate_id=name, action=action, call=call, changes={"document": change})
