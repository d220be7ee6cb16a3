"""One golden message per event, kept for ever: the owner's schema accepts it, every consumer reads it."""

import importlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from chassis.clock import utc_now
from chassis.consumers import Handler
from chassis.db import Database
from chassis.envelope import decode
from redress.catalog import CATALOG, TYPE_OF

GOLDEN = Path(__file__).parent / "golden"
SCHEMAS = Path(__file__).resolve().parents[2] / "proto" / "schemas"
CONSUMERS = ("intake", "workflow", "capa", "notify", "analytics")
GOLDENS = sorted(GOLDEN.glob("*.json"))


def test_every_event_has_a_golden() -> None:
    assert {path.name.rsplit("--", 1)[0] for path in GOLDENS} == set(CATALOG)


@pytest.mark.parametrize("path", GOLDENS, ids=lambda p: p.stem)
def test_a_golden_is_read_and_loses_nothing(path: Path) -> None:
    message = json.loads(path.read_text())
    event = decode(path.read_bytes())
    assert json.loads(msgspec.json.encode(event.data)).items() >= message["data"].items()


@pytest.mark.parametrize("path", GOLDENS, ids=lambda p: p.stem)
def test_a_golden_fits_the_published_schema(path: Path) -> None:
    message = json.loads(path.read_text())
    schema = json.loads((SCHEMAS / f"{message['type']}.json").read_text())
    jsonschema.validate(message, schema, format_checker=jsonschema.FormatChecker())


def reactions_of(service: str) -> dict[type[Any], Any]:
    table = importlib.import_module(f"{service}.entrypoints.consumers")
    return dict(table.reactions(mailroom()) if service == "notify" else table.REACTIONS)


def mailroom() -> Any:
    """notify's reactions are bound to its templates and intervals."""
    from notify.bootstrap import open_room
    from notify.entrypoints.sender import Bell

    settings = importlib.import_module("notify.settings").Settings
    return open_room(settings.model_construct(**{n: f.default for n, f in settings.model_fields.items()}), Bell())


@pytest.mark.parametrize("service", CONSUMERS)
async def test_each_consumer_handles_the_goldens_it_subscribes_to(
    service: str, service_db: Callable[[str], Database]
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


def test_goldens_are_read_by_somebody() -> None:
    """An event nobody reacts to is noise on the bus; those for partners and operators only are named here."""
    read = {TYPE_OF[payload] for service in CONSUMERS for payload in reactions_of(service)}
    nobody = set(CATALOG) - read
    assert nobody <= {
        "redress.notify.delivery.failed.v1",
        "redress.workflow.sla.warning.v1",
        "redress.workflow.sla.breached.v1",
    }
