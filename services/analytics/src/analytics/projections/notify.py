"""What notify's events say about a complaint."""

from collections.abc import Iterator
from typing import Any

from chassis.envelope import Received
from redress.notify.v1 import events as notify


def acknowledged(event: Received[notify.DeliverySent]) -> Iterator[dict[str, Any]]:
    """Only the receipt acknowledges; a task notice to a colleague does not."""
    if event.data.kind == "receipt" and event.data.case_id is not None:
        yield {"complaint_id": event.data.case_id, "t_auto_ack": event.data.at}
