"""The whole service as a process: an event on NATS becomes mails, and events that others hear."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from urllib.request import urlopen

import nats
import pytest
from nats.aio.client import Client
from nats.js.errors import NoStreamResponseError, NotFoundError

from chassis.envelope import Received, decode, encode
from redress.catalog import stream_of
from stack.testing import MigratedDatabases, RealServers


@pytest.fixture
async def bus(infra: RealServers) -> AsyncIterator[Client]:
    """With no streams of former tests, which this test's empty database would know nothing of."""
    client = await nats.connect(infra.nats_url)
    for owner in ("workflow", "notify"):
        with suppress(NotFoundError):
            await client.jetstream().delete_stream(stream_of(owner))
    yield client
    await client.close()


@pytest.fixture
async def running(
    bus: Client, infra: RealServers, migrated: MigratedDatabases, sink: Any, neighbours: Any
) -> AsyncIterator[dict[str, str]]:
    """The environment of a notify that serves; afterwards it ends by itself when it is told to."""
    with migrated.fresh("notify") as dsns:
        own = {"REDRESS_DIGEST_SECONDS": "0", "REDRESS_LOG_LEVEL": "error"}
        targets = dict.fromkeys(("REDRESS_INTAKE_TARGET", "REDRESS_GATEWAY_TARGET"), neighbours.target)
        env = infra.settings("notify", dsns, smtp_port=sink.port) | targets | own
        command = (sys.executable, "-m", "notify", "serve")
        process = await asyncio.create_subprocess_exec(*command, env={**os.environ, **env})
        yield env
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 30) == 0


async def publish(bus: Client, event: Received[Any]) -> None:
    """Waits for the stream, which the starting service makes."""
    type_, body = encode(
        event.data, event_id=event.event_id, subject=event.subject, sequence=1, time=event.time, traceparent=None
    )
    async with asyncio.timeout(60):
        while True:
            with suppress(NoStreamResponseError):
                await bus.jetstream().publish(type_, body, headers={"Nats-Msg-Id": event.event_id})
                return
            await asyncio.sleep(0.1)


async def test_an_opened_case_becomes_a_receipt_and_a_delivery_sent(
    running: dict[str, str], bus: Client, sink: Any, neighbours: Any, events: Any
) -> None:
    opened = events.opened(task=events.first_task("anna"))
    neighbours.intake.know(opened.data.case_id, "zhang@example.com")
    neighbours.gateway.know("anna")
    heard = await bus.subscribe("redress.notify.>")
    await publish(bus, opened)
    told = [decode((await heard.next_msg(30)).data).data for _ in range(2)]
    assert {delivery.kind for delivery in told} == {"receipt", "task_assigned"}
    assert {delivery.case_id for delivery in told} == {opened.data.case_id}
    assert sorted(sink.recipients) == ["anna@acme.example", "zhang@example.com"]
    page = await asyncio.to_thread(metrics_page, running["REDRESS_OPS_BIND"])
    assert "redress_mail_send_seconds_count 2.0" in page


def metrics_page(address: str) -> str:
    with urlopen(f"http://{address}/metrics") as reply:
        return str(reply.read().decode())
