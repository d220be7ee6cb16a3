from chassis.settings import CommonSettings


class Settings(CommonSettings):
    """Intake needs nothing beyond what every service is told."""
