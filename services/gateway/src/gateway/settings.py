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

    intake_target: str = "127.0.0.1:7001"
    workflow_target: str = "127.0.0.1:7002"
    capa_target: str = "127.0.0.1:7003"
    notify_target: str = "127.0.0.1:7004"
    analytics_target: str = "127.0.0.1:7005"

    body_limit_bytes: int = 1024 * 1024
    import_limit_bytes: int = 2 * 1024**3
    mail_limit_bytes: int = 25 * 1024**2
    header_limit_bytes: int = 32 * 1024
    header_limit_count: int = 100
    header_timeout_s: float = Field(default=10.0, description="From the first byte to the end of the headers")
    body_timeout_s: float = Field(default=30.0, description="For a whole JSON body")
    import_idle_timeout_s: float = Field(default=30.0, description="Between two pieces of a file")
    keep_alive_s: int = Field(default=75, description="A connection without a request is closed after this")
    connection_limit: int = 2_000
    trusted_proxies: str = Field(default="", description="Addresses whose X-Forwarded-For is believed, by commas")

    read_timeout_s: float = 10.0
    write_timeout_s: float = 15.0
    import_timeout_s: float = 3_600.0
    mail_timeout_s: float = 120.0
    batch_items: int = Field(default=200, ge=1, le=500)
    batches_in_flight: int = Field(default=2, ge=1, le=8)
    batches_apart_ms: int = Field(default=25, ge=0, le=200, description="Least time between two that are not full")

    rate_per_s: float = Field(default=200.0, gt=0, description="For a key or person without a rate of its own")
    rate_burst_s: float = Field(default=2.0, gt=0, description="How many seconds' worth may come at once")
    refused_per_s: float = Field(default=20.0, gt=0, description="Refused credentials per client address")
    token_lifetime_s: int = Field(default=900, ge=60)
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
