"""What a restore did not bring back, and how long everything stood still."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import httpx

from redressctl.load.acks import Ack
from stack.stack import Stack


@dataclass(frozen=True)
class Lost:
    acknowledged: int
    gone: int
    rpo_s: float
    """Age of the oldest acknowledged complaint that is gone, at the moment of the loss; 0 where none is."""
    rto_s: float
    """From the loss until every service is ready."""
    backup_s: float
    refused_s: float
    """How long creating was refused because of the backup."""
    verify: str

    def line(self, name: str) -> str:
        return (
            f"{name:<5} RPO {self.rpo_s:.1f} s ({self.gone} of {self.acknowledged} acknowledged are gone), RTO"
            f" {self.rto_s:.1f} s; the backup took {self.backup_s:.1f} s, refused for {self.refused_s:.1f} s;"
            f" verify {self.verify}"
        )


def gone(stack: Stack, told: Sequence[Ack]) -> list[Ack]:
    """Those of which the installation knows nothing."""
    headers = {"Authorization": f"Bearer {stack.admin_key}"}
    with httpx.Client(base_url=stack.public_url, headers=headers, timeout=30) as client:
        return [ack for ack in told if _status(client, ack) == httpx.codes.NOT_FOUND]


def _status(client: httpx.Client, ack: Ack) -> int:
    """Anything but there and not there is no answer to this question."""
    answer = client.get(f"/v1/complaints/{ack.complaint_id}")
    if answer.status_code not in (httpx.codes.OK, httpx.codes.NOT_FOUND):
        answer.raise_for_status()
    return answer.status_code


def rpo_s(lost: Sequence[Ack], at: datetime) -> float:
    return max(((at - ack.at).total_seconds() for ack in lost), default=0.0)
