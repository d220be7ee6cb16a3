"""What reactions, digests and the sender agree on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from chassis.definition_store import Published
from notify.app.customer_links import CustomerLinks
from notify.domain.delivery import RetryPolicy
from notify.domain.letter import Letterhead
from notify.domain.template import TemplateSet

SWITCHED_OFF = "delivery is switched off: no mail server is configured"


@dataclass(frozen=True)
class Mailroom:
    """`open` is False where delivery is switched off: rows are then kept as skipped and nobody is told."""

    open: bool
    templates: Published[TemplateSet]
    """New deliveries are written with the newest, old ones with theirs."""
    head: Letterhead
    digest_interval: timedelta
    retry: RetryPolicy
    claim: timedelta
    knock: Callable[[], None]
    """Tells the sender of this process that rows are on their way."""
    links: CustomerLinks | None = None
    """None where no public address is configured: letters then carry no links and no survey goes out."""
