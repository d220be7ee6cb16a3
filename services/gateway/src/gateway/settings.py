"""What gateway is told by its environment, beside what every service is told."""

from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from chassis.settings import CommonSettings


class Settings(CommonSettings):
    public_bind: str = Field(default="127.0.0.1:8080", description="Where the public API listens")
    public_url: str = Field(default="", description="Shown in the OpenAPI document's servers")
    organisation: str = Field(default="Redress", min_length=1, description="Whose name customers' pages carry")
    time_zone: str = Field(default="Asia/Shanghai", description="Of the dates on customers' pages")
    key_pepper: str = Field(min_length=16, repr=False, description="Keys the hash of API keys")
    bootstrap_admin_key: str = Field(default="", repr=False, description="An API key of role admin; empty for none")

    intake_target: str = Field(default="127.0.0.1:7001", description="Where intake takes calls, host:port")
    workflow_target: str = Field(default="127.0.0.1:7002", description="Where workflow takes calls, host:port")
    capa_target: str = Field(default="127.0.0.1:7003", description="Where capa takes calls, host:port")
    notify_target: str = Field(default="127.0.0.1:7004", description="Where notify takes calls, host:port")
    analytics_target: str = Field(default="127.0.0.1:7005", description="Where analytics takes calls, host:port")

    body_limit_bytes: int = Field(default=1024 * 1024, description="Of a JSON body; more is answered with 413")
    import_limit_bytes: int = Field(default=2 * 1024**3, description="Of a file to import; more is answered with 413")
    mail_limit_bytes: int = Field(default=25 * 1024**2, description="Of a raw mail; intake takes no more than 25 MiB")
    attachment_limit_bytes: int = Field(default=25 * 1024**2, description="Of a file beside a complaint; as intake's")
    hook_limit_bytes: int = Field(default=1024 * 1024, description="Of what a vendor delivers; else 413")
    header_limit_bytes: int = Field(default=32 * 1024, description="Of path, query and headers together; else 431")
    header_limit_count: int = Field(default=100, description="How many headers; else 431")
    header_timeout_s: float = Field(default=10.0, description="From the first byte to the end of the headers")
    body_timeout_s: float = Field(default=30.0, description="For a whole JSON body")
    import_idle_timeout_s: float = Field(default=30.0, description="Between two pieces of a file or mail")
    keep_alive_s: int = Field(default=75, description="A connection without a request is closed after this")
    connection_limit: int = Field(default=2_000, description="Open at once, per replica; one more is answered with 503")
    trusted_proxies: str = Field(default="", description="Addresses whose X-Forwarded-For is believed, by commas")

    read_timeout_s: float = Field(default=10.0, description="How long an owner may take to answer a read")
    write_timeout_s: float = Field(default=15.0, description="How long an owner may take to answer a write")
    import_timeout_s: float = Field(default=3_600.0, description="For a whole import, upload included")
    mail_timeout_s: float = Field(default=120.0, description="For a raw mail, upload included")
    batch_items: int = Field(default=200, ge=1, le=200, description="Calls gathered into one; intake takes no more")
    batches_in_flight: int = Field(default=2, ge=1, le=8, description="Per owner, from one replica")
    batches_apart_ms: int = Field(
        default=75, ge=0, le=200, description="Between two that are not full, while more calls may come"
    )

    rate_per_s: float = Field(default=200.0, gt=0, description="For a key or person without a rate of its own")
    rate_burst_s: float = Field(default=2.0, gt=0, description="How many seconds' worth may come at once")
    refused_per_s: float = Field(default=20.0, gt=0, description="Refused credentials per client address")
    hook_rate_per_s: float = Field(default=100.0, gt=0, description="Of what vendors deliver, per channel and network")
    token_lifetime_s: int = Field(default=900, ge=60, description="Of access tokens; people then sign in again")
    identity_cache_s: float = Field(default=30.0, description="A revoked key stops working within this time")
    sign_in_attempts: int = Field(default=5, ge=1, description="Wrong passwords before an account must wait")
    cors_origins: list[str] = Field(default_factory=list, description="Off when empty")

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("not a time zone of the IANA database") from error
        return name
