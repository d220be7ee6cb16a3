from dataclasses import dataclass, field

STAFF = frozenset({"customer_service", "engineer", "quality", "manager", "admin"})
CHANNEL = frozenset({"channel"})
ADMIN = frozenset({"admin"})
ANYBODY = STAFF | CHANNEL | {"partner"}
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Principal:
    """Who calls, as the credentials prove it. `actor` is a person_id or `key:<key_id>`."""

    actor: str
    roles: tuple[str, ...]
    department: str | None = None
    scope: dict[str, list[str]] = field(default_factory=dict)
    rate_per_s: float | None = None
    name: str = ""

    def has(self, roles: frozenset[str]) -> bool:
        return not roles.isdisjoint(self.roles)

    @property
    def is_staff(self) -> bool:
        return self.has(STAFF)
