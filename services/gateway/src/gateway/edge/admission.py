from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from starlette.requests import Request

from chassis.errors import FieldError, Forbidden, Malformed, RedressError, TooManyRequests, Unauthenticated
from gateway.adapters.access_tokens import AccessTokens
from gateway.app.access_audit import Refused
from gateway.app.directory import Directory
from gateway.app.principal import Principal
from gateway.edge.exchange import Exchange, exchange_of
from gateway.edge.networks import network_of
from gateway.edge.rates import RateLimiter
from gateway.edge.refusals import ForgedActor
from gateway.edge.security_audit import SecurityAudit
from gateway.metrics import EdgeMetrics
from gateway.settings import Settings

_FORGED_PREFIXES = (b"x-redress-", b"redress-")
_FORGED_HEADERS = {b"x-actor", b"x-on-behalf-of", b"x-roles", b"x-internal-token"}
_ACTOR_FIELDS = {"actor", "by", "token", "on_behalf_of", "registered_by", "author", "roles", "set_by", "traceparent"}


@dataclass(frozen=True)
class Policy:
    """Who may call a route at all; the owner decides what exactly. Empty: no credentials are needed."""

    roles: frozenset[str]
    by_signature: bool = False
    """The route itself admits, by what it is sent."""


class Admission:
    """Decides before a body is read: no forged actor, known credentials, a fitting role, within the rate."""

    def __init__(
        self,
        settings: Settings,
        directory: Directory,
        tokens: AccessTokens,
        limiter: RateLimiter,
        audit: SecurityAudit,
        metrics: EdgeMetrics,
    ) -> None:
        self._settings, self._directory, self._tokens = settings, directory, tokens
        self._limiter, self._audit, self._metrics = limiter, audit, metrics

    async def admit(self, request: Request, policy: Policy) -> None:
        """Raises ForgedActor, Unauthenticated, Forbidden (each leaves an audit entry), TooManyRequests or Malformed."""
        exchange = exchange_of(request)
        _expect_utf8(request)
        if policy.by_signature:
            return None
        if not policy.roles:
            return self._limit(f"client:{network_of(exchange.client)}", self._settings.refused_per_s)
        exchange.principal = principal = await self._authenticate(request, exchange)
        _refuse_forged_headers(request)
        if not principal.has(policy.roles):
            raise Forbidden(f"this needs one of the roles {', '.join(sorted(policy.roles))}")
        self._limit(principal.actor, principal.rate_per_s or self._settings.rate_per_s)
        return None

    def admit_hook(self, request: Request, channel: str) -> None:
        """Per channel and network, so that nobody else can take the vendor's share. Raises TooManyRequests."""
        network = network_of(exchange_of(request).client)
        self._limit(f"hook:{channel}:{network}", self._settings.hook_rate_per_s)

    def slow_down_guessing(self, request: Request) -> None:
        """Whoever sends what is not signed right, or to channels that are none. Raises TooManyRequests."""
        self._limit(f"guess:{network_of(exchange_of(request).client)}", self._settings.refused_per_s)

    def note(self, exchange: Exchange, route: str, error: RedressError) -> None:
        """Remembers a refusal for the audit trail; `error` is one that the gateway itself raised."""
        forged = [field.field for field in error.fields if field.field.split(".")[-1] in _ACTOR_FIELDS]
        if error.status in (401, 403) or (error.status == 422 and error.slug == "unknown_field" and forged):
            slug = "forged_actor" if forged else error.slug
            self._audit.note(Refused(exchange.actor, exchange.method, route, slug, error.status, exchange.client))

    async def _authenticate(self, request: Request, exchange: Exchange) -> Principal:
        try:
            return await self._principal_of(_credentials(request))
        except Unauthenticated:
            # Whoever guesses gets slower, not everybody behind a key of its own.
            self._limit(f"guess:{network_of(exchange.client)}", self._settings.refused_per_s)
            raise

    async def _principal_of(self, credentials: str) -> Principal:
        if credentials.count(".") == 2:
            return await self._directory.by_person(self._tokens.person_of(credentials))
        return await self._directory.by_key(credentials)

    def _limit(self, key: str, rate_per_s: float) -> None:
        burst = max(1.0, rate_per_s * self._settings.rate_burst_s)
        if wait := self._limiter.take(key, rate_per_s, burst):
            self._metrics.limited.inc()
            raise TooManyRequests("too many calls; slow down", retry_after=max(1, round(wait)))


def _credentials(request: Request) -> str:
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and value.strip():
        return value.strip()
    if key := request.headers.get("x-api-key", ""):
        return key
    raise Unauthenticated("send Authorization: Bearer <access token or API key>, or X-API-Key")


def _expect_utf8(request: Request) -> None:
    """What is no UTF-8 would reach us with replacement characters, as something that nobody has asked for."""
    if b"%" not in (query := request.scope["query_string"]):
        return
    try:
        unquote_to_bytes(query).decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("the query is not UTF-8", [FieldError("query", "not UTF-8")], slug="malformed_query") from None


def _refuse_forged_headers(request: Request) -> None:
    for name, _ in request.headers.raw:
        if name in _FORGED_HEADERS or name.startswith(_FORGED_PREFIXES):
            raise ForgedActor(name.decode("latin-1"))
