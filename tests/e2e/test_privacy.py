"""Personal data reaches people through the API and the mail they are sent, and nothing else; secrets reach nobody."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from chassis.ids import new_id
from stack.stack import Stack
from tests.e2e.leaks import found_in, places, sample_people, sample_words, secrets_of, signed_links, tokens_in

NAME, PHONE, STREET = "Xanthippe Querulante", "+49 171 5550199", "Veilchenweg 77"


@pytest.fixture(scope="module")
def planted(stack: Stack, clerk: Any, person: Callable[..., Any], admin: Any) -> set[str]:
    """People of our own beside those of the demo: accepted, refused, changed, regraded, written to."""
    mail, wrong = f"quer{new_id()[-8:]}@customers.example", f"not-her-password-{new_id()[-6:]}"
    complaint = {"language": "en", "channel": "phone", "product_family": "Aurora e-bike", "injury_or_fire": "no"}
    personal = {"customer_name": NAME, "customer_phone": PHONE, "customer_email": mail}
    body = complaint | personal | {"description": f"Bring it to {STREET}, it rattles."}
    accepted = clerk.do("POST", "/v1/complaints", body)
    clerk.send("POST", "/v1/complaints", body | {"language": "xx"})
    clerk.send("POST", "/v1/complaints", body | {STREET: NAME})
    clerk.send("PATCH", f"/v1/complaints/{accepted['complaint_id']}", {"customer_phone": f"{PHONE}0"}, version=1)
    clerk.http.get(f"/v1/complaints?product_family={STREET}&signature={PHONE}")
    clerk.http.get(f"/v1/persons/{NAME}")
    admin.http.post("/v1/tokens", json={"account": NAME, "password": wrong})
    key = admin.do("POST", "/v1/api-keys", {"name": "planted", "roles": ["quality"]})["key"]
    token = person("quality").http.headers["Authorization"].removeprefix("Bearer ")
    admin.http.get("/v1/me", headers={"Authorization": f"Bearer {token}x"})
    admin.http.get("/v1/me", headers={"X-API-Key": f"{key}x"})
    return {NAME, PHONE, STREET, mail, wrong, key, token, "correct horse battery staple"}


@pytest.fixture(scope="module")
def haystacks(stack: Stack, clerk: Any, planted: set[str]) -> dict[str, str]:
    """After what was planted has gone all its ways: the deliveries come last."""
    return asyncio.run(_after_a_while(stack))


async def _after_a_while(stack: Stack) -> dict[str, str]:
    await asyncio.sleep(4)
    return await places(stack)


def test_people_are_in_no_log_event_metric_audit_trail_or_error(haystacks: dict[str, str], planted: set[str]) -> None:
    people = sample_people()
    assert len(people) > 50, "the sample has people to look for"
    found = found_in(haystacks, people | planted)
    assert found == [], "\n".join(map(str, found))


def test_what_customers_wrote_is_nowhere_but_where_a_colleague_quoted_it(haystacks: dict[str, str]) -> None:
    """An analyst may quote a customer in a why; capa's trail keeps what analysts wrote, old and new (Part 11.10(e))."""
    read = {place: text for place, text in haystacks.items() if place != "audit of capa"}
    found = found_in(read, sample_words())
    assert found == [], "\n".join(map(str, found))


def test_secrets_and_tokens_are_nowhere(stack: Stack, haystacks: dict[str, str]) -> None:
    secrets = set(secrets_of(stack))
    assert len(secrets) > 10
    assert found_in(haystacks, secrets | signed_links(stack)) == []
    assert tokens_in(haystacks) == []


def test_the_search_would_find_them_in_every_place(haystacks: dict[str, str]) -> None:
    """The negative control: every kind of place has been read, is not empty, and gives away what is put there."""
    kinds = ("log gateway", "/metrics of", "audit of", "outbox of", "stream of", "command line of", "stack.json")
    for kind in kinds:
        read = [place for place in haystacks if place.startswith(kind)]
        assert any(haystacks[place] for place in read), kind
    for place in haystacks:
        told = haystacks | {
            place: f'{haystacks[place]} {{"name": "\\u738b\\u82b3"}} eyJhbGciOiJFZDI1.eyJzdWIiOiJ4.c2lnbmF0dXJl'
        }
        assert found_in(told, {"王芳"}) == [("王芳", place)]
        assert [where for _, where in tokens_in(told)] == [place]
    for owner in ("intake", "workflow"):
        assert "Nats-Msg-Id" in haystacks[f"stream of {owner}"]
    assert '"route":' in haystacks["log gateway-0.log"]
