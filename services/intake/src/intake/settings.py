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

    public_url: str = Field(default="", description="As the gateway's: where vendors find /hooks/<channel>")
    objects_url: str = Field(
        default="",
        pattern=r"^(s3://[a-z0-9][a-z0-9.-]+(/[\w./-]*)?|file:///[^?#]+)?$",
        description="Where files lie: s3://bucket/folder, or file:///folder for one machine. Empty: none are taken",
    )
    objects_endpoint: str = Field(default="", description="Of an S3-compatible store that is not AWS")
    objects_region: str = Field(default="us-east-1", description="Of the object store")
    objects_access_key_id: str = Field(default="", description="Empty: what the machine itself may use", repr=False)
    objects_secret_access_key: str = Field(default="", description="Belongs to the key id", repr=False)
    scan_host: str = Field(default="", description="clamd, which looks at every file. Empty: files are not scanned")
    scan_port: int = Field(default=3310, ge=1, le=65535, description="Of clamd")
    likeness_cores: float = Field(
        default=0.25,
        ge=0,
        le=1,
        description="Of one core, for comparing new complaints by their texts; 0: only when people ask",
    )
    attachment_limit_bytes: int = Field(default=25 * 1024**2, gt=0, description="Of one file")
    attachments_most: int = Field(default=50, gt=0, description="Files of one complaint")

    imap_ca_file: str = Field(default="", description="Authority of the mailboxes' servers; empty: the system's")
    mails_per_sender_per_hour: int = Field(
        default=50, ge=1, description="More of one sender are parked: a machine answers us, and we it"
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
