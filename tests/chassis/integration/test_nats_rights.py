"""The generated NATS users on a real server: what each may do works, and nothing else does."""

import asyncio
import json
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from nats.js.errors import NotFoundError

from chassis.pull import Pull
from chassis.streams import ask, passed_over
from redress.catalog import CATALOG, OWNERS, stream_of
from redress.listeners import LISTENERS
from redress.nats_users import SERVICES, Partner, by_owner, users
from redressctl import nats_accounts
from stack.binaries import nats_server

pytestmark = pytest.mark.usefixtures("provisioned")
_EVENT = b'{"specversion": "1.0"}'


def first_type(owner: str) -> str:
    return next(kind for kind, entry in CATALOG.items() if entry.owner == owner)


def consumers() -> Iterator[tuple[str, str]]:
    """Stream and durable consumer, of services and of the partner."""
    for service, types in LISTENERS.items():
        yield from ((stream_of(owner), service) for owner in by_owner(types))
    yield from ((stream_of(owner), "partner_acme") for owner in ("intake", "workflow"))


def not_to_be_published(user: str) -> Iterator[str]:
    yield from (kind for kind, entry in CATALOG.items() if entry.owner != user)
    yield from ("redress.other.fact", "anything", "$SYS.REQ.SERVER.PING", "$JS.API.INFO", "$JS.API.STREAM.NAMES")
    yield from (f"_INBOX_{other}.reply" for other in SERVICES if other != user)
    for owner in OWNERS:
        stream = stream_of(owner)
        yield from (f"$JS.API.STREAM.{verb}.{stream}" for verb in ("CREATE", "UPDATE", "DELETE", "PURGE", "MSG.DELETE"))
        yield from (f"$JS.API.{verb}.{stream}" for verb in ("STREAM.SNAPSHOT", "CONSUMER.LIST", "CONSUMER.NAMES"))
        yield from (f"$JS.API.DIRECT.GET.{stream}", f"$JS.API.CONSUMER.CREATE.{stream}")
        yield from (f"$JS.API.{verb}.{stream}.{user}" for verb in ("CONSUMER.CREATE", "CONSUMER.DURABLE.CREATE"))
        yield from (f"$JS.API.CONSUMER.{verb}.{stream}.{user}" for verb in ("DELETE", "PAUSE"))
        if owner != user:
            yield from (f"$JS.API.STREAM.INFO.{stream}", f"$JS.API.STREAM.MSG.GET.{stream}")
    for stream, consumer in consumers():
        if consumer != user:
            if stream != stream_of(user):
                yield f"$JS.API.CONSUMER.INFO.{stream}.{consumer}"
            yield from (f"$JS.API.CONSUMER.{verb}.{stream}.{consumer}" for verb in ("MSG.NEXT", "UNPIN"))
            yield from (f"$JS.ACK.{stream}.{consumer}.1.1.1.1.0", f"$JS.ACK._.h.{stream}.{consumer}.1.1.1.1.0")


def not_to_be_heard(user: str) -> Iterator[str]:
    yield from (f"_INBOX_{other}.>" for other in SERVICES if other != user)
    yield from (">", "_INBOX.>", "redress.>", f"redress.{user}.>", "$JS.>", "$JS.API.>", "$SYS.>", "$JS.ACK.>")


async def refusals(client: Any, told: list[str], count: int) -> set[str]:
    """Subjects that NATS has named in its refusals, in lower case as nats-py tells them."""
    async with asyncio.timeout(10):
        while len(told) < count:
            await asyncio.sleep(0.01)
    await client.flush()
    return {subject for text in told for subject in re.findall(r'violation for \w+ to "([^"]+)"', text.lower())}


