"""What notify is told by its environment, beside what every service is told."""

from datetime import timedelta
from email.utils import parseaddr
from typing import Self

from pydantic import Field, field_validator, model_validator

from chassis.settings import CommonSettings, TimeZone
from notify.domain.delivery import RetryPolicy


class Settings(CommonSettings):
    intake_target: str = Field(default="127.0.0.1:7001", description="Where customers' addresses are asked for")
    gateway_target: str = Field(default="127.0.0.1:7000", description="Where colleagues' addresses are asked for")
    ask_timeout_seconds: float = Field(default=5.0, gt=0, description="For one answer of these two")
    person_cache_seconds: float = Field(
        default=60.0, ge=0, description="A colleague's new address is used within this time"
    )

    smtp_host: str = Field(default="", description="Empty: delivery is switched off")
    smtp_port: int = Field(default=25, description="Usually 587 where STARTTLS is required")
    smtp_username: str = Field(default="", description="Empty: the server takes mail without a login")
    smtp_password: str = Field(default="", repr=False, description="Of that user")
    smtp_starttls: bool = Field(default=False, description="Required when on; the certificate is verified")
    smtp_ca_file: str = Field(default="", description="Of the company's own authority; empty: the system's")
    smtp_connections: int = Field(default=2, ge=1, le=4, description="To the mail server, for each replica")
    smtp_timeout_seconds: float = Field(default=10.0, gt=0, description="For one mail, connecting included")
    mail_from: str = Field(default="", description="Redress <no-reply@company.example>")

    public_url: str = Field(
        default="", description="Where customers reach the gateway; empty: letters carry no links, no survey goes out"
    )
    status_link_days: int = Field(default=180, ge=1, description="A link to a complaint's status holds this long")
    survey_link_days: int = Field(default=30, ge=1, description="A link to a survey holds this long")

    organisation: str = Field(default="Redress", min_length=1, description="Who signs the letters")
    time_zone: TimeZone = Field(default="Asia/Shanghai", description="Of the times in letters")
    digest_seconds: float = Field(default=60.0, ge=0, description="A person's task notices gather this long")

    mail_attempts: int = Field(default=12, ge=1, description="With the defaults, given up after some 2.5 hours")
    mail_retry_seconds: float = Field(default=5.0, gt=0, description="Doubled with every attempt")
    mail_retry_cap_seconds: float = Field(default=3600.0, gt=0, description="No wait between attempts is longer")
    postpone_seconds: float = Field(default=5.0, gt=0, description="While a server that is needed is away")
    claim_seconds: float = Field(default=30.0, gt=0, description="A killed sender's mails are taken up after this")
    poll_seconds: float = Field(default=2.0, gt=0, description="How often rows of other replicas are looked for")

    @field_validator("public_url")
    @classmethod
    def _reachable(cls, url: str) -> str:
        if url and not url.startswith(("https://", "http://")):
            raise ValueError("must be an http or https address, e.g. https://complaints.company.example")
        return url

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.smtp_host and "@" not in parseaddr(self.mail_from)[1]:
            raise ValueError("REDRESS_MAIL_FROM must be an address when REDRESS_SMTP_HOST is set")
        if self.smtp_username and not self.smtp_starttls:
            raise ValueError("REDRESS_SMTP_USERNAME needs REDRESS_SMTP_STARTTLS: a password is not sent in the clear")
        if self.claim_seconds < 2 * self.smtp_timeout_seconds:
            raise ValueError("REDRESS_CLAIM_SECONDS must be at least twice REDRESS_SMTP_TIMEOUT_SECONDS")
        return self

    @property
    def retry_policy(self) -> RetryPolicy:
        return RetryPolicy(
            max_attempts=self.mail_attempts,
            base=timedelta(seconds=self.mail_retry_seconds),
            cap=timedelta(seconds=self.mail_retry_cap_seconds),
            postponement=timedelta(seconds=self.postpone_seconds),
        )
