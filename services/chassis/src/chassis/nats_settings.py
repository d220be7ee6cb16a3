"""Where NATS is and who we are there: the same variables for services, `recover` and whoever provisions."""

from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.dsn import readable_authorities
from chassis.nats_creds import readable_creds

ENVIRONMENT = SettingsConfigDict(env_prefix="REDRESS_", frozen=True, hide_input_in_errors=True, extra="ignore")
_SCHEMES = ("nats", "tls")


class NatsSettings(BaseSettings):
    model_config = ENVIRONMENT

    nats_url: str = Field(
        description="nats://host:4222, several by commas, user:password@ where no other setting names them;"
        " tls:// takes no server without TLS",
        repr=False,
    )
    nats_user: str = Field(default="", description="Instead of a user in the URL")
    nats_password: str = Field(default="", description="Of that user", repr=False)
    nats_creds_file: str = Field(default="", description="A user's JWT and key, instead of user and password")
    nats_ca_file: str = Field(default="", description="Who may sign NATS's certificate; empty: the system's")
    nats_inbox_prefix: str = Field(default="_INBOX", description="Of its own, where NATS users have permissions")

    @property
    def nats_addresses(self) -> list[str]:
        return [address.strip() for address in self.nats_url.split(",")]

    @field_validator("nats_url")
    @classmethod
    def _each_is_an_address(cls, addresses: str) -> str:
        if any(urlsplit(address.strip()).scheme not in _SCHEMES for address in addresses.split(",")):
            raise ValueError("must be nats:// or tls:// addresses, separated by commas")
        return addresses

    @field_validator("nats_ca_file")
    @classmethod
    def _holds_authorities(cls, path: str) -> str:
        return readable_authorities(path) if path else path

    @field_validator("nats_creds_file")
    @classmethod
    def _holds_credentials(cls, path: str) -> str:
        return readable_creds(path) if path else path

    @model_validator(mode="after")
    def _one_identity(self) -> Self:
        if self.nats_creds_file and (self.nats_user or self.nats_password):
            raise ValueError("REDRESS_NATS_CREDS_FILE stands instead of REDRESS_NATS_USER and REDRESS_NATS_PASSWORD")
        if bool(self.nats_user) != bool(self.nats_password):
            raise ValueError("REDRESS_NATS_USER and REDRESS_NATS_PASSWORD need each other")
        return self
