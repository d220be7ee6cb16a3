from typing import Any

from chassis.call import Call
from gateway.entrypoints.rpc import get_persons
from redress.gateway.v1 import identity_pb2 as pb

PASSWORD = "a long passphrase"
NUMBERS = iter(range(1_000_000))


def body(**more: Any) -> dict[str, Any]:
    account = f"Colleague.{next(NUMBERS)}"
    return {"account": account, "name": "李雷", "password": PASSWORD, "roles": ["quality", "engineer"]} | more


async def register(gateway: Any, headers: dict[str, str] | None = None, **more: Any) -> Any:
    return await gateway.send("POST", "/v1/persons", json=body(**more), headers=headers or {})


async def events_of(gateway: Any, person_id: str) -> list[Any]:
    async with gateway.app.db.read() as tx:
        return list(
            await tx.fetch("SELECT type, sequence, body FROM outbox WHERE subject = $1 ORDER BY seq", person_id)
        )


async def test_registering_a_person_is_told_without_name_or_address_and_audited(gateway: Any) -> None:
    reply = await register(gateway, department="quality", email="li.lei@example.com", lead=True)
    person = reply.json()
    assert reply.headers["location"] == f"/v1/persons/{person['person_id']}"
    assert "password" not in reply.text
    (event,) = await events_of(gateway, person["person_id"])
    assert (event["type"], event["sequence"]) == ("redress.gateway.identity.registered.v1", 1)
    assert "李雷".encode() not in event["body"]
    assert b"example.com" not in event["body"]
    trail = await gateway.send("GET", f"/v1/admin/gateway/audit/{person['person_id']}")
    (entry,) = trail.json()["items"]
    assert (entry["action"], entry["changes"]["password_hash"]) == ("registered", [None, "***"])


async def test_an_account_is_taken_in_any_case(gateway: Any) -> None:
    account = (await register(gateway)).json()["account"]
    reply = await gateway.send("POST", "/v1/persons", json=body(account=account.upper()))
    assert (reply.status_code, reply.json()["slug"]) == (409, "account_taken")


async def test_a_person_that_does_not_fit_is_refused_by_field(gateway: Any) -> None:
    wrong = body(password="short", roles=["king"], language="fr", email="nobody", account="a b", person_id="mine")
    reply = await gateway.send("POST", "/v1/persons", json=wrong)
    fields = {each["field"].split(".")[0] for each in reply.json()["fields"]}
    assert fields == {"password", "roles", "language", "email", "account", "person_id"}
    assert "short" not in reply.text.replace("String should have at least", "")


async def test_the_same_key_gives_the_first_answer_again_and_another_body_is_refused(gateway: Any) -> None:
    first = body()
    headers = {"Idempotency-Key": f"persons-{first['account']}"}
    replies = [await gateway.send("POST", "/v1/persons", json=first, headers=headers) for _ in range(2)]
    assert replies[0].json() == replies[1].json()
    other = await gateway.send("POST", "/v1/persons", json=first | {"name": "x"}, headers=headers)
    assert (other.status_code, other.json()["slug"]) == (422, "idempotency_mismatch")