@pytest.mark.parametrize("user", SERVICES)
async def test_a_service_can_do_nothing_in_anothers_name(user: str, login: Callable[..., Any]) -> None:
    client, told = await login(user)
    forbidden = sorted(set(not_to_be_published(user)))
    for subject in forbidden:
        await client.publish(subject, _EVENT, reply=f"_INBOX_{user}.reply")
    assert await refusals(client, told, len(forbidden)) == {subject.lower() for subject in forbidden}


@pytest.mark.parametrize("user", [*SERVICES, "provisioner", "partner-acme"])
async def test_nobody_hears_what_is_not_for_him(user: str, login: Callable[..., Any]) -> None:
    client, told = await login(user)
    forbidden = sorted(set(not_to_be_heard(user)))
    for subject in forbidden:
        await client.subscribe(subject)
    assert await refusals(client, told, len(forbidden)) == {subject.lower() for subject in forbidden}


@pytest.mark.parametrize("user", SERVICES)
async def test_a_service_can_do_all_that_it_does(user: str, login: Callable[..., Any]) -> None:
    client, told = await login(user)
    if user in OWNERS:
        js = client.jetstream()
        sequence = (await js.publish(first_type(user), _EVENT)).seq
        assert (await js.stream_info(stream_of(user))).state.last_seq == sequence
        assert (await js.get_msg(stream_of(user), seq=sequence)).data == _EVENT
        assert await passed_over(client, user) == []
    for owner, types in by_owner(LISTENERS.get(user, ())).items():
        other, _ = await login(owner)
        await other.jetstream().publish(types[0], _EVENT)
        await take_one(client, stream_of(owner), user)
    assert told == []


async def take_one(client: Any, stream: str, consumer: str) -> Any:
    """The next message, acknowledged; returns it when JetStream knows that it is."""
    pull = Pull(client, stream, consumer, batch=1)
    await pull.open()
    (message,) = await pull.next()
    await pull.close()
    await message.ack_sync(timeout=5)
    assert (await client.jetstream().consumer_info(stream, consumer)).num_ack_pending == 0
    return message


async def test_acknowledgements_in_their_second_form_are_allowed_too(
    tmp_path: Path, login: Callable[..., Any], rights: Any
) -> None:
    server = type(rights)(tmp_path, users(), flags="feature_flags { js_ack_fc_v2: true }")
    server.start()
    try:
        await server.provision()
        owner, _ = await login("workflow", server)
        await owner.jetstream().publish("redress.workflow.case.closed.v1", _EVENT)
        reader, told = await login("notify", server)
        message = await take_one(reader, "REDRESS_WORKFLOW", "notify")
        assert message.reply.startswith("$JS.ACK._.")
        assert told == []
    finally:
        server.process.stop()


async def test_a_made_up_acknowledgement_settles_nothing_of_anothers(login: Callable[..., Any]) -> None:
    """The second form read as the first one names another's stream and consumer, and no message."""
    owner, _ = await login("workflow")
    await owner.jetstream().publish("redress.workflow.case.closed.v1", _EVENT)
    capa, _ = await login("capa")
    pull = Pull(capa, "REDRESS_WORKFLOW", "capa", batch=1)
    await pull.open()
    assert len(await pull.next()) == 1
    notify, told = await login("notify")
    for subject in ("$JS.ACK._.capa.REDRESS_WORKFLOW.notify.1.1.1", "$JS.ACK.REDRESS_WORKFLOW.notify.1.1.1.1.0"):
        await notify.publish(subject, b"")
    await notify.flush()
    assert (await capa.jetstream().consumer_info("REDRESS_WORKFLOW", "capa")).num_ack_pending == 1
    assert told == []


