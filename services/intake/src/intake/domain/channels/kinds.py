"""The kinds of channels: the coarse word that figures count by, and the secrets each needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Kind:
    channel: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    hook: bool = False
    """A vendor delivers to /hooks/{channel_id}."""
    window_s: int = 0
    """How old a signed time may be by default; 0 where the vendor signs none."""

    @property
    def secrets(self) -> tuple[str, ...]:
        return (*self.required, *self.optional)


def _hook(channel: str, *required: str, optional: tuple[str, ...] = (), window_s: int = 0) -> Kind:
    return Kind(channel, required, optional, hook=True, window_s=window_s)


_MINUTES_5, _HOUR = 300, 3600
KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "api": Kind("api"),
        "web_form": Kind("web"),
        "phone": Kind("phone"),
        "paper": Kind("paper"),
        "file": Kind("file"),
        "social": Kind("social"),
        "mail": Kind("mail"),
        "imap": Kind("mail", optional=("password",)),
        # A token alone is plain mode; with the AES key and the app id it is safe mode.
        "wechat_oa": _hook("chat", "token", optional=("encoding_aes_key", "app_id"), window_s=_MINUTES_5),
        "wecom": _hook("chat", "token", "encoding_aes_key", "corp_id", window_s=_MINUTES_5),
        "dingtalk": _hook("chat", "token", "aes_key", "owner_key", window_s=_MINUTES_5),
        "dingtalk_robot": _hook("chat", "app_secret", window_s=_HOUR),
        "whatsapp": _hook("chat", "app_secret", "verify_token"),
        "twilio_sms": _hook("sms", "auth_token"),
        "slack": _hook("chat", "signing_secret", window_s=_MINUTES_5),
        "zendesk": _hook("api", "secret", window_s=_MINUTES_5),
        "shopify": _hook("api", "secret"),
        "webhook": _hook("api", "secret", window_s=_MINUTES_5),
        "authority_12315": Kind("authority"),
        "authority_12345": Kind("authority"),
        "heimao": Kind("authority"),
        "authority": Kind("authority"),
    }
)
