"""What the gateway tells the others about persons: their id, roles and department, never their name.

Where mail goes to a colleague, notify asks the gateway's Identity RPC.
"""

from datetime import datetime
from typing import Literal

import msgspec

Role = Literal["customer_service", "engineer", "quality", "manager", "admin", "channel", "partner"]


class IdentityRegistered(msgspec.Struct, frozen=True, kw_only=True):
    person_id: str
    roles: list[Role]
    department: str | None
    lead: bool
    language: Literal["zh", "en"]
    at: datetime


class IdentityChanged(msgspec.Struct, frozen=True, kw_only=True):
    person_id: str
    roles: list[Role]
    department: str | None
    lead: bool
    language: Literal["zh", "en"]
    at: datetime


class IdentityDisabled(msgspec.Struct, frozen=True, kw_only=True):
    person_id: str
    at: datetime
