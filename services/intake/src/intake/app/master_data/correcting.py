"""A worker's duty: past complaints under a spelling that was resolved get its code, by the update that people use."""

from collections.abc import Mapping
from typing import Any

from chassis.call import Call
from chassis.db import Database, Tx
from chassis.errors import RedressError
from intake.adapters import code_fixes
from intake.app.update import Update
from redress.intake.v1 import intake_pb2

AT_A_TIME = 20


class CorrectPast:
    """Goes on where it stood, also after a restart; complaints that cannot be changed are counted and passed over."""

    def __init__(self, db: Database, update: Update) -> None:
        self._db = db
        self._update = update

    async def once(self) -> None:
        """Until nothing waits."""
        while await self._some():
            pass

    async def _some(self) -> bool:
        async with self._db.tx() as tx:
            fix = await code_fixes.next_waiting(tx)
            if fix is None:
                return False
            rows = await code_fixes.complaints(tx, fix, AT_A_TIME)
            done = [await self._corrected(tx, fix, row) for row in rows]
            await code_fixes.advance(
                tx,
                fix["fix_id"],
                after=rows[-1]["complaint_id"] if rows else None,
                fixed=sum(done),
                failed=len(done) - sum(done),
                done=len(rows) < AT_A_TIME,
            )
        return True

    async def _corrected(self, tx: Tx, fix: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
        call = Call(actor="system:intake", on_behalf_of=fix["asked_by"], roles=frozenset({"quality"}))
        request = intake_pb2.UpdateComplaintRequest(
            complaint_id=str(row["complaint_id"]),
            if_version=row["version"],
            reason=fix["reason"] or f"{fix['spelling']} means {fix['code']}",
            **{fix["field"]: fix["code"]},
        )
        try:
            await self._update(tx, call, request)
        except RedressError:
            return False
        return True
