"""What every service is told by its environment. Secrets have no default."""

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from chassis import dsn as addresses
from chassis.nats_settings import ENVIRONMENT, NatsSettings
from chassis.signing_keys import private_key, public_key


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("not a time zone of the IANA database, e.g. Asia/Shanghai") from error
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone)]
"""Name of a zone of the IANA database; a wrong one keeps the service from starting."""


class CommonSettings(NatsSettings):
    """Read from REDRESS_*; a service adds its own fields in a subclass."""

    db_password: str = Field(default="", description="Where the two DSNs below name none", repr=False)
    dsn: str = Field(
        description="postgresql://user@host:5432/database?sslmode=verify-full&sslrootcert=/path/ca.crt: the role that"
        " runs the service; may go through a transaction pooler",
        repr=False,
    )
    direct_dsn: str = Field(default="", description="Leases; never through a pooler. Empty: dsn", repr=False)
    nats_provision: bool = Field(default=True, description="Create streams and consumers at start")
    nats_replicas: int = Field(default=1, description="Of streams this service creates; 3 on a cluster")
    grpc_bind: str = Field(default="127.0.0.1:0", description="Where other services call; port 0: any free one")
    grpc_connection_age_s: float = Field(
        default=60.0, gt=0, description="Callers look anew for replicas when a connection ends: a new one waits so long"
    )
    ops_bind: str = Field(default="127.0.0.1:0", description="/livez, /readyz, /metrics and the public keys")
    signing_key: str = Field(
        description="Private Ed25519 key of this service: JWK, or PEM as `openssl genpkey -algorithm ed25519` makes it",
        repr=False,
    )
    next_keys: list[dict[str, str] | str] = Field(
        default_factory=list,
        description="Public JWKs or PEMs that other replicas sign with, soon or still: published beside our own",
    )
    retired_keys: list[dict[str, str] | str] = Field(
        default_factory=list, description="Public keys of earlier days, while links they signed are about"
    )
    trusted_issuers: dict[str, str] = Field(description="Issuer -> URL of its JWKS")
    replica: str = Field(default="0", description="Name of this process in logs and leases; the pod's name")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="debug, info, warning or error; nothing below it is logged"
    )
    pool_size: int = Field(default=8, ge=2, le=16, description="64 connections measured 18 % slower than 16")
    statement_timeout_s: float = Field(
        default=10.0, gt=0, description="Only this tells a statement that the other end of its connection is gone"
    )
    statement_cache: int = Field(default=256, ge=0, description="0 behind a pooler without prepared statements")
    relay_linger_ms: int = Field(default=150, ge=0, le=150, description="Wait for more after the first commit")
    relay_rewind: bool = Field(default=True, description="Off only in the negative control of the chaos run")
    consume_linger_ms: int = Field(default=200, ge=0, le=500, description="Rest after a batch that was not full")
    stream_max_age_days: int = Field(default=7, description="How long streams that this service creates keep events")
    inbox_retention_days: int = Field(default=21, description="Longer than streams and outboxes together")
    delivery_attempts: int = Field(default=5, ge=1, description="Then an event becomes a dead letter")
    idempotency_days: int = Field(default=7, description="How long an Idempotency-Key is remembered")
    farewell_seconds: float = Field(
        default=0.0, ge=0, description="After SIGTERM: unready, but still serving whoever has not heard of it yet"
    )
    drain_seconds: float = Field(
        default=10.0,
        ge=0,
        description="Then, for what is in hand. It has ended at most 8 s after farewell and drain together",
    )

    @field_validator("dsn", "direct_dsn")
    @classmethod
    def _usable_address(cls, dsn: str, known: ValidationInfo) -> str:
        if not dsn and known.field_name == "direct_dsn":
            return dsn
        return addresses.completed(dsn, known.data.get("db_password", ""))

    @field_validator("signing_key")
    @classmethod
    def _can_sign(cls, key: str) -> str:
        private_key(key)
        return key

    @field_validator("next_keys", "retired_keys")
    @classmethod
    def _can_be_published(cls, keys: list[Any]) -> list[Any]:
        for key in keys:
            public_key(key)
        return keys


class OwnerSettings(BaseSettings):
    """The role that owns the tables."""

    model_config = ENVIRONMENT

    migrate_password: str = Field(default="", description="Where the DSN below names none", repr=False)
    migrate_dsn: str = Field(
        description="The role that owns the tables; never through a pooler. TLS as in REDRESS_DSN", repr=False
    )

    @field_validator("migrate_dsn")
    @classmethod
    def _usable_address(cls, dsn: str, known: ValidationInfo) -> str:
        return addresses.completed(dsn, known.data.get("migrate_password", ""))


class MigrateSettings(OwnerSettings):
    """Read only by `migrate`: the role that may change the schema."""

    outbox_retention_days: int = Field(default=7, description="Sent events older than this are dropped")
    inbox_retention_days: int = Field(default=21, description="Longer than streams and outboxes together")


class RecoverSettings(NatsSettings, OwnerSettings):
    """Read only by `recover`: the role that owns the tables, and a NATS user that may make the stream anew."""
