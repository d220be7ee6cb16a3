"""How the index of terms stands, and making it anew."""

from chassis.call import Call
from chassis.db import Tx
from chassis.messages import to_message
from redress.intake.v1 import search_pb2 as pb

_STATE = """SELECT s.next_doc AS complaints, s.indexed_to, s.rebuilding,
 greatest(0, extract(epoch FROM clock_timestamp() - (SELECT min(c.t_registered) FROM complaints c
  WHERE c.t_registered >= s.indexed_to
  AND NOT EXISTS (SELECT FROM complaint_terms t WHERE t.complaint_id = c.complaint_id))))::float8 AS lag_s
 FROM search_state s"""


async def get_search_index(tx: Tx, call: Call, request: pb.GetSearchIndexRequest) -> pb.SearchIndex:
    call.require("admin", "service")
    return await _state(tx)


async def rebuild_search_index(tx: Tx, call: Call, request: pb.RebuildSearchIndexRequest) -> pb.SearchIndex:
    """The worker takes the index away and makes it anew; asked for twice it is made once."""
    call.require("admin")
    await tx.execute("UPDATE search_state SET rebuilding = true")
    tx.audit(aggregate_type="search", aggregate_id="index", action="rebuild", call=call, reason=request.reason[:2000])
    return await _state(tx)


async def _state(tx: Tx) -> pb.SearchIndex:
    row = await tx.fetchrow(_STATE)
    assert row is not None
    return to_message(pb.SearchIndex, row)
