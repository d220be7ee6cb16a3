import json
from datetime import timedelta
from typing import Any

import pytest

from chassis import published_keys
from chassis.errors import Unauthenticated, Unavailable
from chassis.links import Link, LinkBroken, LinkExpired, Links, sign_link
from chassis.published_keys import PublishedKeys
from chassis.tokens import Calls, Signer, generate_key

LINK = Link("status", "0192f1c5-7b1e-7c3a-9a5b-3f0d5f1f2a11", "zh")
DAY = timedelta(days=1)


class Issuer:
    """Publishes what it signs with; `away` while nobody answers."""

    def __init__(self, signer: Signer) -> None:
        self.signer = signer
        self.away = False

    async def fetch(self, _url: str) -> dict[str, Any]:
        if self.away:
            raise Unavailable("away")
        return self.signer.jwks()

    @property
    def keys(self) -> PublishedKeys:
        return PublishedKeys({"notify": "x", "gateway": "x"}, self.fetch)


def new_key() -> str:
    return json.dumps(generate_key())


@pytest.fixture
def notify() -> Issuer:
    return Issuer(Signer("notify", new_key()))


async def test_a_link_names_its_purpose_its_subject_and_its_readers_language(notify: Issuer) -> None:
    text = sign_link(notify.signer, LINK, DAY)
    assert await Links(notify.keys, "notify").read(text, "status") == LINK


async def test_a_link_for_one_thing_opens_no_other(notify: Issuer) -> None:
    with pytest.raises(LinkBroken):
        await Links(notify.keys, "notify").read(sign_link(notify.signer, LINK, DAY), "survey")


async def test_an_expired_link_says_so(notify: Issuer) -> None:
    with pytest.raises(LinkExpired):
        await Links(notify.keys, "notify").read(sign_link(notify.signer, LINK, -DAY), "status")


async def test_altered_foreign_and_meaningless_links_lead_nowhere(notify: Issuer) -> None:
    text = sign_link(notify.signer, LINK, DAY)
    head, body, signature = text.split(".")
    stranger = sign_link(Signer("notify", new_key()), LINK, DAY)
    other_service = sign_link(Signer("gateway", new_key()), LINK, DAY)
    links = Links(notify.keys, "notify")
    for wrong in (
        text[:-4],
        f"{head}.{body}.",
        f"{head}.{body[:-2]}AA.{signature}",
        stranger,
        other_service,
        "",
        "链接",
    ):
        with pytest.raises(LinkBroken):
            await links.read(wrong, "status")


async def test_a_link_is_no_token_of_a_call_and_a_token_is_no_link(notify: Issuer) -> None:
    with pytest.raises(Unauthenticated):
        await Calls(notify.keys).verify(sign_link(notify.signer, LINK, DAY))
    with pytest.raises(LinkBroken):
        await Links(notify.keys, "notify").read(notify.signer.for_service(), "status")


async def test_a_retired_key_proves_links_but_no_calls(notify: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published_keys, "REFETCH_AFTER_S", 0.0)
    old = notify.signer
    text, token = sign_link(old, LINK, DAY), old.for_service()
    keys = notify.keys
    assert await Links(keys, "notify").read(text, "status") == LINK
    notify.signer = Signer("notify", new_key(), retired=old.jwks()["keys"])
    new = sign_link(notify.signer, LINK, DAY)
    assert await Links(keys, "notify").read(new, "status") == LINK
    assert await Links(keys, "notify").read(text, "status") == LINK
    with pytest.raises(Unauthenticated):
        await Calls(keys).verify(token)


async def test_links_are_not_called_broken_while_the_issuers_keys_are_out_of_reach(notify: Issuer) -> None:
    notify.away = True
    with pytest.raises(Unavailable):
        await Links(notify.keys, "notify").read(sign_link(notify.signer, LINK, DAY), "status")
