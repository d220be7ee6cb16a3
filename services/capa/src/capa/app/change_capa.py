"""Load, decide, save, for every change of a CAPA."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from capa.adapters import capas, documents, rcas
from capa.app.trail import changes
from capa.domain import require
from capa.domain.capa import Action, Capa
from capa.domain.rca import Rca
from chassis.call import Call
from chassis.db import Tx

Decide = Callable[[Capa, Rca | None], Capa]
_NOT_OFFERED = frozenset({"closed", "cancelled", "not_effective"})


async def change_capa(
    tx: Tx,
    call: Call,
    capa_id: str,
    if_version: int | None,
    action: str,
    decide: Decide,
    *,
    through: Sequence[str] = (),
    reason: str = "",
) -> tuple[Capa, Capa]:
    """One change, one version, one entry in the audit trail: the CAPA before and after.

    `decide` is given the linked analysis as well. `through` names states that are only passed through on the way.
    `StaleVersion` unless `if_version` is the current one; None means whatever it is.
    """
    before = await capas.lock(tx, capa_id)
    if if_version is not None:
        require.version(if_version, before.version)
    rca = await rcas.get_or_none(tx, before.rca_id)
    after = replace(decide(before, rca), version=before.version + 1)
    await _save(tx, call, before, after, through)
    tx.audit(
        aggregate_type="capa",
        aggregate_id=after.capa_id,
        action=action,
        call=call,
        changes=changes(before, after),
        reason=reason,
    )
    return before, after


async def _save(tx: Tx, call: Call, before: Capa, after: Capa, through: Sequence[str]) -> None:
    moved = before.state != after.state
    await capas.save(tx, before, after, [*through, after.state] if moved else [], call.actor)
    if moved:
        await documents.offer(tx, "capa", after.capa_id, after.state not in _NOT_OFFERED)


def changed_actions(before: Capa, after: Capa) -> list[Action]:
    known = set(before.actions)
    return [action for action in after.actions if action not in known]
