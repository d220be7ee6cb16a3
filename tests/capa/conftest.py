"""Builders of RCAs and CAPAs through the use cases, as people would make them."""

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest

from capa.domain.rules import Rules
from capa.domain.rules_document import read_rules
from chassis.db import Database


@pytest.fixture(scope="session")
def rules() -> Rules:
    return read_rules(json.loads(files("capa").joinpath("definitions/rules.v1.json").read_text("utf-8")))


@pytest.fixture
def db(service_db: Callable[[str], Any]) -> Database:
    opened: Database = service_db("capa")
    return opened
