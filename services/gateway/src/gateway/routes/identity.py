"""Persons, their tokens, and API keys: what the gateway itself owns."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import NotFound
from gateway.adapters import api_keys
from gateway.app import keys, persons, queries
from gateway.app.persons import normal_account
from gateway.app.principal import ADMIN, ANYBODY, NOBODY, STAFF
from gateway.app.sign_in import Attempt, sign_in
from gateway.edge.door import door_of
from gateway.edge.exchange import exchange_of
from gateway.edge.guarded_route import guarded
from gateway.edge.networks import network_of
from gateway.edge.preconditions import if_version
from gateway.routes import identity_schemas as schemas
from gateway.routes.documentation import Version, documented
from gateway.routes.forward import IDEMPOTENCY_KEY, IF_MATCH, PATH_TEXT
from gateway.routes.own_writes import write
from gateway.routes.render import answer
from gateway.routes.schemas import Text

Cursor = Annotated[str, Query(max_length=500, description="next_cursor of the page before")]
Limit = Annotated[int, Query(ge=1, le=200)]


@guarded(NOBODY)
async def create_token(request: Request, body: schemas.NewToken) -> Response:
    """Wrong passwords make the account wait where they came from, longer each time."""
    door = door_of(request)
    attempt = Attempt(normal_account(body.account), network_of(exchange_of(request).client))
    person_id = await sign_in(door.db, door.passwords, attempt, body.password, door.settings.sign_in_attempts)
    token = door.tokens.issue(person_id)
    return answer({"access_token": token, "token_type": "Bearer", "expires_in": door.tokens.lifetime_s})


@guarded(ANYBODY)
async def get_me(request: Request) -> Response:
    me = exchange_of(request).principal
    assert me is not None
    return answer(
        {"actor": me.actor, "name": me.name, "roles": me.roles, "department": me.department, "scope": me.scope}
    )


@guarded(ADMIN)
async def create_person(request: Request, body: schemas.NewPersonBody, key: IDEMPOTENCY_KEY = None) -> Response:
    password_hash = await door_of(request).passwords.hash(body.password)
    new = persons.NewPerson(password_hash=password_hash, **body.model_dump(exclude={"password"}))

    async def register(tx: Tx, call: Call) -> Mapping[str, Any]:
        return _person(await persons.register_person(tx, call, new))

    content = await write(request, register)
    return answer(content, 201, {"Location": f"/v1/persons/{content['person_id']}"})


@guarded(STAFF)
async def list_persons(
    request: Request, cursor: Cursor = "", limit: Limit = 50, role: Text | None = None, department: Text | None = None
) -> Response:
    async with door_of(request).db.read() as tx:
        rows, next_cursor = await queries.list_persons(tx, cursor, limit, role, department)
    return answer({"items": [_person(row) for row in rows], "next_cursor": next_cursor})


@guarded(STAFF)
async def get_person(request: Request, person_id: PATH_TEXT) -> Response:
    async with door_of(request).db.read() as tx:
        return answer(_person(await queries.get_person(tx, _uuid(person_id))))


@guarded(ADMIN)
async def change_person(
    request: Request,
    person_id: PATH_TEXT,
    body: schemas.PersonChanges,
    if_match: IF_MATCH = None,
    key: IDEMPOTENCY_KEY = None,
) -> Response:
    """A new role or department counts within half a minute everywhere."""
    wanted, version = body.model_dump(exclude_unset=True), if_version(if_match, required=True)
    if password := wanted.pop("password", None):
        wanted["password_hash"] = await door_of(request).passwords.hash(password)

    async def change(tx: Tx, call: Call) -> Mapping[str, Any]:
        return _person(await persons.change_person(tx, call, _uuid(person_id), version, wanted))

    content = await write(request, change)
    door_of(request).directory.forget_person(content["person_id"])
    return answer(content)


@guarded(ADMIN)
async def disable_person(
    request: Request,
    person_id: PATH_TEXT,
    body: schemas.DisableBody | None = None,
    if_match: IF_MATCH = None,
    key: IDEMPOTENCY_KEY = None,
) -> Response:
    version = if_version(if_match, required=True)

    async def disable(tx: Tx, call: Call) -> Mapping[str, Any]:
        return _person(await persons.disable_person(tx, call, _uuid(person_id), version, body.reason if body else ""))

    content = await write(request, disable)
    door_of(request).directory.forget_person(content["person_id"])
    return answer(content)


@guarded(ADMIN)
async def create_key(request: Request, body: schemas.NewKeyBody, key: IDEMPOTENCY_KEY = None) -> Response:
    """The key is shown this once; keep it."""
    key_id, secret = api_keys.new_key()
    hashed = api_keys.secret_hash(door_of(request).settings.key_pepper, secret)
    new = keys.NewKey(key_id=key_id, secret_hash=hashed, **body.model_dump())

    async def issue(tx: Tx, call: Call) -> Mapping[str, Any]:
        return dict(await keys.issue_key(tx, call, new))

    content = await write(request, issue)
    # What is kept for a repeat does not hold the secret, so a repeat cannot show it.
    content["key"] = secret if content["key_id"] == key_id else None
    return answer(content, 201, {"Location": f"/v1/api-keys/{content['key_id']}"})


@guarded(ADMIN)
async def list_keys(request: Request, cursor: Cursor = "", limit: Limit = 50) -> Response:
    async with door_of(request).db.read() as tx:
        rows, next_cursor = await queries.list_keys(tx, cursor, limit)
    return answer({"items": [dict(row) for row in rows], "next_cursor": next_cursor})


@guarded(ADMIN)
async def revoke_key(request: Request, key_id: PATH_TEXT, key: IDEMPOTENCY_KEY = None) -> Response:
    """Works no longer: here at once, on other replicas within half a minute."""

    async def revoke(tx: Tx, call: Call) -> Mapping[str, Any]:
        return dict(await keys.revoke_key(tx, call, key_id))

    content = await write(request, revoke)
    door_of(request).directory.forget_key(key_id)
    return answer(content)


def _person(row: asyncpg.Record) -> dict[str, Any]:
    return dict(row) | {"person_id": str(row["person_id"])}


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise NotFound("there is no such person") from None


def add_routes(router: APIRouter) -> None:
    person, key = "/v1/persons/{person_id}", "/v1/api-keys/{key_id}"
    table: list[tuple[str, str, Any, str, type[BaseModel], int, Version]] = [
        ("POST", "/v1/tokens", create_token, "Sign in", schemas.Token, 200, "none"),
        ("GET", "/v1/me", get_me, "Who I am", schemas.Me, 200, "none"),
        ("POST", "/v1/persons", create_person, "Register a person", schemas.PersonReply, 201, "none"),
        ("GET", "/v1/persons", list_persons, "Persons, by account", schemas.PersonList, 200, "none"),
        ("GET", person, get_person, "One person", schemas.PersonReply, 200, "none"),
        ("PATCH", person, change_person, "Change a person", schemas.PersonReply, 200, "required"),
        ("POST", f"{person}/disable", disable_person, "Disable a person", schemas.PersonReply, 200, "required"),
        ("POST", "/v1/api-keys", create_key, "Issue an API key", schemas.IssuedKey, 201, "none"),
        ("GET", "/v1/api-keys", list_keys, "API keys", schemas.KeyList, 200, "none"),
        ("DELETE", key, revoke_key, "Revoke an API key", schemas.KeyReply, 200, "none"),
    ]
    for verb, path, endpoint, summary, reply, status, version in table:
        writes = verb != "GET"
        words = endpoint.__name__.split("_")
        router.add_api_route(
            path,
            endpoint,
            methods=[verb],
            summary=summary,
            operation_id=words[0] + "".join(word.title() for word in words[1:]),
            tags=["identity"],
            **documented(endpoint.policy.roles, reply, status, writes=writes, version=version),
        )
