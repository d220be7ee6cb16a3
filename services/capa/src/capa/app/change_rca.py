"""Load, decide, save, for every change of an analysis."""

from collections.abc import Callable
from dataclasses import replace

from capa.adapters import rcas
from capa.app.trail import changes
from capa.domain import require
from capa.domain.rca import Rca
from chassis.call import Call
from chassis.db import Tx


async def change_rca(
    tx: Tx, call: Call, rca_id: str, if_version: int, action: str, decide: Callable[[Rca], Rca], reason: str = ""
) -> Rca:
    """One change, one version, one entry in the audit trail. `StaleVersion` unless `if_version` is the current one."""
    before = await rcas.lock(tx, rca_id)
    require.version(if_version, before.version)
    after = replace(decide(before), version=before.version + 1)
    await rcas.save(tx, before, after)
    tx.audit(
        aggregate_type="rca",
        aggregate_id=after.rca_id,
        action=action,
        call=call,
        changes=changes(before, after),
        reason=reason,
    )
    return after