async def test_a_partner_reads_what_it_was_granted_and_nothing_else(login: Callable[..., Any]) -> None:
    owner, _ = await login("workflow")
    for kind in ("redress.workflow.case.opened.v1", "redress.workflow.case.closed.v1"):
        await owner.jetstream().publish(kind, kind.encode())
    partner, told = await login("partner-acme")
    assert (await take_one(partner, "REDRESS_WORKFLOW", "partner_acme")).data == b"redress.workflow.case.closed.v1"
    assert (await partner.jetstream().consumer_info("REDRESS_WORKFLOW", "partner_acme")).num_pending == 0
    assert told == []
    forbidden = {*not_to_be_published("partner_acme"), f"$JS.API.STREAM.INFO.{stream_of('workflow')}"}
    for subject in forbidden:
        await partner.publish(subject, _EVENT)
    assert await refusals(partner, told, len(forbidden)) == {subject.lower() for subject in forbidden}


async def test_the_provisioner_neither_publishes_nor_reads_events(login: Callable[..., Any]) -> None:
    client, told = await login("provisioner")
    forbidden = {*CATALOG, *(f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{name}" for stream, name in consumers())}
    forbidden |= {"$JS.API.STREAM.CREATE.OTHER", "$JS.API.STREAM.DELETE.OTHER", "$JS.API.STREAM.PURGE.REDRESS_INTAKE"}
    for subject in forbidden:
        await client.publish(subject, _EVENT)
    assert await refusals(client, told, len(forbidden)) == {subject.lower() for subject in forbidden}


async def test_a_refused_request_is_an_outage_to_who_waits_and_says_nothing_of_what_is_there(
    login: Callable[..., Any],
) -> None:
    client, _ = await login("gateway")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ask(client, "STREAM.INFO.REDRESS_CAPA"), 0.3)


async def test_a_password_is_changed_without_a_gap_by_a_twin(
    tmp_path: Path, login: Callable[..., Any], rights: Any
) -> None:
    twin = next(replace(one, user="intake-b") for one in users() if one.user == "intake")
    server = type(rights)(tmp_path, [*users(), twin])
    server.start()
    try:
        await server.provision()
        old, _ = await login("intake", server)
        new, told = await login("intake-b", server)
        await new.jetstream().publish(first_type("intake"), _EVENT)
        server.write([one for one in [*users(), twin] if one.user != "intake"])
        assert server.process.pid is not None
        server.process.signal(signal.SIGHUP)
        async with asyncio.timeout(10):
            while old.is_connected:
                await asyncio.sleep(0.05)
        assert (await new.jetstream().publish(first_type("intake"), _EVENT)).seq == 2
        assert told == []
    finally:
        server.process.stop()


def test_the_values_for_the_nats_chart_give_the_same_accounts(tmp_path: Path) -> None:
    """The chart writes `config.merge` into nats.conf as JSON and takes quotes and << >> away together."""
    found = users([Partner("acme", ("redress.workflow.case.closed.v1",))])
    values = yaml.safe_load(nats_accounts.helm(found, "redress-nats"))
    text = re.sub(r'"<< (.*?) >>"', r"\1", json.dumps(values["config"]["merge"]))
    (tmp_path / "nats.conf").write_text(f"jetstream {{ store_dir: {json.dumps(str(tmp_path))} }}\n{text[1:-1]}")
    env = dict.fromkeys(values["container"]["env"], "p1")
    argv = [nats_server(), "-t", "-c", str(tmp_path / "nats.conf")]
    checked = subprocess.run(argv, env=env, capture_output=True, text=True)  # noqa: S603
    assert checked.returncode == 0, checked.stderr
    logins = {one["user"]: one["permissions"] for one in values["config"]["merge"]["accounts"]["REDRESS"]["users"]}
    assert logins == {
        one.user: {"publish": {"allow": list(one.publish)}, "subscribe": {"allow": list(one.subscribe)}}
        for one in found
    }


async def test_what_is_not_there_is_told_to_who_may_ask(login: Callable[..., Any], rights: Any) -> None:
    client, _ = await login("provisioner")
    await client.jetstream().delete_stream("REDRESS_WORKFLOW")
    reader, _ = await login("notify")
    with pytest.raises(NotFoundError):
        await ask(reader, "CONSUMER.INFO.REDRESS_WORKFLOW.notify")
