"""What workflow is told by its environment, beside what every service is told."""

from pydantic import Field

from chassis.settings import CommonSettings


class Settings(CommonSettings):
    timer_seconds: float = Field(default=2.0, gt=0, description="How often overdue work is looked for")
    timer_batch: int = Field(default=200, ge=1, le=1000, description="Rows per transaction of the timer")
    count_seconds: float = Field(default=15.0, gt=0, description="How often cases are counted for /metrics")
