"""No or wrong credentials, roles too low, forged actors: refused, and in the audit trail."""

import asyncio
from typing import Any

import pytest

from chassis.tokens import Signer

COMPLAINT = {"language": "zh", "customer_name": "王芳", "product_family": "A6", "description": "仪表黑屏"}
CASE = "0192f1c5-7b1e-7c3a-9a5b-3f0d5f1f2a11"
PASSWORD = "a long passphrase"
NUMBERS = iter(range(1_000_000))


async def register(gateway: Any, *roles: str, **more: Any) -> dict[str, Any]:
    account = f"person.{next(NUMBERS)}"
    body = {"account": account, "name": "王芳", "password": PASSWORD, "roles": list(roles)} | more
    reply = await gateway.send("POST", "/v1/persons", json=body)
    assert reply.status_code == 201, reply.text
    return dict(reply.json())


async def sign_in(gateway: Any, account: str, password: str = PASSWORD) -> Any:
    return await gateway.client.post("/v1/tokens", json={"account": account, "password": password})


async def as_person(gateway: Any, *roles: str) -> tuple[str, dict[str, str]]:
    person = await register(gateway, *roles)
    token = (await sign_in(gateway, person["account"])).json()["access_token"]
    return person["person_id"], {"Authorization": f"Bearer {token}"}


async def test_a_person_signs_in_and_acts_under_their_own_id(gateway: Any) -> None:
    person_id, headers = await as_person(gateway, "customer_service")
    me = (await gateway.client.get("/v1/me", headers=headers)).json()
    assert (me["actor"], me["roles"]) == (person_id, ["customer_service"])
    assert (await gateway.client.post("/v1/complaints", json=COMPLAINT, headers=headers)).status_code == 201
    assert gateway.seen.actors == [person_id]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer rk_abcdefghjkmn_0123456789012345678901234567890123456789012"},
        {"Authorization": "Bearer a.b.c"},
        {"X-API-Key": "rk_bootstrap_wrong"},
        {"X-API-Key": "x" * 500},
    ],
)
async def test_without_credentials_that_hold_nothing_happens(gateway: Any, headers: dict[str, str]) -> None:
    reply = await gateway.client.post("/v1/complaints", json=COMPLAINT, headers=headers)
    assert (reply.status_code, reply.json()["slug"]) == (401, "unauthenticated")
    assert reply.headers["www-authenticate"].startswith("Bearer")
    assert gateway.seen.requests == []
    assert ("anonymous", "refused POST /v1/complaints", "401 unauthenticated") in await gateway.audited()


async def test_an_internal_token_is_no_credential(gateway: Any, signing_key: str) -> None:
    token = Signer("gateway", signing_key).sign("someone", roles=("admin",))
    reply = await gateway.client.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert reply.status_code == 401
    assert ("anonymous", "refused GET /v1/me", "401 wrong_audience") in await gateway.audited()


@pytest.mark.parametrize(
    ("roles", "verb", "path"),
    [
        (["engineer"], "POST", "/v1/persons"),
        (["manager"], "GET", "/v1/admin/intake/dead-letters"),
        (["quality"], "POST", "/v1/definitions/process/complaint/plan"),
        (["channel"], "GET", "/v1/cases"),
        (["channel"], "GET", "/v1/complaints"),
        (["partner"], "POST", "/v1/complaints"),
    ],
)
async def test_a_role_that_is_too_low_is_refused_and_audited(
    gateway: Any, roles: list[str], verb: str, path: str
) -> None:
    key = await gateway.key_with(*roles)
    reply = await gateway.send(verb, path, key=key, **({"json": {}} if verb == "POST" else {}))
    assert (reply.status_code, reply.json()["slug"]) == (403, "forbidden")
    actor = f"key:{key.split('_')[1]}"
    template = path.replace("/intake/", "/{service}/").replace("/process/complaint/", "/{kind}/{name}/")
    assert (actor, f"refused {verb} {template}", "403 forbidden") in await gateway.audited()


@pytest.mark.parametrize("header", ["X-Redress-Actor", "X-Actor", "X-On-Behalf-Of", "Redress-Token", "X-Roles"])
async def test_a_forged_actor_in_a_header_is_refused_and_audited(gateway: Any, header: str) -> None:
    reply = await gateway.send("POST", "/v1/complaints", json=COMPLAINT, headers={header: "admin"})
    assert (reply.status_code, reply.json()["slug"]) == (403, "forged_actor")
    assert reply.json()["fields"][0]["field"] == header.lower()
    assert gateway.seen.requests == []
    assert ("key:bootstrap", "refused POST /v1/complaints", "403 forged_actor") in await gateway.audited()


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/complaints", COMPLAINT | {"registered_by": "admin"}, "registered_by"),
        ("/v1/complaints", COMPLAINT | {"token": "t"}, "token"),
        (f"/v1/tasks/{CASE}/complete", {"actor": "admin"}, "actor"),
        (f"/v1/cases/{CASE}/close", {"outcome": {"code": "resolved", "by": "admin"}}, "outcome.by"),
        ("/v1/rcas", {"title": "t", "problem": "p", "author": "admin"}, "author"),
    ],
)
async def test_a_forged_actor_in_a_body_is_refused_and_audited(
    gateway: Any, path: str, body: dict[str, Any], field: str
) -> None:
    reply = await gateway.send("POST", path, json=body, headers={"If-Match": '"1"'})
    assert (reply.status_code, reply.json()["slug"]) == (422, "unknown_field")
    assert field in [each["field"] for each in reply.json()["fields"]]
    template = path.replace(f"tasks/{CASE}", "tasks/{task_id}").replace(f"cases/{CASE}", "cases/{case_id}")
    assert ("key:bootstrap", f"refused POST {template}", "422 forged_actor") in await gateway.audited()


