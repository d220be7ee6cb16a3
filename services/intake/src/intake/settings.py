"""What intake is told by its environment, beside what every service is told."""

from email.utils import parseaddr

from pydantic import Field, field_validator

from chassis.sealing import Sealer, key_of
from chassis.settings import CommonSettings


class Settings(CommonSettings):
    mail_from: str = Field(default="", description="As notify's: what comes from there is a letter of ours coming back")
    sealing_key: str = Field(
        description="Seals personal data, texts and files: base64 of 32 bytes, as `openssl rand -base64 32` makes it."
        " Without it they cannot be read: keep a copy apart from the backups",
        repr=False,
    )
    sealing_keys_retired: str = Field(
        default="",
        description="Former sealing keys, separated by commas, until redress_intake_unsealed_rows is 0",
        repr=False,
    )

    @field_validator("sealing_key", "sealing_keys_retired")
    @classmethod
    def _can_seal(cls, keys: str) -> str:
        _keys(keys)
        return keys

    @property
    def own_address(self) -> str:
        return parseaddr(self.mail_from)[1].lower()

    def sealer(self) -> Sealer:
        return Sealer(key_of(self.sealing_key), _keys(self.sealing_keys_retired))


def _keys(text: str) -> list[bytes]:
    return [key_of(key) for key in text.split(",") if key.strip()]
