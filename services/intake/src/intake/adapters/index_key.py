"""The key that digests are made with: made once per database, kept sealed, the same for all replicas."""

from chassis.db import Tx
from chassis.sealing import Sealer, new_key

_ABOUT = "index-key"


async def ready(tx: Tx) -> Sealer:
    """The transaction's sealer, able to digest."""
    if tx.sealer.can_digest:
        return tx.sealer
    if (sealed := await _read(tx)) is not None:
        tx.sealer.use_index_key(tx.sealer.open(sealed, about=_ABOUT))
        return tx.sealer
    return await _made(tx)


async def _made(tx: Tx) -> Sealer:
    """Two replicas may try at once: the first one's stands. Used in this transaction only: undone, it is gone."""
    await tx.execute(
        "INSERT INTO index_key (one, sealed) VALUES (true, $1) ON CONFLICT DO NOTHING",
        tx.sealer.seal(new_key(), about=_ABOUT),
    )
    tx.seal_with(tx.sealer.with_index_key(tx.sealer.open(await _read(tx) or b"", about=_ABOUT)))
    return tx.sealer


async def _read(tx: Tx) -> bytes | None:
    sealed: bytes | None = await tx.fetchval("SELECT sealed FROM index_key")
    return sealed


async def reseal(tx: Tx) -> None:
    """Under the current sealing key, where it is under a retired one."""
    sealed = await tx.fetchval("SELECT sealed FROM index_key FOR UPDATE")
    if sealed is not None and not tx.sealer.is_current(sealed):
        again = tx.sealer.seal(tx.sealer.open(sealed, about=_ABOUT), about=_ABOUT)
        await tx.execute("UPDATE index_key SET sealed = $1", again)
