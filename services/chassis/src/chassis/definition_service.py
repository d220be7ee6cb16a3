"""DefinitionService: the same for every owner. Staff reads, administrators plan and publish."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from itertools import islice
from typing import Any

from chassis import definition_store as store
from chassis.call import Call
from chassis.commands import Commands
from chassis.db import Tx
from chassis.definition_changes import MOST_CHANGES, changes
from chassis.definitions import Effect, Kind, Version, digest_of, opened, text_of
from chassis.errors import FieldError, Invalid, NotFound, StaleVersion
from chassis.messages import to_message
from redress.definitions.v1 import definitions_pb2 as pb
from redress.definitions.v1 import definitions_pb2_grpc

_READERS = ("customer_service", "engineer", "quality", "manager", "service")
_LONGEST_NAME = 63
Kinds = dict[str, Kind[Any]]


class DefinitionServicer(definitions_pb2_grpc.DefinitionServiceServicer):
    def __init__(self, commands: Commands, kinds: Sequence[Kind[Any]]) -> None:
        self._commands = commands
        self._kinds = {kind.name: kind for kind in kinds}

    async def ListDefinitions(self, request: pb.ListDefinitionsRequest, context: Any) -> pb.ListDefinitionsReply:
        return await self._commands.ask(request, partial(list_definitions, self._kinds))

    async def GetDefinition(self, request: pb.GetDefinitionRequest, context: Any) -> pb.Definition:
        return await self._commands.ask(request, partial(get_definition, self._kinds))

    async def ListDefinitionVersions(
        self, request: pb.ListDefinitionVersionsRequest, context: Any
    ) -> pb.ListDefinitionVersionsReply:
        return await self._commands.ask(request, partial(list_versions, self._kinds))

    async def PlanDefinition(self, request: pb.PlanDefinitionRequest, context: Any) -> pb.DefinitionPlan:
        return await self._commands.ask(request, partial(plan_definition, self._kinds))

    async def PublishDefinition(self, request: pb.PublishDefinitionRequest, context: Any) -> pb.Definition:
        return await self._commands.run(request, partial(publish_definition, self._kinds))


async def list_definitions(
    kinds: Kinds, tx: Tx, call: Call, request: pb.ListDefinitionsRequest
) -> pb.ListDefinitionsReply:
    call.require(*_READERS)
    wanted = [_kind(kinds, request.kind).name] if request.HasField("kind") else list(kinds)
    rows = await store.newest_of_all(tx, wanted)
    return pb.ListDefinitionsReply(definitions=[to_message(pb.Definition, row) for row in rows])


async def list_versions(
    kinds: Kinds, tx: Tx, call: Call, request: pb.ListDefinitionVersionsRequest
) -> pb.ListDefinitionVersionsReply:
    call.require(*_READERS)
    rows = await store.versions(tx, _kind(kinds, request.kind).name, request.name)
    if not rows:
        raise NotFound(f"there is no {request.kind} {request.name}")
    return pb.ListDefinitionVersionsReply(definitions=[to_message(pb.Definition, row) for row in rows])


async def get_definition(kinds: Kinds, tx: Tx, call: Call, request: pb.GetDefinitionRequest) -> pb.Definition:
    call.require(*_READERS)
    return _shown(await store.one(tx, _kind(kinds, request.kind).name, request.name, request.version))


async def plan_definition(kinds: Kinds, tx: Tx, call: Call, request: pb.PlanDefinitionRequest) -> pb.DefinitionPlan:
    """Raises what publishing would raise."""
    call.require("admin")
    kind = _kind(kinds, request.kind)
    document = opened(request.document)
    current = await store.newest(tx, kind.name, _name(kind, request.name))
    new, before = _read(kind, request.name, document, current)
    if current is not None and current.digest == digest_of(document):
        return _plan(kind, request.name, current)
    await kind.check(tx, new, before)
    found = changes(current.document if current else {}, document)
    plan = _plan(kind, request.name, current, await kind.effects(tx, new, before))
    plan.changes.extend(pb.DefinitionChange(**asdict(one)) for one in islice(found, MOST_CHANGES))
    return plan


async def publish_definition(kinds: Kinds, tx: Tx, call: Call, request: pb.PublishDefinitionRequest) -> pb.Definition:
    """Raises Invalid naming every fault, Conflict for what would break running work, StaleVersion."""
    call.require("admin")
    kind = _kind(kinds, request.kind)
    document = opened(request.document)
    name = _name(kind, request.name)
    await store.lock(tx)
    current = await store.newest(tx, kind.name, name)
    if request.if_version and request.if_version != (current.version if current else 0):
        raise StaleVersion(f"{kind.name} {name} is at version {current.version if current else 0}")
    new, before = _read(kind, name, document, current)
    if current is not None and current.digest == digest_of(document):
        return _shown(current)
    await kind.check(tx, new, before)
    made = await store.add(tx, kind.name, name, (current.version if current else 0) + 1, document, call.actor)
    _audit(tx, call, made, current, request.reason)
    return _shown(made)


def _audit(tx: Tx, call: Call, made: Version, before: Version | None, reason: str) -> None:
    tx.audit(
        aggregate_type="definition",
        aggregate_id=f"definition:{made.kind}:{made.name}",
        action="published",
        call=call,
        changes={
            "version": [before.version if before else None, made.version],
            "digest": [before.digest if before else None, made.digest],
        },
        reason=reason,
    )


def _kind(kinds: Kinds, name: str) -> Kind[Any]:
    if name not in kinds:
        raise NotFound(f"there is no kind of definition {name}")
    return kinds[name]


def _name(kind: Kind[Any], name: str) -> str:
    """Raises Invalid. Small letters, digits and underscores, beginning with a letter: names stand in paths."""
    if kind.only and name != kind.only:
        raise Invalid(f"there is one {kind.name}", [FieldError("name", f"must be {kind.only}")])
    known = name.isascii() and name.replace("_", "a").isalnum() and name[0].isalpha() and name == name.lower()
    if not known or len(name) > _LONGEST_NAME:
        raise Invalid("the name cannot be used", [FieldError("name", "small letters, digits, underscores; 63 at most")])
    return name


def _read(kind: Kind[Any], name: str, document: dict[str, Any], current: Version | None) -> tuple[Any, Any | None]:
    version = current.version if current else 0
    new = kind.read({"name": name, "version": version + 1, **document})
    return new, kind.read(current.whole) if current else None


def _plan(
    kind: Kind[Any], name: str, current: Version | None, effects: Sequence[Effect] | None = None
) -> pb.DefinitionPlan:
    """Without effects: nothing changes."""
    version, changed = current.version if current else 0, effects is not None
    return pb.DefinitionPlan(
        kind=kind.name,
        name=name,
        version=version,
        digest=current.digest if current else "",
        changed=changed,
        next_version=version + changed,
        effects=[to_message(pb.DefinitionEffect, asdict(one) | {"text": asdict(one)}) for one in effects or ()],
    )


def _shown(version: Version) -> pb.Definition:
    return to_message(pb.Definition, vars(version) | {"document": text_of(version.document)})
