"""Channels of the registry over a database, and vendors who know how to sign."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from chassis.call import Call, system
from chassis.db import Database
from intake.app.channels.deliver import DeliverHook
from intake.app.channels.registry import Registry
from intake.app.channels.shown import Shown
from intake.app.channels.take import Take
from intake.app.grading_tables import Registrars
from intake.domain.channels.hook import HookAnswer
from intake.domain.channels.signatures import tencent, twilio
from redress.intake.v1 import channels_pb2 as pb

ADMIN = Call("someone", roles=frozenset({"admin"}))
STAFF = Call("agent", roles=frozenset({"customer_service"}))
AES_KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")


class Doors:
    def __init__(self, db: Database) -> None:
        self.db = db
        self.registry = Registry(Shown("https://redress.example"))
        self.deliver = DeliverHook(db, Take(db, Registrars()))

    async def run(self, use_case: Any, request: Any, call: Call = ADMIN) -> Any:
        async with self.db.tx() as tx:
            return await use_case(tx, call, request)

    async def channel(self, kind: str, secrets: dict[str, str], **given: Any) -> pb.Channel:
        name = kind.replace("_", "-")
        documents = {key: json.dumps(given.pop(key)) for key in ("mapping", "options") if key in given}
        request = pb.CreateChannelRequest(
            channel_id=name, kind=kind, label_zh="渠道", label_en="Channel", **given, **documents
        )
        made: pb.Channel = await self.run(self.registry.create, request)
        for secret, value in secrets.items():
            made = await self.rotate(made, secret, value)
        return made

    async def rotate(self, channel: pb.Channel, secret: str, value: str, **given: Any) -> pb.Channel:
        request = pb.SetChannelSecretRequest(
            channel_id=channel.channel_id, secret=secret, value=value, if_version=channel.version, **given
        )
        made: pb.Channel = await self.run(self.registry.set_secret, request)
        return made

    async def shown(self, channel_id: str) -> pb.Channel:
        found: pb.Channel = await self.run(self.registry.get, pb.GetChannelRequest(channel_id=channel_id), STAFF)
        return found

    async def hand_in(self, channel_id: str, body: bytes = b"", method: str = "POST", **given: Any) -> HookAnswer:
        request = pb.DeliverHookRequest(
            channel_id=channel_id,
            method=method,
            url=given.get("url", f"https://redress.example/hooks/{channel_id}"),
            query=[pb.HookPair(name=n, value=v) for n, v in given.get("query", {}).items()],
            headers=[pb.HookPair(name=n, value=v) for n, v in given.get("headers", {}).items()],
            body=body,
        )
        return (await self.deliver(system("gateway"), request)).answer

    async def fetch(self, sql: str, *values: Any) -> list[Any]:
        async with self.db.read() as tx:
            return await tx.fetch(sql, *values)


def unix() -> str:
    return str(int(datetime.now(UTC).timestamp()))


def whatsapp_body(text: str, message_id: str = "wamid.1", sender: str = "8613800138000", **message: Any) -> bytes:
    given = {"from": sender, "id": message_id, "timestamp": unix(), "type": "text", "text": {"body": text}} | message
    contacts = [{"profile": {"name": "王芳"}, "wa_id": sender}]
    value = {"messaging_product": "whatsapp", "contacts": contacts, "messages": [given]}
    return json.dumps({"entry": [{"changes": [{"field": "messages", "value": value}]}]}).encode()


def hub_signed(secret: str, body: bytes) -> dict[str, str]:
    return {"x-hub-signature-256": "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()}


def wechat_query(token: str, *more: str, name: str = "signature") -> dict[str, str]:
    at = unix()
    return {"timestamp": at, "nonce": "n0nce", name: tencent(token, at, "n0nce", *more)}


def wechat_xml(text: str, message_id: str = "1", sender: str = "oUser1", kind: str = "text") -> bytes:
    return (
        f"<xml><ToUserName>gh_1</ToUserName><FromUserName>{sender}</FromUserName><CreateTime>{unix()}</CreateTime>"
        f"<MsgType>{kind}</MsgType><Content>{text}</Content><MsgId>{message_id}</MsgId></xml>"
    ).encode()


def generic_signed(secret: str, body: bytes, at: str = "") -> dict[str, str]:
    at = at or unix()
    signature = hmac.digest(secret.encode(), at.encode() + b"." + body, "sha256").hex()
    return {"x-timestamp": at, "x-signature": f"sha256={signature}", "content-type": "application/json"}


def sms(token: str, url: str, **fields: str) -> tuple[bytes, dict[str, str]]:
    return urlencode(fields).encode(), {"x-twilio-signature": twilio(token, url, fields.items())}


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
