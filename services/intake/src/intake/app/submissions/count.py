"""How many submissions came in a period, and what became of them."""

from datetime import timedelta

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, Invalid
from chassis.messages import from_timestamp, to_message
from intake.app.load import WORKING
from redress.intake.v1 import intake_pb2 as pb

USUAL = timedelta(days=30)
LONGEST = timedelta(days=3660)


async def count_submissions(tx: Tx, call: Call, request: pb.CountSubmissionsRequest) -> pb.CountSubmissionsReply:
    """By channel, state and reason, of what arrived since `since` and before `until`."""
    call.require(*WORKING)
    until = from_timestamp(request, "until") or tx.now
    since = from_timestamp(request, "since") or until - USUAL
    if not timedelta(0) < until - since <= LONGEST:
        raise Invalid("the period does not fit", [FieldError("since", f"up to {LONGEST.days} days before `until`")])
    rows = await tx.fetch(
        "SELECT s.channel, s.channel_id, s.state, s.reason, count(DISTINCT s.submission_id) AS n,"
        "  count(l.complaint_id) FILTER (WHERE l.kind = 'promoted') AS complaints"
        " FROM submissions s LEFT JOIN submission_complaints l USING (submission_id)"
        " WHERE s.received_at >= $1 AND s.received_at < $2"
        " GROUP BY s.channel, s.channel_id, s.state, s.reason ORDER BY s.channel, s.channel_id, s.state, s.reason",
        since,
        until,
    )
    return pb.CountSubmissionsReply(counts=[to_message(pb.SubmissionCount, row) for row in rows])
