"""Runs back-tests, one at a time, slice by slice: others are served meanwhile, and a cancelled one ends at a slice."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
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
from intake.domain.grading_work.neighbours import Neighbours
from intake.domain.grading_work.replay import Both, Judged, Sums

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
Read = Callable[[Tx, tuple[datetime, UUID], datetime, int], Awaitable[list[dict[str, Any]]]]


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
            near = Neighbours.of(draft, current, await lookups.history_start(tx))
        judge = Both(current, draft, ZenGrading([current, draft]))
        since, until = self._test["period_from"], self._test["period_to"]
        if near.names:
            async for rows in self._slices(back_test_rows.earlier_after, since - near.reach, since, near):
                for row in rows:
                    near.add(row)
        async for rows in self._slices(back_test_rows.slice_after, since, until, near):
            found = []
            for row in rows:
                now = near.around(row)
                near.add(row)
                found.append(judge(row, _then(row), now))
            if not await self._keep(rows, found):
                return
        await self._finish(near.names, judge.vectors, _not_anew(draft, current))

    async def _slices(self, read: Read, since: datetime, until: datetime, near: Neighbours) -> AsyncIterator[list[Row]]:
        after = (since, back_test_rows.START)
        while True:
            async with self._db.read() as tx:
                rows = await read(tx, after, until, SLICE)
                keys = (
                    await back_test_rows.customer_keys(tx, [r["complaint_id"] for r in rows]) if near.customers else {}
                )
            yield [row | {"keys": keys.get(row["complaint_id"], ())} for row in rows]
            if len(rows) < SLICE:
                return
            after = (rows[-1]["t_registered"], rows[-1]["complaint_id"])

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

    async def _finish(self, recomputed: list[str], vectors: int, left: list[str]) -> None:
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
            "recomputed": recomputed,
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


def _not_anew(draft: GradingTable, current: GradingTable) -> list[str]:
    """Texts are not compared anew: which repeats were duplicates stays as it was found."""
    name = "duplicate_similarity"
    return [name] if draft.parameters[name] != current.parameters[name] else []


def _then(row: Row) -> Circumstances:
    return Circumstances(row["same_lot"], row["repeat_r1"], row["rate_exceeded"])
