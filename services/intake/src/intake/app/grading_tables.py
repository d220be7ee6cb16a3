"""The grading table that is published, and what complaints are registered by."""

from dataclasses import replace

from chassis.db import Tx
from chassis.definition_store import Published
from chassis.definitions import Kind
from intake.adapters.catalogue import Catalogues
from intake.adapters.similarity import similarity
from intake.adapters.zen_grading import ZenGrading
from intake.app.back_test import effects
from intake.domain.grading_document import parse
from intake.domain.grading_table import GradingTable
from intake.domain.registration import Registrar

NAME = "default"
GRADING_TABLE = Kind("grading-table", parse, effects=effects, only=NAME)


class Registrars:
    """The rules that hold in a transaction, and what the registers of master data know. A newly published table counts
    within FRESH_S, a changed register likewise; each table is compiled once."""

    def __init__(self) -> None:
        self._published = Published(GRADING_TABLE, NAME)
        self._compiled: dict[int, Registrar] = {}
        self._catalogues = Catalogues()

    async def __call__(self, tx: Tx, version: int = 0) -> Registrar:
        """Of that version of the table; 0: of the newest."""
        table = await (self._published.of_version(tx, version) if version else self._published.current(tx))
        if table.version not in self._compiled:
            self._compiled[table.version] = registrar(table)
        catalogue = await self._catalogues.current(tx)
        if self._compiled[table.version].catalogue is not catalogue:
            self._compiled[table.version] = replace(self._compiled[table.version], catalogue=catalogue)
        return self._compiled[table.version]


def registrar(table: GradingTable) -> Registrar:
    return Registrar(table, ZenGrading([table]), similarity)
