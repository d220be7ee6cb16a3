"""Builders of RCAs and CAPAs through the use cases, as people would make them."""

from collections.abc import Callable
from typing import Any

import pytest

from capa.adapters.rules import load_rules
from capa.domain.rules import Rules
from chassis.db import Database


@pytest.fixture(scope="session")
def rules() -> Rules:
    return load_rules()


@pytest.fixture
def db(service_db: Callable[[str], Any]) -> Database:
    opened: Database = service_db("capa")
    return opened
