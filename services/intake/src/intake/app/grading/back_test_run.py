"""Runs back-tests, one at a time, slice by slice: others are served meanwhile, and a cancelled one ends at a slice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from chassis import logs
from chassis.db import Database, Tx
from chassis.definition_store import decoded, one
from chassis.errors import RedressError
from intake.adapters import back_test_rows, lookups
from intake.adapters.bulk import Copy
from intake.adapters.zen_grading import ZenGrading
from intake.app.grading.editor import complete
from intake.app.grading_tables import GRADING_TABLE, NAME
from intake.domain.grading import Circumstances
from intake.domain.grading_document import parse
from intake.domain.grading_table import GradingTable
from intake.domain.grading_work.replay import Cells, Judged, Remembering, Sums, judged, looked_up_otherwise
from intake.domain.repeats import Windows

SLICE = 2_000
_CLAIM = timedelta(seconds=60)
_MOST_ATTEMPTS = 3
_CHANGES = Copy(
    "back_test_changes",
    (
        *("back_test_id", "n", "complaint_id", "number", "t_registered", "before", "after"),
        *("row_before", "row_after", "recorded_grade", "by_hand"),
    ),
)
_CLAIMED = """
UPDATE back_tests SET state = 'running', started_at = $1, claimed_until = $2, attempts = attempts + 1, done = 0
WHERE back_test_id = (SELECT back_test_id FROM back_tests WHERE state = 'waiting' OR (state = 'running' AND claimed_until < $1)
  ORDER BY requested_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING *
"""  # noqa: E501 - a statement
_LOG = logs.get("back_test")
Row = Mapping[str, Any]


class RunBackTests:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def __call__(self) -> None:
        """Until none waits. One whose worker died begins anew when its claim has run out; the third time it failed."""
        while (claimed := await self._claimed()) is not None:
            try:
                await _Run(self._db, claimed).run()
            except RedressError as error:
                await self._failed(claimed, error)

    async def _claimed(self) -> Row | None:
        async with self._db.tx() as tx:
            row = await tx.fetchrow(_CLAIMED, tx.now, tx.now + _CLAIM)
            if row is None:
                return None
            await tx.execute("DELETE FROM back_test_changes WHERE back_test_id = $1", row["back_test_id"])
        if row["attempts"] > _MOST_ATTEMPTS:
            await self._failed(dict(row), RedressError("its worker died three times"))
            return await self._claimed()
        return dict(row)

    async def _failed(self, row: Row, error: RedressError) -> None:
        _LOG.warning("a back-test failed", back_test_id=str(row["back_test_id"]), slug=error.slug)
        async with self._db.tx() as tx:
            await tx.execute(
                "UPDATE back_tests SET state = 'failed', error = $2, finished_at = $3"
                " WHERE back_test_id = $1 AND state = 'running'",
                row["back_test_id"],
                error.detail,
                tx.now,
            )


@dataclass(frozen=True, slots=True)
class _Anew:
    """How the draft's parameters find what is around a complaint, where they differ."""

    windows: Windows
    lots: bool
    most_of_a_lot: int
    customers: bool
    cells: Cells | None

    @classmethod
    async def of(cls, tx: Tx, draft: GradingTable, current: GradingTable, since: datetime) -> "_Anew":
        otherwise, cells = looked_up_otherwise(draft, current), None
        if otherwise["rate_exceeded"]:
            reach = timedelta(days=draft.rate.window_days + draft.rate.baseline_days)
            known = await back_test_rows.days_before(tx, since, reach)
            cells = Cells(draft.rate, await lookups.history_start(tx), known)
        numbers = [c.constant for row in draft.rows for c in row.when if c.column == "same_lot"]
        most = int(max((n for n in numbers if isinstance(n, int | float)), default=0)) + 1
        return cls(Windows.of(draft.parameters), otherwise["same_lot"], most, otherwise["repeat_r1"], cells)

    @property
    def names(self) -> list[str]:
        looked = {"same_lot": self.lots, "repeat_r1": self.customers, "rate_exceeded": self.cells is not None}
        return [name for name, is_so in looked.items() if is_so]

    async def around(self, tx: Tx, rows: Sequence[Row]) -> list[Circumstances]:
        ids = [row["complaint_id"] for row in rows]
        lots = await back_test_rows.same_lots(tx, ids, self.windows.repeat, self.most_of_a_lot) if self.lots else None
        repeats = (
            await back_test_rows.same_customers(tx, ids, self.windows.repeat, self.windows.duplicate)
            if self.customers
            else None
        )
        return [self._one(row, lots, repeats) for row in rows]

    def _one(self, row: Row, lots: Mapping[UUID, int] | None, repeats: Mapping[UUID, bool] | None) -> Circumstances:
        complaint_id, cell = row["complaint_id"], row["cell"]
        rate = row["rate_exceeded"]
        if self.cells is not None:
            rate = cell is not None and self.cells.exceeded_by(cell, row["t_received"].astimezone(UTC).date())
        repeat = row["repeat_r1"]
        if repeats is not None:
            # Within the window of duplicates the texts decided; what they said then stands.
            repeat = complaint_id in repeats and (repeats[complaint_id] or repeat)
        lot = row["same_lot"] if lots is None else 1 + lots.get(complaint_id, 0)
        return Circumstances(lot, repeat, rate)


class _Run:
    def __init__(self, db: Database, test: Row) -> None:
        self._db = db
        self._test = test
        self._sums = Sums()
        self._written = 0

    async def run(self) -> None:
        async with self._db.read() as tx:
            current = GRADING_TABLE.read((await one(tx, GRADING_TABLE.name, NAME, self._test["compared_with"])).whole)
            draft = parse(complete(decoded(self._test["document"]), current.version + 1))
            anew = await _Anew.of(tx, draft, current, self._test["period_from"])
        decide = Remembering(ZenGrading([current, draft]))
        after = (self._test["period_from"], back_test_rows.START)
        while True:
            async with self._db.read() as tx:
                rows = await back_test_rows.slice_after(tx, after, self._test["period_to"], SLICE)
                around = await anew.around(tx, rows)
            found = [
                judged(row, _then(row), now, current=current, draft=draft, decide=decide)
                for row, now in zip(rows, around, strict=True)
            ]
            if not await self._keep(rows, found):
                return
            if len(rows) < SLICE:
                break
            after = (rows[-1]["t_registered"], rows[-1]["complaint_id"])
        await self._finish(anew, decide.vectors, not_anew(draft, current))

    async def _keep(self, rows: Sequence[Row], found: Sequence[Judged]) -> bool:
        """False: somebody cancelled it, or another worker took it over."""
        changes: list[tuple[Any, ...]] = []
        for row, one_ in zip(rows, found, strict=True):
            self._sums.add(row["t_registered"], one_, by_hand=row["by_hand"])
            if one_.moved:
                changes.append(self._change(row, one_, self._written + len(changes) + 1))
        async with self._db.tx() as tx:
            kept = await tx.execute(
                "UPDATE back_tests SET done = $2, claimed_until = $3"
                " WHERE back_test_id = $1 AND state = 'running' AND attempts = $4",
                self._test["back_test_id"],
                self._sums.complaints,
                tx.now + _CLAIM,
                self._test["attempts"],
            )
            if not kept.endswith(" 1"):
                return False
            await _CHANGES.run(tx, changes)
        self._written += len(changes)
        return True

    def _change(self, row: Row, one_: Judged, n: int) -> tuple[Any, ...]:
        before, after = one_.before, one_.after
        return (
            self._test["back_test_id"],
            n,
            *(row["complaint_id"], row["number"], row["t_registered"], before.grade, after.grade),
            *(before.row, after.row, row["grade"], row["by_hand"]),
        )

    async def _finish(self, anew: _Anew, vectors: int, left: list[str]) -> None:
        sums = self._sums
        report = {
            "changed": sums.changed,
            "tightened": sums.tightened,
            "relaxed": sums.changed - sums.tightened,
            "moves": [{"before": b, "after": a, "n": n} for (b, a), n in sorted(sums.moves.items())],
            "load": [{"week": str(w), "grade": g, "before": b, "after": a} for w, g, b, a in sums.weeks()],
            "rows": [
                {"row": row, "before": sums.rows_before[row], "after": sums.rows_after[row]}
                for row in sorted(sums.rows_before.keys() | sums.rows_after.keys())
            ],
            "moved_by_hand": sums.by_hand,
            "recomputed": anew.names,
            "not_recomputed": left,
            "input_vectors": vectors,
        }
        async with self._db.tx() as tx:
            await tx.execute(
                "UPDATE back_tests SET state = 'done', total = done, report = $2, finished_at = $3"
                " WHERE back_test_id = $1 AND state = 'running' AND attempts = $4",
                self._test["back_test_id"],
                report,
                tx.now,
                self._test["attempts"],
            )


def not_anew(draft: GradingTable, current: GradingTable) -> list[str]:
    """Texts are not compared anew: which repeats were duplicates stays as it was found."""
    name = "duplicate_similarity"
    return [name] if draft.parameters[name] != current.parameters[name] else []


def _then(row: Row) -> Circumstances:
    return Circumstances(row["same_lot"], row["repeat_r1"], row["rate_exceeded"])
