"""Who may do what on NATS: a user for each service, with the least it needs. Chart, stack and `redressctl` ask here.

Nobody may use JetStream's direct get: it sends a stored message to any subject that the asker names as its reply, so
whoever may ask could write an event of another service into its own stream and have NATS publish it for him. Stream
message get answers in an envelope that no consumer takes for an event.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from redress.catalog import CATALOG, OWNERS, stream_of
from redress.listeners import LISTENERS

SERVICES = ("intake", "workflow", "capa", "notify", "analytics", "gateway")
PROVISIONER = "provisioner"
NO_DOMAIN = "_"
"""What stands in acknowledgements where JetStream has no domain."""

_PARTNER_NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?")
_RESERVED = frozenset({*SERVICES, *OWNERS, PROVISIONER, "admin", "redress", "sys"})


@dataclass(frozen=True)
class NatsUser:
    user: str
    service: str
    """Whose it is; empty for those that are no service's."""
    publish: tuple[str, ...]
    subscribe: tuple[str, ...]

    @property
    def inbox_prefix(self) -> str:
        return self.subscribe[0].removesuffix(".>")


@dataclass(frozen=True)
class Partner:
    """Somebody outside who reads the event types he was granted, and nothing else."""

    name: str
    types: tuple[str, ...]

    def __post_init__(self) -> None:
        if not _PARTNER_NAME.fullmatch(self.name):
            raise ValueError(
                f"partner {self.name!r}: a name has 1-32 lower-case letters, digits and dashes, a letter first and no"
                " dash at the end"
            )
        if self.name in _RESERVED:
            raise ValueError(f"partner {self.name!r}: that name is ours, take another one")
        if not self.types:
            raise ValueError(f"partner {self.name!r}: grant at least one event type")
        if unknown := sorted(set(self.types) - CATALOG.keys()):
            raise ValueError(f"partner {self.name!r}: there is no event type {', '.join(unknown)}; see docs/events.md")

    @property
    def user(self) -> str:
        return f"partner-{self.name}"

    @property
    def consumer(self) -> str:
        return f"partner_{self.name}"


def subjects_of(owner: str) -> str:
    """All that an owner publishes, e.g. redress.intake.>"""
    return f"redress.{owner}.>"


def inbox_prefix_of(user: str) -> str:
    return f"_INBOX_{user}"


def by_owner(types: Iterable[str]) -> Mapping[str, list[str]]:
    """Owner -> its types among these, sorted: a durable consumer reads one stream."""
    found: dict[str, list[str]] = {}
    for kind in sorted(set(types)):
        found.setdefault(CATALOG[kind].owner, []).append(kind)
    return found


def users(partners: Sequence[Partner] = (), *, domain: str = NO_DOMAIN) -> list[NatsUser]:
    """Services, the provisioner, partners. Raises ValueError where two partners share a name."""
    names = [partner.name for partner in partners]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"partner {twice[0]!r} is there twice: name all its types in one place")
    services = [_service(name, domain) for name in SERVICES]
    return [*services, _provisioner(), *(_partner(partner, domain) for partner in partners)]


def _service(name: str, domain: str) -> NatsUser:
    own = (
        subjects_of(name),
        f"$JS.API.STREAM.INFO.{stream_of(name)}",
        f"$JS.API.STREAM.MSG.GET.{stream_of(name)}",
        f"$JS.API.CONSUMER.INFO.{stream_of(name)}.*",
    )
    publish = [*(own if name in OWNERS else ()), *_reading(name, LISTENERS.get(name, ()), domain)]
    return NatsUser(name, name, tuple(publish), (f"{inbox_prefix_of(name)}.>",))


def _provisioner() -> NatsUser:
    """Makes streams and consumers; deletes streams only to make them anew after a restore (`recover`)."""
    publish = [
        subject
        for stream in map(stream_of, OWNERS)
        for subject in (
            *(f"$JS.API.STREAM.{verb}.{stream}" for verb in ("CREATE", "UPDATE", "DELETE", "INFO", "MSG.GET")),
            f"$JS.API.CONSUMER.LIST.{stream}",
            f"$JS.API.CONSUMER.INFO.{stream}.*",
            f"$JS.API.CONSUMER.DURABLE.CREATE.{stream}.*",
        )
    ]
    return NatsUser(PROVISIONER, "", tuple(publish), (f"{inbox_prefix_of(PROVISIONER)}.>",))


def _partner(partner: Partner, domain: str) -> NatsUser:
    publish = tuple(_reading(partner.consumer, partner.types, domain))
    return NatsUser(partner.user, "", publish, (f"{inbox_prefix_of(partner.user)}.>",))


def _reading(consumer: str, types: Iterable[str], domain: str) -> Iterable[str]:
    """Of the own consumers: look, take, acknowledge. NATS 2.15 writes acknowledgements in the first form, and in the
    second one where its feature js_ack_fc_v2 is on."""
    for stream in map(stream_of, by_owner(types)):
        yield f"$JS.API.CONSUMER.INFO.{stream}.{consumer}"
        yield f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        yield f"$JS.ACK.{stream}.{consumer}.>"
        yield f"$JS.ACK.{domain}.*.{stream}.{consumer}.>"
