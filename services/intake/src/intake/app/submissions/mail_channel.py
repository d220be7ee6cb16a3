"""The mail channel that a mail names, where several addresses are received by."""

from chassis.db import Tx
from chassis.errors import FieldError, Invalid
from intake.app.channels.named import entry_of
from intake.domain.channels.entry import Entry
from intake.domain.submissions.incoming import MAIL_KINDS

_COLUMNS = "channel_id, kind, channel, language, product_family, enabled, mapping, options"


async def mail_channel(tx: Tx, channel_id: str) -> Entry | None:
    """None where none is named. Raises Invalid for one that takes no mails."""
    if not channel_id:
        return None
    row = None
    if "\x00" not in channel_id:
        row = await tx.fetchrow(f"SELECT {_COLUMNS} FROM channels WHERE channel_id = $1", channel_id)  # noqa: S608
    if row is None or row["kind"] not in MAIL_KINDS or not row["enabled"]:
        fault = FieldError("channel_id", "is no mail channel of the registry that is switched on")
        raise Invalid("the channel does not fit", [fault])
    return entry_of(row)
