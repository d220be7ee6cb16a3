"""What vendors deliver to /hooks/<channel>, signed and sealed as they do it. Written for the demo; the same messages on
every run, so that they are known again."""

import base64
import hashlib
import hmac
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from redressctl.demo.words import said_by

_FORM, _JSON, _XML = "application/x-www-form-urlencoded", "application/json", "text/xml"
_SENT = 1_772_414_100
"""2 March 2026, 09:15 in China: when customers wrote."""


@dataclass(frozen=True)
class Delivery:
    body: bytes
    content_type: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Vendor:
    """A kind of channel, the secrets that are agreed with it, and how it delivers one message."""

    kind: str
    label_zh: str
    label_en: str
    language: str
    secrets: Mapping[str, str]
    deliver: Callable[[Mapping[str, str], str], Delivery]
    """(secrets, the address as the vendor was given it) -> what it sends"""
    mapping: Mapping[str, Any] | None = None

    @property
    def channel_id(self) -> str:
        return f"demo-{self.kind.replace('_', '-')}"


def vendors() -> list[Vendor]:
    """Secrets are made anew for each run: setting them again is a rotation."""
    token, aes = _random(), _aes_key()
    return [
        Vendor("wechat_oa", "微信公众号", "WeChat official account", "zh", {"token": token}, _wechat),
        Vendor(
            "wecom",
            "企业微信",
            "WeCom",
            "zh",
            {"token": token, "encoding_aes_key": aes, "corp_id": "ww-demo"},
            _wecom,
        ),
        Vendor("dingtalk_robot", "钉钉机器人", "DingTalk robot", "zh", {"app_secret": _random()}, _dingtalk_robot),
        Vendor(
            "whatsapp",
            "WhatsApp",
            "WhatsApp",
            "en",
            {"app_secret": _random(), "verify_token": _random()},
            _whatsapp,
        ),
        Vendor("twilio_sms", "短信", "SMS by Twilio", "en", {"auth_token": _random()}, _sms),
        Vendor("webhook", "商城工单", "Shop's tickets", "en", {"secret": _random()}, _webhook, _TICKET),
    ]


_TICKET = {
    "fields": {
        "description": {"template": "{$.ticket.subject}\n\n{$.ticket.text}"},
        "customer_name": {"path": "$.ticket.requester.name"},
        "product_family": {"path": "$.ticket.product"},
    },
    "id": "$.ticket.id",
    "sender": "$.ticket.requester.id",
}


def _wechat(secrets: Mapping[str, str], _url: str) -> Delivery:
    nonce, now = "demo", str(int(time.time()))
    signed = {"signature": _tencent(secrets["token"], now, nonce), "timestamp": now, "nonce": nonce}
    return Delivery(_wechat_xml("wechat_oa"), _XML, signed)


def _wecom(secrets: Mapping[str, str], _url: str) -> Delivery:
    encrypted = _sealed(secrets["encoding_aes_key"], _wechat_xml("wecom"), secrets["corp_id"])
    nonce, now = "demo", str(int(time.time()))
    signature = _tencent(secrets["token"], now, nonce, encrypted)
    body = f"<xml><ToUserName>{secrets['corp_id']}</ToUserName><Encrypt>{encrypted}</Encrypt></xml>".encode()
    return Delivery(body, _XML, {"msg_signature": signature, "timestamp": now, "nonce": nonce})


def _dingtalk_robot(secrets: Mapping[str, str], _url: str) -> Delivery:
    now = str(int(time.time() * 1000))
    signed = hmac.digest(secrets["app_secret"].encode(), f"{now}\n{secrets['app_secret']}".encode(), "sha256")
    body = {
        "msgtype": "text",
        "msgId": "demo-dingtalk-1",
        "createAt": _SENT * 1000,
        "senderStaffId": "demo-1",
        "senderNick": "林小北",
        "text": {"content": said_by("dingtalk_robot")},
    }
    return Delivery(_json(body), _JSON, headers={"timestamp": now, "sign": base64.b64encode(signed).decode()})


def _whatsapp(secrets: Mapping[str, str], _url: str) -> Delivery:
    message = {
        "from": "15550102030",
        "id": "wamid.demo-1",
        "timestamp": str(_SENT),
        "type": "text",
        "text": {"body": said_by("whatsapp")},
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550100000", "phone_number_id": "1"},
        "contacts": [{"profile": {"name": "Marta Olsen"}, "wa_id": message["from"]}],
        "messages": [message],
    }
    body = _json(
        {
            "object": "whatsapp_business_account",
            "entry": [{"id": "1", "changes": [{"value": value, "field": "messages"}]}],
        }
    )
    signature = hmac.digest(secrets["app_secret"].encode(), body, "sha256").hex()
    return Delivery(body, _JSON, headers={"X-Hub-Signature-256": f"sha256={signature}"})


def _sms(secrets: Mapping[str, str], url: str) -> Delivery:
    form = {"MessageSid": "SMdemo1", "From": "+15550104050", "To": "+15550100000", "Body": said_by("twilio_sms")}
    signed = url + "".join(f"{name}{value}" for name, value in sorted(form.items()))
    signature = base64.b64encode(hmac.digest(secrets["auth_token"].encode(), signed.encode(), "sha1")).decode()
    return Delivery(urlencode(form).encode(), _FORM, headers={"X-Twilio-Signature": signature})


def _webhook(secrets: Mapping[str, str], _url: str) -> Delivery:
    ticket = {
        "id": "demo-ticket-1",
        "subject": "Rack came loose",
        "text": said_by("webhook"),
        "product": "Aurora e-bike",
        "requester": {"id": "demo-7", "name": "Ines Duarte"},
    }
    body, now = _json({"ticket": ticket}), str(int(time.time()))
    signature = hmac.digest(secrets["secret"].encode(), f"{now}.".encode() + body, "sha256").hex()
    return Delivery(body, _JSON, headers={"X-Timestamp": now, "X-Signature": f"sha256={signature}"})


def _wechat_xml(kind: str) -> bytes:
    fields = {
        "ToUserName": "gh_demo",
        "FromUserName": f"demo-{kind}",
        "CreateTime": str(_SENT),
        "MsgType": "text",
        "Content": said_by(kind),
        "MsgId": f"90000{len(kind)}",
    }
    return (
        "<xml>" + "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items()) + "</xml>"
    ).encode()


def _tencent(token: str, *parts: str) -> str:
    return hashlib.sha1("".join(sorted([token, *parts])).encode(), usedforsecurity=False).hexdigest()


def _sealed(aes_key: str, message: bytes, receiver: str) -> str:
    """AES-256-CBC as the vendor documents it: 16 random bytes, length, message, receiver, padded to 32."""
    key = base64.b64decode(aes_key + "=")
    plain = os.urandom(16) + len(message).to_bytes(4, "big") + message + receiver.encode()
    padding = 32 - len(plain) % 32
    encryptor = Cipher(AES(key), CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()).decode()


def _random() -> str:
    return os.urandom(16).hex()


def _aes_key() -> str:
    return base64.b64encode(os.urandom(32)).decode().rstrip("=")


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()
