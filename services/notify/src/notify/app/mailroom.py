"""What reactions, digests and the sender agree on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from notify.app.customer_links import CustomerLinks
from notify.domain.delivery import RetryPolicy
from notify.domain.letter import Letterhead
from notify.domain.template import TemplateSet

SWITCHED_OFF = "delivery is switched off: no mail server is configured"


@dataclass(frozen=True)
class Mailroom:
    """`open` is False where delivery is switched off: rows are then kept as skipped and nobody is told."""

    open: bool
    templates: Mapping[int, TemplateSet]
    head: Letterhead
    digest_interval: timedelta
    retry: RetryPolicy
    claim: timedelta
    knock: Callable[[], None]
    """Tells the sender of this process that rows are on their way."""
    links: CustomerLinks | None = None
    """None where no public address is configured: letters then carry no links and no survey goes out."""

    @property
    def template_version(self) -> int:
        """New deliveries are written with the newest templates, old ones with theirs."""
        return max(self.templates)
