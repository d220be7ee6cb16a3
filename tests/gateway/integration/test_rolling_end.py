"""A rollout costs no caller anything."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.tokens import Signer
from stack.services import ADMIN_KEY
from stack.testing import MigratedDatabases, RealServers
from tests.gateway.integration.rolling import Balancer, Clients, Pod, fleet, keys_by_name

ENDING = {"REDRESS_FAREWELL_SECONDS": "2", "REDRESS_DRAIN_SECONDS": "5", "REDRESS_RATE_PER_S": "10000"}


@pytest.fixture
async def pods(
    infra: RealServers, migrated: MigratedDatabases, tmp_path: Path
) -> AsyncIterator[tuple[list[Pod], list[Pod]]]:
    with migrated.fresh("intake") as intake_db, migrated.fresh("gateway") as gateway_db:
        intake, gateway = infra.settings("intake", intake_db), infra.settings("gateway", gateway_db)
        async with keys_by_name(Signer("gateway", gateway["REDRESS_SIGNING_KEY"]).jwks()) as url:
            settings = {"REDRESS_TRUSTED_ISSUERS": json.dumps({"gateway": url})} | ENDING
            intakes, gateways = fleet(intake | settings, gateway | settings, tmp_path)
            try:
                await asyncio.gather(*(pod.start() for pod in (*intakes, *gateways)))
                await asyncio.gather(*(pod.until_ready() for pod in (*intakes, *gateways)))
                yield intakes, gateways
            finally:
                await asyncio.gather(*(pod.kill() for pod in (*intakes, *gateways)))


async def replaced(pod: Pod, balancer: Balancer) -> int:
    leaving = asyncio.create_task(balancer.leaves(pod))
    code = await pod.end()
    await leaving
    await pod.start()
    await pod.until_ready()
    if pod.service == "gateway":
        balancer.returns(pod)
    return code


async def test_no_request_fails_while_every_replica_is_replaced(
    infra: RealServers, pods: tuple[list[Pod], list[Pod]]
) -> None:
    intakes, gateways = pods
    balancer = Balancer(gateways)
    clients = Clients(balancer, infra.secrets.get(ADMIN_KEY))
    tasks = [
        asyncio.create_task(clients.keep_asking(keep=keep, rest_s=rest_s))
        for keep, rest_s, count in ((True, 0.05, 6), (True, 1.0, 6), (False, 0.05, 3))
        for _ in range(count)
    ]
    codes = []
    for pair in zip(gateways, intakes, strict=True):
        codes += await asyncio.gather(*(replaced(pod, balancer) for pod in pair))
    for task in tasks:
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert clients.failures == [], clients.answers
    assert all(isinstance(one, asyncio.CancelledError) for one in ended), ended
    assert clients.answers[201] > 100
    assert codes == [0, 0, 0, 0]
