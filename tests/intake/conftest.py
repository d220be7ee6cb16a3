"""A complaint to start from, and the service's use cases over a database."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import pytest

from chassis.call import Call
from chassis.db import Database
from intake.adapters import personal
from intake.app.grading_tables import Registrars
from intake.app.group import Item
from intake.app.imports.importing import ImportFile
from intake.app.register import Register
from intake.app.submissions.promote import Promote
from intake.app.submissions.receive_mail import ReceiveMail
from intake.app.update import Update
from intake.domain.complaint import Submission
from intake.domain.grading_document import parse
from intake.domain.grading_table import GradingTable
from intake.domain.mail.verdict import Own

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ANSWERED = {
    "injury_or_fire": "no",
    "legal": "no",
    "main_function_lost": "no",
    "several_affected": "no",
    "core_business_stopped": "no",
    "key_account": "no",
    "media": "no",
}


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def given() -> Callable[..., Submission]:
    """A complete complaint whose questions are all answered with no."""

    def make(**changes: Any) -> Submission:
        usual = {
            "channel": "phone",
            "language": "en",
            "customer_name": "Ann Miller",
            "product_family": "Pump P7",
            "description": "The pump leaks at the shaft seal after two weeks of use.",
            "defect_code": "leak",
        }
        return Submission(**(usual | ANSWERED | changes))

    return make


@pytest.fixture
def rules() -> Registrars:
    return Registrars()


@pytest.fixture(scope="session")
def table() -> GradingTable:
    return parse(json.loads(files("intake").joinpath("definitions/grading.default.v1.json").read_text("utf-8")))


class Intake:
    """Use cases as the servicer calls them."""

    def __init__(self, db: Database, rules: Registrars) -> None:
        self.db = db
        self.register = Register(db, rules)
        self.import_file = ImportFile(db, self.register)
        self.receive_mail = ReceiveMail(db, rules, Own.of("no-reply@acme.example"))
        self.update = Update(rules)
        self.promote = Promote(rules)

    async def one(self, call: Call, submission: Submission, **item: Any) -> Any:
        return (await self.register([Item(call, submission, **item)]))[0]

    async def run(self, use_case: Any, call: Call, request: Any) -> Any:
        async with self.db.tx() as tx:
            return await use_case(tx, call, request)

    async def fetch(self, sql: str, *values: Any) -> list[Any]:
        async with self.db.read() as tx:
            return await tx.fetch(sql, *values)

    async def complaints(self) -> list[dict[str, Any]]:
        """As they stand, opened, in the order of their numbers."""
        async with self.db.read() as tx:
            rows = await tx.fetch(f"{personal.SELECT} ORDER BY c.number")
            return [personal.opened(tx.sealer, row) for row in rows]

    async def count(self, table: str) -> int:
        return int((await self.fetch(f"SELECT count(*) AS n FROM {table}"))[0]["n"])


@pytest.fixture
def intake(service_db: Any, rules: Registrars) -> Intake:
    return Intake(service_db("intake"), rules)
