"""What capa is told by its environment, beside what every service is told."""

from pydantic import Field

from chassis.settings import CommonSettings


class Settings(CommonSettings):
    intake_target: str = Field(
        default="127.0.0.1:7001", description="gRPC address of intake: complaint texts for similarity"
    )
