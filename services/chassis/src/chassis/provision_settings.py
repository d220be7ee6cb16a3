"""What `python -m chassis.provision` is told."""

from pydantic import Field, field_validator

from chassis.nats_settings import NatsSettings
from redress.nats_users import PROVISIONER, Partner, inbox_prefix_of, users


class ProvisionSettings(NatsSettings):
    nats_inbox_prefix: str = Field(default=inbox_prefix_of(PROVISIONER), description="Where answers may come to")
    nats_replicas: int = Field(default=1, ge=1, le=5, description="Of every stream; 3 on a cluster")
    stream_max_age_days: int = Field(default=7, ge=1, description="How long streams keep events")
    partners: list[Partner] = Field(
        default_factory=list, description='`[{"name": "acme", "types": ["redress.workflow.case.closed.v1"]}]`'
    )
    provision_wait_seconds: float = Field(default=60.0, ge=0, description="How long NATS may take to be there")

    @field_validator("partners")
    @classmethod
    def _no_name_twice(cls, partners: list[Partner]) -> list[Partner]:
        users(partners)
        return partners
