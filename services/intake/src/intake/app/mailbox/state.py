"""How far mailboxes were read, and what is in the way."""

from chassis.call import Call
from chassis.db import Tx
from chassis.messages import to_message
from intake.app.load import WORKING
from redress.intake.v1 import intake_pb2 as pb


async def list_mailboxes(tx: Tx, call: Call, request: pb.ListMailboxesRequest) -> pb.ListMailboxesReply:
    """Those that were read at least once, or tried."""
    call.require(*WORKING)
    rows = await tx.fetch("SELECT * FROM mailbox_marks ORDER BY channel_id, folder LIMIT 1000")
    return pb.ListMailboxesReply(mailboxes=[to_message(pb.MailboxState, row) for row in rows])
