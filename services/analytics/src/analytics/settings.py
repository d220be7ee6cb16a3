"""What analytics is told by its environment, beside what every service is told."""

from pydantic import Field

from chassis.settings import CommonSettings, TimeZone


class Settings(CommonSettings):
    fcr_days: int = Field(default=7, ge=0, description="N of first contact resolution (DOMAIN §2)")
    acknowledge_minutes: int = Field(
        default=60, gt=0, description="Agreed time from t_received to the automatic receipt (ISO 10002)"
    )
    time_zone: TimeZone = Field(
        default="Asia/Shanghai", description="The organisation's; days of cost lines begin there"
    )
    refresh_seconds: float = Field(default=5.0, gt=0, description="At most so old are the gauges while facts change")
