import asyncio
import json

import pytest

from chassis import published_keys
from chassis.errors import Unauthenticated, Unavailable
from chassis.published_keys import PublishedKeys
from chassis.tokens import Calls, Signer, generate_key


def signer(issuer: str) -> Signer:
    return Signer(issuer, json.dumps(generate_key()))


def calls_trusting(*signers: Signer) -> Calls:
    documents = {s.issuer: s.jwks() for s in signers}

    async def fetch(url: str) -> dict[str, object]:
        return documents[url]

    return Calls(PublishedKeys({s.issuer: s.issuer for s in signers}, fetch))


async def test_the_gateway_speaks_for_a_person() -> None:
    gateway = signer("gateway")
    token = gateway.sign("person-1", roles=("quality",), department="quality", scope={"products": ["Aurora"]})
    call = await calls_trusting(gateway).verify(token)
    assert (call.actor, call.roles, call.department) == ("person-1", {"quality"}, "quality")
    assert call.scope == {"products": ["Aurora"]}


async def test_a_service_speaks_for_itself() -> None:
    notify = signer("notify")
    call = await calls_trusting(notify).verify(notify.for_service())
    assert (call.actor, call.roles) == ("service:notify", {"service"})


@pytest.mark.parametrize(("actor", "roles"), [("person-1", ("service",)), ("service:notify", ("admin",))])
async def test_a_service_that_claims_to_be_a_person_or_more_is_refused(actor: str, roles: tuple[str, ...]) -> None:
    notify = signer("notify")
    with pytest.raises(Unauthenticated):
        await calls_trusting(notify).verify(notify.sign(actor, roles=roles))


async def test_a_token_signed_with_another_key_is_refused() -> None:
    real, forger = signer("gateway"), signer("gateway")
    with pytest.raises(Unauthenticated):
        await calls_trusting(real).verify(forger.sign("person-1", roles=("admin",)))


async def test_an_unknown_issuer_and_rubbish_are_refused() -> None:
    with pytest.raises(Unauthenticated):
        await calls_trusting(signer("gateway")).verify(signer("stranger").for_service())
    for rubbish in ("", "a.b.c", "x" * 500, "eyJhbGciOiJub25lIn0.e30."):
        with pytest.raises(Unauthenticated):
            await calls_trusting(signer("gateway")).verify(rubbish)


async def test_a_new_key_is_fetched_without_a_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = signer("gateway"), signer("gateway")
    served = [old.jwks()]

    async def fetch(_url: str) -> dict[str, object]:
        return served[-1]

    calls = Calls(PublishedKeys({"gateway": "x"}, fetch))
    await calls.verify(old.sign("p", roles=("quality",)))
    monkeypatch.setattr(published_keys, "REFETCH_AFTER_S", 0.0)
    served.append({"keys": [*old.jwks()["keys"], *new.jwks()["keys"]]})
    assert (await calls.verify(new.sign("p2", roles=("quality",)))).actor == "p2"


@pytest.mark.parametrize("up", [True, False])
async def test_however_many_forged_tokens_come_at_once_their_issuer_is_asked_once(up: bool) -> None:
    asked: list[str] = []

    async def fetch(url: str) -> dict[str, object]:
        asked.append(url)
        await asyncio.sleep(0)
        if not up:
            raise Unavailable("away")
        return signer("gateway").jwks()

    keys = PublishedKeys({"gateway": "x"}, fetch)
    found = await asyncio.gather(*(keys.of("gateway", f"kid-{n}") for n in range(50)), return_exceptions=True)
    assert len(asked) == 1
    assert {type(one) for one in found} == {published_keys.Published if up else Unavailable}
