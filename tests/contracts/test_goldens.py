"""One golden message per event, kept for ever: the published schema accepts it, and somebody reads it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

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


def test_goldens_are_read_by_somebody(reactions_of: Callable[[str], dict[type[Any], Any]]) -> None:
    """An event nobody reacts to is noise on the bus; those for partners and operators only are named here."""
    read = {TYPE_OF[payload] for service in CONSUMERS for payload in reactions_of(service)}
    nobody = set(CATALOG) - read
    assert nobody <= {
        "redress.notify.delivery.failed.v1",
        "redress.workflow.sla.warning.v1",
        "redress.workflow.sla.breached.v1",
    }
