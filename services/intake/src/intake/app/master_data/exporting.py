"""A register as CSV, piece by piece."""

from chassis.call import Call
from chassis.db import Tx
from chassis.paging import decode_cursor, encode_cursor
from intake.adapters import master_data
from intake.app.load import WORKING
from intake.app.master_data import personal
from intake.app.master_data.importing import register_of
from intake.app.master_data.records import key_kinds
from intake.domain.master_data.register import Register
from intake.domain.master_data.sheet import lines
from redress.intake.v1 import master_data_pb2 as pb

PIECE_ROWS = 1_000


async def export(tx: Tx, call: Call, request: pb.ExportMasterDataRequest) -> pb.MasterDataPiece:
    """The next thousand records after the cursor, in the order of their keys; the first piece has the header. Taking
    out a register with personal data is noted in the audit trail and left to those who may change it."""
    register = register_of(request.register)
    call.require(*(register.writers if register.is_personal else WORKING))
    after = decode_cursor(request.cursor, *key_kinds(register))
    rows = await master_data.page(tx, register, {}, after, PIECE_ROWS)
    if register.is_personal and after is None:
        await _note(tx, call, register)
    text = lines(register, [await personal.opened(tx, register, row) for row in rows], header=after is None)
    cursor = encode_cursor(*register.key_of(rows[-1])) if len(rows) == PIECE_ROWS else ""
    return pb.MasterDataPiece(piece=text.encode(), next_cursor=cursor)


async def _note(tx: Tx, call: Call, register: Register) -> None:
    name = f"register:{register.name}"
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", name)
    tx.audit(aggregate_type="register", aggregate_id=name, action="register exported", call=call)
