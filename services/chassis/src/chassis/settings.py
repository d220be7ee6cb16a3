"""What every service is told by its environment. Secrets have no default."""

import json
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("not a time zone of the IANA database, e.g. Asia/Shanghai") from error
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone)]
"""Name of a zone of the IANA database; a wrong one keeps the service from starting."""


class CommonSettings(BaseSettings):
    """Read from REDRESS_*; a service adds its own fields in a subclass."""

    model_config = SettingsConfigDict(env_prefix="REDRESS_", frozen=True, hide_input_in_errors=True, extra="ignore")

    dsn: str = Field(description="Runtime role, may go through a transaction pooler", repr=False)
    direct_dsn: str = Field(default="", description="Leases; never through a pooler. Empty: dsn", repr=False)
    nats_url: str = Field(description="nats://user:password@host:4222", repr=False)
    nats_inbox_prefix: str = Field(default="_INBOX", description="Of its own, where NATS users have permissions")
    nats_provision: bool = Field(default=True, description="Create streams and consumers at start")
    nats_replicas: int = Field(default=1, description="Of streams this service creates; 3 on a cluster")
    grpc_bind: str = Field(default="127.0.0.1:0", description="Where other services call; port 0: any free one")
    ops_bind: str = Field(default="127.0.0.1:0", description="/livez, /readyz, /metrics and the public keys")
    signing_key: str = Field(description="Private JWK (Ed25519) of this service", repr=False)
    retired_keys: list[dict[str, str]] = Field(
        default_factory=list, description="Public JWKs of earlier signing keys, while links they signed are about"
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
    drain_seconds: float = Field(default=10.0, description="For what is in hand when it is told to stop")

    @field_validator("signing_key")
    @classmethod
    def _is_json(cls, key: str) -> str:
        try:
            json.loads(key)
        except ValueError as error:
            raise ValueError("must be a private JWK, as JSON") from error
        return key


class MigrateSettings(BaseSettings):
    """Read only by `migrate`: the role that may change the schema."""

    model_config = SettingsConfigDict(env_prefix="REDRESS_", frozen=True, hide_input_in_errors=True, extra="ignore")

    migrate_dsn: str = Field(description="The role that owns the tables; never through a pooler", repr=False)
    outbox_retention_days: int = Field(default=7, description="Sent events older than this are dropped")
    inbox_retention_days: int = Field(default=21, description="Longer than streams and outboxes together")


class RecoverSettings(BaseSettings):
    """Read only by `recover`: the role that owns the tables, and a NATS user that may make the stream anew."""

    model_config = SettingsConfigDict(env_prefix="REDRESS_", frozen=True, hide_input_in_errors=True, extra="ignore")

    migrate_dsn: str = Field(description="The role that owns the tables; never through a pooler", repr=False)
    nats_url: str = Field(description="nats://user:password@host:4222", repr=False)
