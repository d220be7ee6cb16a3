"""Provisioning, and services that run on it without rights to make anything themselves."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from nats.aio.msg import Msg
from pydantic import ValidationError

from chassis import publish
from chassis.clock import utc_now
from chassis.consumers import Consumer, Handler, each
from chassis.db import Tx
from chassis.envelope import Received
from chassis.health import Health
from chassis.ids import new_id
from chassis.provision import CannotProvision, provision
from chassis.provision_settings import ProvisionSettings
from chassis.recover import recover
from chassis.relay import Relay
from chassis.revisions import Revisions
from chassis.settings import RecoverSettings
from chassis.streams import ask
from redress.catalog import OWNERS, TYPE_OF, stream_of
from redress.intake.v1.events import ComplaintMerged, ContactReceived

TYPE = TYPE_OF[ContactReceived]
NEWER = TYPE_OF[ComplaintMerged]
STREAM = stream_of("intake")
NARROWED = "redress.intake.complaint.linked.v1 to workflow"


@pytest.fixture
def as_service(settings_for: Callable[..., Any], probe: Any, provisioned: Any) -> Callable[..., Awaitable[Any]]:
    """One process of a service under its own NATS user, that may make neither streams nor consumers."""

    async def make(user: str, **more: Any) -> Any:
        update = provisioned.login(user) | {"nats_provision": False} | more
        return await probe(settings=settings_for().model_copy(update=update))

    return make


async def emit(service: Any, count: int) -> list[str]:
    async with service.db.tx() as tx:
        return [tx.emit(contact(), subject=new_id(), sequence=1) for _ in range(count)]


def contact() -> ContactReceived:
    return ContactReceived(contact_id=new_id(), complaint_id=new_id(), channel="phone", at=utc_now())


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


def relay_of(service: Any) -> Relay:
    return Relay("intake", service.db, service.lease_db, service.bus, service.settings, service.metrics)


def consumer_of(service: Any, types: list[str], took: list[str]) -> Consumer:
    async def note(tx: Tx, event: Received[Any]) -> None:
        took.append(event.event_id)

    handler = Handler("workflow", service.db, {ContactReceived: each(note)}, timedelta(days=20))
    return Consumer("intake", types, handler, service.db, service.bus, service.settings, service.metrics)


async def all_sent(service: Any) -> bool:
    async with service.db.read() as tx:
        return not await tx.fetchval("SELECT EXISTS (SELECT 1 FROM outbox WHERE stream_seq IS NULL)")


async def config_of(client: Any, subject: str) -> dict[str, Any]:
    found: dict[str, Any] = (await ask(client, subject))["config"]
    return found


def errors(service: Any) -> float:
    return float(service.metrics.nats_errors.labels("permissions")._value.get())


async def test_a_relay_sends_batches_and_rewinds_with_a_services_rights(
    as_service: Any, provisioned: Any, login: Any
) -> None:
    service = await as_service("intake")
    ids = await emit(service, 600)
    service.run(relay_of(service).run)
    await until(lambda: all_sent(service))
    provisioner, _ = await login("provisioner")
    await provisioner.jetstream().delete_stream(STREAM)
    await until(lambda: said(service, "there is no stream for intake"))
    await provisioned.provision()
    await until(lambda: there(service, 600))
    assert await first_and_last(service) == (ids[0], ids[-1])
    assert str(service.bus.unprovisioned) == ""
    assert errors(service) == 0


async def said(service: Any, what: str) -> bool:
    return what in str(service.bus.unprovisioned)


async def there(service: Any, count: int) -> bool:
    state = (await ask(service.bus.nc, f"STREAM.INFO.{STREAM}"))["state"]
    return bool(state["last_seq"] == count and await all_sent(service))


async def first_and_last(service: Any) -> tuple[str, ...]:
    state = (await service.bus.js.stream_info(STREAM)).state
    messages = [await service.bus.js.get_msg(STREAM, seq=n) for n in (state.first_seq, state.last_seq)]
    return tuple(message.headers["Nats-Msg-Id"] for message in messages)


async def test_a_service_whose_consumer_is_missing_says_so_once_and_goes_on_when_it_appears(
    as_service: Any, provisioned: Any, login: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    sender, reader = await as_service("intake"), await as_service("workflow")
    provisioner, _ = await login("provisioner")
    await provisioner.jetstream().delete_stream(STREAM)
    took: list[str] = []
    reader.run(consumer_of(reader, [TYPE], took).run)
    await until(lambda: said(reader, f"there is no consumer for {TYPE}"))
    health = Health(reader.db, reader.bus, reader.metrics, Revisions("0001", frozenset({"0001"})))
    assert "provision NATS" in (await health.check())[1]["nats"]
    await asyncio.sleep(2.5)
    await provisioned.provision()
    ids = await emit(sender, 3)
    sender.run(relay_of(sender).run)
    await until(lambda: taken(took, ids))
    assert str(reader.bus.unprovisioned) == ""
    assert capsys.readouterr().out.count("not provisioned") == 1
    assert errors(reader) == 0


async def taken(took: list[str], ids: list[str]) -> bool:
    return sorted(took) == sorted(ids)


async def test_a_filter_that_lacks_a_type_is_told_and_mended_without_losing_its_place(
    as_service: Any, provisioned: Any, login: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.consumers._PENDING_EVERY_S", 0.0)
    sender, reader = await as_service("intake"), await as_service("workflow")
    provisioner, _ = await login("provisioner")
    # What a version before left behind, and a choice of an operator.
    narrow = await config_of(provisioner, f"CONSUMER.INFO.{STREAM}.workflow")
    narrow |= {"filter_subjects": [NEWER], "ack_wait": 17 * 10**9}
    await ask(provisioner, f"CONSUMER.DURABLE.CREATE.{STREAM}.workflow", {"stream_name": STREAM, "config": narrow})
    took: list[str] = []
    reader.run(consumer_of(reader, [TYPE], took).run)
    await until(lambda: said(reader, f"does not deliver {TYPE}"))
    assert reader.metrics.unprovisioned.labels(STREAM)._value.get() == 1
    ids = await emit(sender, 2)
    sender.run(relay_of(sender).run)
    await until(lambda: said(sender, f"nothing is sent, it would not deliver {NARROWED}"))
    assert not await all_sent(sender)  # sent now, the consumer would pass over them for ever
    await provisioned.provision()
    await until(lambda: taken(took, ids))
    config = await config_of(provisioner, f"CONSUMER.INFO.{STREAM}.workflow")
    assert TYPE in config["filter_subjects"]
    assert config["ack_wait"] == 17 * 10**9  # an operator's choice stands
    await provisioned.provision()
    info = await ask(provisioner, f"CONSUMER.INFO.{STREAM}.workflow")
    assert (info["ack_floor"]["stream_seq"], info["num_ack_pending"]) == (2, 0)


async def test_what_only_a_newer_version_reacts_to_waits_for_it_and_is_no_dead_letter(
    as_service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.consumers._NEWER_DELAY_S", 0.1)
    sender, older = await as_service("intake"), await as_service("workflow")
    newer = await as_service("workflow")
    took: list[str] = []
    task = older.run(consumer_of(older, [NEWER], []).run)
    ids = await emit(sender, 3)
    sender.run(relay_of(sender).run)
    await until(lambda: all_sent(sender))
    await asyncio.sleep(0.5)
    async with older.db.read() as tx:
        assert await tx.fetchval("SELECT count(*) FROM dead_letter") == 0
    newer.run(consumer_of(newer, [TYPE], took).run)
    await until(lambda: taken(took, ids))
    task.cancel()


async def test_what_no_version_reacts_to_becomes_a_dead_letter_in_the_end(
    as_service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.consumers._NEWER_DELAY_S", 0.02)
    monkeypatch.setattr("chassis.consumers._NEWER_TRIES", 3)
    sender, older = await as_service("intake"), await as_service("workflow")
    older.run(consumer_of(older, [NEWER], []).run)
    await emit(sender, 1)
    sender.run(relay_of(sender).run)
    await until(lambda: parked(older, 1))


async def parked(service: Any, count: int) -> bool:
    async with service.db.read() as tx:
        return int(await tx.fetchval("SELECT count(*) FROM dead_letter")) == count


async def test_a_forbidden_publish_is_counted(as_service: Any) -> None:
    service = await as_service("capa")
    forged = [publish.Message(new_id(), TYPE, b"{}")]
    sending = asyncio.create_task(publish.send(service.bus.nc, STREAM, forged, after=0))

    async def counted() -> bool:
        return errors(service) == 1

    await until(counted)
    sending.cancel()


async def test_replicas_and_age_follow_only_where_nobody_chose_them_by_hand(provisioned: Any, login: Any) -> None:
    client, _ = await login("provisioner")
    by_hand = await config_of(client, "STREAM.INFO.REDRESS_CAPA")
    by_hand |= {"max_age": 30 * 86400 * 10**9, "description": "kept for the auditors", "max_bytes": 2**30}
    await ask(client, "STREAM.UPDATE.REDRESS_CAPA", by_hand)
    await provisioned.provision(stream_max_age_days=14)
    days = {owner: (await config_of(client, f"STREAM.INFO.{stream_of(owner)}"))["max_age"] for owner in OWNERS}
    assert {owner: age // (86400 * 10**9) for owner, age in days.items()} == {**dict.fromkeys(OWNERS, 14), "capa": 30}
    kept = await config_of(client, "STREAM.INFO.REDRESS_CAPA")
    assert (kept["description"], kept["max_bytes"]) == ("kept for the auditors", 2**30)
    await provisioned.provision(stream_max_age_days=7)
    assert (await config_of(client, f"STREAM.INFO.{STREAM}"))["max_age"] == 7 * 86400 * 10**9


async def test_a_partner_keeps_its_place_when_it_is_granted_more(provisioned: Any, login: Any) -> None:
    from redress.nats_users import Partner

    owner, _ = await login("workflow")
    closed, opened = "redress.workflow.case.closed.v1", "redress.workflow.case.opened.v1"
    await owner.jetstream().publish(closed, b"1")
    partner, _ = await login("partner-acme")
    bound = await partner.jetstream().pull_subscribe_bind("partner_acme", stream="REDRESS_WORKFLOW")
    (first,) = await bound.fetch(1, timeout=5)
    await first.ack_sync()
    await provisioned.provision(partners=[Partner("acme", (closed, opened))])
    await owner.jetstream().publish(opened, b"2")
    (second,) = await bound.fetch(1, timeout=5)
    assert isinstance(second, Msg)
    assert (second.subject, second.data) == (opened, b"2")


async def test_recover_makes_a_stream_anew_with_the_provisioners_rights(
    as_service: Any, provisioned: Any, login: Any, infra: Any
) -> None:
    service = await as_service("intake")
    await emit(service, 2)
    task = service.run(relay_of(service).run)
    await until(lambda: all_sent(service))
    task.cancel()
    database = service.settings.dsn.rsplit("/", 1)[1].partition("?")[0]
    dsn = infra.databases.server.dsn(database)
    settings = RecoverSettings(migrate_dsn=dsn, **provisioned.login("provisioner"))
    assert (await recover("intake", settings, skip_numbers=1)).to_send == 2
    client, told = await login("provisioner")
    assert (await ask(client, f"STREAM.INFO.{STREAM}"))["state"]["messages"] == 0
    assert TYPE in (await config_of(client, f"CONSUMER.INFO.{STREAM}.workflow"))["filter_subjects"]
    assert told == []


async def test_what_hinders_provisioning_is_told_with_what_to_do(provisioned: Any, login: Any) -> None:
    client, _ = await login("provisioner")
    await client.jetstream().delete_stream(STREAM)
    too_many = ProvisionSettings(**provisioned.login("provisioner"), nats_replicas=3, provision_wait_seconds=0)
    with pytest.raises(CannotProvision, match="replicas") as refused:
        await provision(too_many)
    assert "REDRESS_NATS_REPLICAS is 3" in refused.value.do
    wrong = provisioned.login("provisioner") | {"nats_inbox_prefix": "_INBOX"}
    with pytest.raises(CannotProvision, match="may not do what provisioning does"):
        await provision(ProvisionSettings(**wrong, provision_wait_seconds=0))


@pytest.mark.parametrize(
    ("partners", "why"),
    [
        ([{"name": "intake", "types": [TYPE]}], "that name is ours"),
        ([{"name": "Acme", "types": [TYPE]}], "lower-case letters"),
        ([{"name": "a.b", "types": [TYPE]}], "lower-case letters"),
        ([{"name": "acme", "types": []}], "at least one"),
        ([{"name": "acme", "types": ["redress.>"]}], "no event type redress.>"),
        ([{"name": "acme", "types": [TYPE]}] * 2, "there twice"),
    ],
)
def test_a_partner_that_cannot_be_is_refused_with_a_sentence(
    partners: list[Any], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDRESS_NATS_URL", "nats://127.0.0.1:4222")
    monkeypatch.setenv("REDRESS_PARTNERS", json.dumps(partners))
    with pytest.raises(ValidationError, match=why):
        ProvisionSettings()
