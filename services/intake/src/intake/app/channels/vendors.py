"""Who reads what is delivered to a channel, by its kind."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from intake.app.channels import messengers, tencent, webhooks
from intake.domain.channels.entry import Entry
from intake.domain.channels.hook import HookAnswer, HookCall, Secrets
from intake.domain.channels.outcome import Received

Vendor = Callable[[Entry, Secrets, HookCall], Received | HookAnswer]
"""The answer to a handshake, or what was received. Raises NotProven, Unreadable before anything is proven."""

VENDORS: Mapping[str, Vendor] = MappingProxyType(
    {
        "wechat_oa": tencent.wechat_oa,
        "wecom": tencent.wecom,
        "dingtalk": tencent.dingtalk,
        "dingtalk_robot": messengers.robot,
        "whatsapp": messengers.whatsapp,
        "twilio_sms": messengers.twilio_sms,
        "slack": messengers.slack_events,
        "zendesk": webhooks.webhook,
        "shopify": webhooks.webhook,
        "webhook": webhooks.webhook,
    }
)
