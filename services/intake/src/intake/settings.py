"""What intake is told by its environment, beside what every service is told."""

from email.utils import parseaddr

from pydantic import Field

from chassis.settings import CommonSettings


class Settings(CommonSettings):
    mail_from: str = Field(default="", description="As notify's: what comes from there is a letter of ours coming back")

    @property
    def own_address(self) -> str:
        return parseaddr(self.mail_from)[1].lower()