async def test_a_change_raises_the_version_once_and_a_stale_one_is_refused(gateway: Any) -> None:
    person_id = (await register(gateway)).json()["person_id"]
    path, change = f"/v1/persons/{person_id}", {"roles": ["manager"], "department": None}
    reply = await gateway.send("PATCH", path, json=change, headers={"If-Match": '"1"'})
    assert (reply.json()["roles"], reply.headers["etag"]) == (["manager"], '"2"')
    stale = await gateway.send("PATCH", path, json={"name": "x"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["slug"]) == (412, "stale_version")
    assert (await gateway.send("PATCH", path, json={"name": "x"})).status_code == 428
    unchanged = await gateway.send("PATCH", path, json=change, headers={"If-Match": '"2"'})
    assert unchanged.headers["etag"] == '"2"'
    types = [event["type"].split(".")[-2] for event in await events_of(gateway, person_id)]
    assert types == ["registered", "changed"]


async def test_a_new_password_replaces_the_old_one(gateway: Any) -> None:
    person = (await register(gateway)).json()
    path = f"/v1/persons/{person['person_id']}"
    await gateway.send("PATCH", path, json={"password": "another passphrase"}, headers={"If-Match": '"1"'})
    account = person["account"]
    old = await gateway.client.post("/v1/tokens", json={"account": account, "password": PASSWORD})
    new = await gateway.client.post("/v1/tokens", json={"account": account, "password": "another passphrase"})
    assert (old.status_code, new.status_code) == (401, 200)
    assert new.json()["expires_in"] == 900


async def test_persons_are_listed_in_pages(gateway: Any) -> None:
    for _ in range(3):
        await register(gateway, department="a department of three")
    seen, cursor = [], ""
    while True:
        query = {"department": "a department of three", "limit": 2, "cursor": cursor}
        page = (await gateway.send("GET", "/v1/persons", params=query)).json()
        seen += [person["account"] for person in page["items"]]
        if not (cursor := page["next_cursor"] or ""):
            break
    assert len(seen) == 3
    assert seen == sorted(seen)
    assert (await gateway.send("GET", "/v1/persons?cursor=nonsense")).status_code == 422


async def test_a_key_is_shown_once_and_kept_only_as_a_hash(gateway: Any) -> None:
    headers = {"Idempotency-Key": f"key-{next(NUMBERS)}-once"}
    wanted = {"name": "dealer", "roles": ["channel"], "scope": {"products": ["A6"]}}
    replies = [await gateway.send("POST", "/v1/api-keys", json=wanted, headers=headers) for _ in range(2)]
    first, again = (reply.json() for reply in replies)
    assert first["key_id"] == again["key_id"]
    assert again["key"] is None
    me = (await gateway.send("GET", "/v1/me", key=first["key"])).json()
    assert (me["actor"], me["scope"]) == (f"key:{first['key_id']}", {"products": ["A6"]})
    async with gateway.app.db.read() as tx:
        rows = await tx.fetch("SELECT * FROM idempotency") + await tx.fetch("SELECT * FROM api_key")
        rows += await tx.fetch("SELECT * FROM audit")
    assert first["key"] not in str([tuple(row) for row in rows])
    listed = (await gateway.send("GET", "/v1/api-keys?limit=200")).json()["items"]
    assert first["key_id"] in {each["key_id"] for each in listed}
    assert all("secret_hash" not in each for each in listed)


async def test_services_learn_names_and_addresses_and_nobody_elses_ids_matter(gateway: Any) -> None:
    person = (await register(gateway, email="li.lei@example.com")).json()
    call = Call(actor="service:notify", roles=frozenset({"service"}))
    async with gateway.app.db.read() as tx:
        asked = pb.GetPersonsRequest(person_ids=[person["person_id"], "key:bootstrap", person["person_id"][:-1] + "0"])
        reply = await get_persons(tx, call, asked)
    found = {each.person_id: each for each in reply.persons}
    assert (found[person["person_id"]].email, found[person["person_id"]].disabled) == ("li.lei@example.com", False)
    assert "key:bootstrap" not in found


async def test_operators_read_the_gateways_own_ledgers_and_prove_its_trail(gateway: Any) -> None:
    await register(gateway)
    ledger = (await gateway.send("GET", "/v1/admin/gateway/ledgers/persons?limit=1")).json()
    assert ledger["items"][0]["kind"] in ("active", "disabled")
    assert ledger["next_cursor"]
    assert (await gateway.send("GET", "/v1/admin/gateway/ledgers/nothing")).status_code == 422
    verdict = (await gateway.send("POST", "/v1/admin/gateway/audit/verify")).json()
    assert verdict["broken"] == []
    assert verdict["entries"] > 0
    assert (await gateway.send("GET", "/v1/admin/nobody/ledgers/outbox")).status_code == 422
