"""A signing key is changed step by step, one replica after another, while calls go on: none is refused."""

import random
from dataclasses import dataclass, field
from itertools import cycle
from types import SimpleNamespace
from typing import Any

import pytest

from chassis import published_keys
from chassis.errors import Unauthenticated
from chassis.links import LinkBroken, Links, sign_link
from chassis.published_keys import PublishedKeys
from chassis.signing_keys import private_key
from chassis.tokens import Calls, Signer
from gateway.adapters.access_tokens import AccessTokens
from stack.keys import new_signing_key
from tests.chassis.unit.test_links import DAY, LINK

OLD, NEW = new_signing_key(), new_signing_key()
CALLEES = 3


def public(key: str) -> dict[str, Any]:
    return dict(private_key(key).as_dict(private=False))


@dataclass(frozen=True)
class Replica:
    signer: Signer
    tokens: AccessTokens

    @classmethod
    def told(cls, key: str, beside: tuple[str, ...] = (), retired: tuple[str, ...] = ()) -> "Replica":
        more = [public(one) for one in beside]
        signer = Signer("notify", key, [public(one) for one in retired], beside=more)
        return cls(signer, AccessTokens(key, 900, beside=more))


@dataclass
class Rollout:
    """Two replicas behind one name; callees fetch keys from whichever answers."""

    replicas: list[Replica]
    now_s: float = 0.0
    people: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.callees = [Calls(self._keys()) for _ in range(CALLEES)]

    def _keys(self) -> PublishedKeys:
        async def fetch(_url: str) -> dict[str, Any]:
            return random.choice(self.replicas).signer.jwks()

        return PublishedKeys({"notify": "x"}, fetch)

    async def calls_go_on(self, seconds: int) -> None:
        """Every replica calls every callee once a second, and people show each the tokens the others gave them."""
        for _ in range(seconds):
            self.now_s += 1.0
            for replica in self.replicas:
                for number, callee in enumerate(self.callees):
                    department = f"of call {number} at {self.now_s}"  # or the signer would give out the token it has
                    token = replica.signer.sign("service:notify", roles=("service",), department=department)
                    await callee.verify(token)
                self.people.append(replica.tokens.issue("person-1"))
            for token in self.people[-4:]:
                assert all(replica.tokens.person_of(token) == "person-1" for replica in self.replicas)


@pytest.fixture
def rollout(monkeypatch: pytest.MonkeyPatch) -> Rollout:
    made = Rollout([Replica.told(OLD), Replica.told(OLD)])
    monkeypatch.setattr(published_keys, "time", SimpleNamespace(monotonic=lambda: made.now_s))
    return made


async def steps(rollout: Rollout, *told: Replica, seconds: int = 12) -> None:
    """One replica after the other is replaced by one that was told so."""
    for replica in told:
        for number in range(len(rollout.replicas)):
            rollout.replicas[number] = replica
            await rollout.calls_go_on(seconds)


async def test_no_call_is_refused_while_a_key_is_published_used_and_retired(rollout: Rollout) -> None:
    await rollout.calls_go_on(3)
    link = sign_link(rollout.replicas[0].signer, LINK, DAY)
    await steps(rollout, Replica.told(OLD, beside=(NEW,)), Replica.told(NEW, beside=(OLD,)))
    await steps(rollout, Replica.told(NEW, retired=(OLD,)))
    assert await Links(rollout._keys(), "notify").read(link, "status") == LINK
    await steps(rollout, Replica.told(NEW))
    with pytest.raises(LinkBroken):
        await Links(rollout._keys(), "notify").read(link, "status")


async def test_without_publishing_the_next_key_first_calls_are_refused(rollout: Rollout) -> None:
    """Or the test above would prove nothing."""
    await rollout.calls_go_on(3)
    with pytest.raises(Unauthenticated):
        await steps(rollout, *cycle_of(Replica.told(NEW), Replica.told(OLD)))


def cycle_of(*replicas: Replica) -> list[Replica]:
    turns = cycle(replicas)
    return [next(turns) for _ in range(6)]


async def test_a_retired_key_signs_no_call_any_more(rollout: Rollout) -> None:
    old = rollout.replicas[0]
    rollout.replicas = [Replica.told(NEW, retired=(OLD,))] * 2
    with pytest.raises(Unauthenticated):
        await rollout.callees[0].verify(old.signer.for_service())