async def test_actor_metadata_of_a_client_never_reaches_an_owner(gateway: Any) -> None:
    reply = await gateway.send("GET", "/v1/complaints", headers={"authorization-x": "a", "idempotency-key": "k"})
    assert reply.status_code == 200
    assert (gateway.seen.actors, gateway.seen.keys) == (["key:bootstrap"], [None])


async def test_a_channel_sees_what_it_sent_in_and_nothing_else(gateway: Any) -> None:
    mine, other = await gateway.key_with("channel"), await gateway.key_with("channel")
    assert (await gateway.send("POST", "/v1/complaints", key=mine, json=COMPLAINT)).status_code == 201
    reply = await gateway.send("GET", f"/v1/complaints/{CASE}", key=mine)
    assert reply.status_code == 200
    assert not {"proposals", "gradings", "registered_by", "person_id"} & reply.json().keys()
    assert (await gateway.send("GET", f"/v1/complaints/{CASE}", key=other)).status_code == 404
    assert "proposals" in (await gateway.send("GET", f"/v1/complaints/{CASE}")).json()


async def test_a_revoked_key_stops_working_here_at_once_and_elsewhere_soon(gateway: Any, start_gateway: Any) -> None:
    elsewhere = await start_gateway(identity_cache_s=0.5)
    key = await gateway.key_with("channel")
    assert (await gateway.send("GET", "/v1/me", key=key)).status_code == 200
    assert (await elsewhere.send("GET", "/v1/me", key=key)).status_code == 200
    assert (await gateway.send("DELETE", f"/v1/api-keys/{key.split('_')[1]}")).json()["revoked_at"]
    assert (await gateway.send("GET", "/v1/me", key=key)).status_code == 401
    await asyncio.sleep(0.6)
    assert (await elsewhere.send("GET", "/v1/me", key=key)).status_code == 401


async def test_calls_beyond_the_rate_of_a_key_are_429_and_say_when_to_come_again(gateway: Any) -> None:
    key = await gateway.key_with("channel", rate_per_s=1)
    replies = [await gateway.send("GET", "/v1/me", key=key) for _ in range(4)]
    assert [reply.status_code for reply in replies[:2]] == [200, 200]
    assert (replies[-1].status_code, replies[-1].json()["slug"]) == (429, "too_many_requests")
    assert int(replies[-1].headers["retry-after"]) >= 1
    assert (await gateway.send("GET", "/v1/me")).status_code == 200


async def test_guessing_gets_slow_and_leaves_few_rows(start_gateway: Any) -> None:
    gateway = await start_gateway(refused_per_s=5.0)
    before = len(await gateway.audited())
    replies = await asyncio.gather(*(gateway.send("GET", "/v1/me", key=f"wrong {n}") for n in range(60)))
    statuses = [reply.status_code for reply in replies]
    assert statuses.count(401) < 30 < statuses.count(429)
    assert len(await gateway.audited()) <= before + 5


async def test_refusals_wait_for_a_database_that_is_away_and_a_flood_is_counted(gateway: Any) -> None:
    from gateway.app.access_audit import Refused
    from gateway.edge.security_audit import SecurityAudit

    class Away:
        def tx(self) -> Any:
            from chassis.errors import Unavailable

            raise Unavailable("away")

    audit = SecurityAudit(Away(), gateway.public.door.metrics, max_kinds=10)
    for number in range(100):
        audit.note(Refused(f"a{number}", "GET", "/v1/me", "forbidden", 403, ""))
    await audit.flush()
    assert len(audit._waiting) == 10


async def test_wrong_passwords_make_an_account_wait_known_or_not(start_gateway: Any) -> None:
    gateway = await start_gateway(sign_in_attempts=2, refused_per_s=1_000)
    person = await register(gateway, "engineer")
    for account in (person["account"], f"nobody.{next(NUMBERS)}"):
        statuses = [(await sign_in(gateway, account, "wrong")).status_code for _ in range(3)]
        assert statuses == [401, 401, 429]
    blocked = await sign_in(gateway, person["account"])
    assert (blocked.status_code, blocked.json()["slug"]) == (429, "sign_in_blocked")
    assert 1 <= int(blocked.headers["retry-after"]) <= 6


async def test_a_disabled_person_is_out(gateway: Any) -> None:
    person_id, headers = await as_person(gateway, "engineer")
    path = f"/v1/persons/{person_id}"
    reply = await gateway.send("POST", f"{path}/disable", json={"reason": "left"}, headers={"If-Match": '"1"'})
    assert (reply.status_code, reply.headers["etag"]) == (200, '"2"')
    assert (await gateway.client.get("/v1/me", headers=headers)).status_code == 401
    assert (await sign_in(gateway, reply.json()["account"])).status_code == 401


async def test_the_bootstrap_key_is_put_in_place_once_however_many_replicas_start(start_gateway: Any) -> None:
    replicas = await asyncio.gather(start_gateway(), start_gateway())
    async with replicas[0].app.db.read() as tx:
        entries = await tx.fetch("SELECT action FROM audit WHERE aggregate_id = 'key:bootstrap'")
    assert [entry["action"] for entry in entries] == ["issued"]
