"""Who calls: what a verified token says, handed to the use case that authorises by it."""

from contextvars import ContextVar
from dataclasses import dataclass, field, replace

from chassis.errors import Forbidden, Unauthenticated


@dataclass(frozen=True)
class Call:
    actor: str
    on_behalf_of: str | None = None
    roles: frozenset[str] = frozenset()
    scope: dict[str, list[str]] = field(default_factory=dict)
    department: str | None = None
    idempotency_key: str | None = None
    traceparent: str | None = None

    def has(self, *roles: str) -> bool:
        return not self.roles.isdisjoint(roles) or "admin" in self.roles

    def require(self, *roles: str) -> None:
        """Raises Forbidden unless the caller has one of `roles`; admin always passes."""
        if not self.has(*roles):
            raise Forbidden(f"this needs one of the roles {', '.join(sorted(roles))}")

    def with_request(self, *, idempotency_key: str | None, traceparent: str | None) -> "Call":
        return replace(self, idempotency_key=idempotency_key, traceparent=traceparent)


def system(service: str) -> Call:
    """The actor of reactions and timers."""
    return Call(actor=f"system:{service}", roles=frozenset({"service"}))


_CURRENT: ContextVar[Call | None] = ContextVar("redress_call", default=None)


def current_call() -> Call:
    call = _CURRENT.get()
    if call is None:
        raise Unauthenticated("this call carries no internal token")
    return call


def set_current_call(call: Call) -> None:
    """Each gRPC call runs in a task, and so a context, of its own: nothing has to be reset."""
    _CURRENT.set(call)
