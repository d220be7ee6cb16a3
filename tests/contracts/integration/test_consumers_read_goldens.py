"""Every consumer handles every golden it subscribes to, on a real database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.clock import utc_now
from chassis.consumers import Handler
from chassis.db import Database
from chassis.envelope import decode
from redress.catalog import TYPE_OF

GOLDENS = sorted((Path(__file__).parent.parent / "golden").glob("*.json"))
CONSUMERS = ("intake", "workflow", "capa", "notify", "analytics")


@pytest.mark.parametrize("service", CONSUMERS)
async def test_each_consumer_handles_the_goldens_it_subscribes_to(
    service: str, service_db: Callable[[str], Database], reactions_of: Callable[[str], dict[type[Any], Any]]
) -> None:
    """On an empty database: every event comes before its aggregate, and twice."""
    reactions = reactions_of(service)
    handler = Handler(service, service_db(service), reactions, timedelta(days=20))
    wanted = {TYPE_OF[payload] for payload in reactions}
    goldens = [decode(path.read_bytes()) for path in GOLDENS]
    events = [replace(e, time=utc_now()) for e in goldens if e.type in wanted]
    for event in [*events, *reversed(events)]:
        handler.check(event)
        await handler.handle([event])
