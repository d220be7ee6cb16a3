import time
from dataclasses import dataclass, field

from starlette.requests import Request

from chassis.db import Database
from chassis.links import Links
from gateway.adapters.access_tokens import AccessTokens
from gateway.adapters.batches import Batches
from gateway.adapters.own_admin import OwnAdmin
from gateway.adapters.owners import Owners
from gateway.adapters.passwords import Passwords
from gateway.adapters.shared_reads import SharedReads
from gateway.app.directory import Directory
from gateway.edge.admission import Admission
from gateway.edge.rates import RateLimiter
from gateway.edge.security_audit import SecurityAudit
from gateway.metrics import EdgeMetrics
from gateway.settings import Settings


@dataclass(frozen=True)
class Door:
    """Everything a route may use; opened by the bootstrap, found by `door_of`."""

    settings: Settings
    db: Database
    metrics: EdgeMetrics
    admission: Admission
    audit: SecurityAudit
    directory: Directory
    tokens: AccessTokens
    passwords: Passwords
    owners: Owners
    batches: Batches
    own_admin: OwnAdmin
    reads: SharedReads
    links: Links
    form_rates: RateLimiter = field(default_factory=lambda: RateLimiter(time.monotonic))
    """Of forms on the open web, by form and by address."""


def door_of(request: Request) -> Door:
    door: Door = request.app.state.door
    return door
