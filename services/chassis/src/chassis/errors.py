"""The tree of errors. Raised by domain and app; each edge translates them once.

RedressError
├── Invalid 422 ── Malformed 400
├── Unauthenticated 401
├── Forbidden 403
├── NotFound 404
├── Conflict 409
│   ├── IllegalTransition
│   └── MissingDeliverable
├── StaleVersion 412
├── IdempotencyMismatch 422
├── TooManyRequests 429
└── Unavailable 503
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    field: str
    message: str


class RedressError(Exception):
    """`slug` is stable for machines, `detail` is one sentence for people, `possible` says what would work instead."""

    slug = "error"
    status = 500

    def __init__(
        self,
        detail: str,
        *,
        fields: Sequence[FieldError] = (),
        possible: Sequence[str] = (),
        slug: str | None = None,
        status: int | None = None,
        retry_after: int | None = None,
        audited: bool = False,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fields = list(fields)
        self.possible = list(possible)
        self.slug = slug or self.slug
        self.status = status or self.status
        self.retry_after = retry_after
        self.audited = audited


class Invalid(RedressError):
    slug = "invalid"
    status = 422

    def __init__(self, detail: str, fields: Sequence[FieldError] = (), **more: object) -> None:
        super().__init__(detail, fields=fields, **more)  # type: ignore[arg-type]


class Malformed(Invalid):
    slug = "malformed"
    status = 400


class Unauthenticated(RedressError):
    slug = "unauthenticated"
    status = 401


class Forbidden(RedressError):
    """Always leaves an entry in the audit trail."""

    slug = "forbidden"
    status = 403

    def __init__(self, detail: str, *, slug: str | None = None) -> None:
        super().__init__(detail, slug=slug, audited=True)


class NotFound(RedressError):
    slug = "not_found"
    status = 404


class Conflict(RedressError):
    status = 409

    def __init__(self, slug: str, detail: str, *, possible: Sequence[str] = (), audited: bool = False) -> None:
        super().__init__(detail, slug=slug, possible=possible, audited=audited)


class IllegalTransition(Conflict):
    def __init__(self, detail: str, *, possible: Sequence[str] = ()) -> None:
        super().__init__("illegal_transition", detail, possible=possible)


class MissingDeliverable(Conflict):
    def __init__(self, detail: str, *, possible: Sequence[str] = ()) -> None:
        super().__init__("missing_deliverable", detail, possible=possible)


class StaleVersion(RedressError):
    slug = "stale_version"
    status = 412


class IdempotencyMismatch(RedressError):
    slug = "idempotency_mismatch"
    status = 422

    def __init__(self, detail: str = "this Idempotency-Key was used for another request") -> None:
        super().__init__(detail)


class TooManyRequests(RedressError):
    slug = "too_many_requests"
    status = 429


class Unavailable(RedressError):
    """A part we depend on does not answer now; the same call may be sent again."""

    slug = "unavailable"
    status = 503

    def __init__(self, detail: str, *, retry_after: int = 2) -> None:
        super().__init__(detail, retry_after=retry_after)


class SchemaBehind(Unavailable):
    slug = "schema_behind"
