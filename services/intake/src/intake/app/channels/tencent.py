"""WeChat official accounts, WeCom and DingTalk's callback: one way to sign, one envelope."""

import secrets as random
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

import msgspec

from intake.adapters.channel_aes import opened, sealed
from intake.adapters.channel_json import read_json
from intake.adapters.channel_xml import read_xml
from intake.domain.channels.chats import dingtalk_event
from intake.domain.channels.entry import Entry
from intake.domain.channels.hook import HookAnswer, HookCall, NotProven, Secrets, Unreadable, within
from intake.domain.channels.message import UNREADABLE, Message, said
from intake.domain.channels.options import window_s
from intake.domain.channels.outcome import Outcome, Received
from intake.domain.channels.signatures import expect, tencent
from intake.domain.channels.wechat import wechat_message

_XML, _JSON = "application/xml; charset=utf-8", "application/json"
_SUCCESS = HookAnswer(body=b"success")
_EMPTY = HookAnswer()


def wechat_oa(entry: Entry, secrets: Secrets, call: HookCall) -> Received | HookAnswer:
    """Plain mode by a token alone. With an AES key only safe mode is taken: in plain mode the body is not signed."""
    if call.method == "GET":
        _signed(entry, secrets, call, "signature")
        return HookAnswer(body=call.asked("echostr").encode())
    if not secrets.get("encoding_aes_key"):
        _signed(entry, secrets, call, "signature")
        return _received(entry, call, call.body, None)
    token, receiver = _signed_envelope(entry, secrets, call), secrets.get("app_id", ("",))[0]
    plain, aes_key = _opened(secrets["encoding_aes_key"], _encrypted(call.body), receiver)
    return _received(entry, call, plain, _Envelope(token, aes_key, receiver))


def wecom(entry: Entry, secrets: Secrets, call: HookCall) -> Received | HookAnswer:
    receiver = secrets["corp_id"][0]
    if call.method == "GET":
        echo = call.asked("echostr")
        _signed(entry, secrets, call, "msg_signature", echo)
        return HookAnswer(body=_opened(secrets["encoding_aes_key"], echo, receiver)[0])
    token = _signed_envelope(entry, secrets, call)
    plain, aes_key = _opened(secrets["encoding_aes_key"], _encrypted(call.body), receiver)
    return _received(entry, call, plain, _Envelope(token, aes_key, receiver))


def dingtalk(entry: Entry, secrets: Secrets, call: HookCall) -> Received | HookAnswer:
    """Each answer is an encrypted "success", also the one to the check of the address."""
    given = read_json(call.body)
    encrypted = said(given.get("encrypt")) if isinstance(given, dict) else ""
    named = "msg_signature" if "msg_signature" in call.query else "signature"
    token, receiver = _signed(entry, secrets, call, named, encrypted), secrets["owner_key"][0]
    plain, aes_key = _opened(secrets["aes_key"], encrypted, receiver)
    envelope = _Envelope(token, aes_key, receiver)
    answer = HookAnswer(content_type=_JSON, body=envelope.json(b"success", call))
    try:
        message = dingtalk_event(read_json(plain), plain)
    except Unreadable as error:
        message = _unreadable(plain, _JSON, error)
    if message.kind == "check_url":
        return answer
    return Received([message], lambda _: answer)


class _Envelope:
    """How an answer is sealed for the vendor."""

    def __init__(self, token: str, aes_key: str, receiver: str) -> None:
        self._token, self._aes_key, self._receiver = token, aes_key, receiver

    def xml(self, message: bytes, call: HookCall) -> bytes:
        made = self._made(message, str(int(call.arrived_at.timestamp())))
        return (
            f"<xml><Encrypt>{made['encrypt']}</Encrypt><MsgSignature>{made['msg_signature']}</MsgSignature>"
            f"<TimeStamp>{made['timeStamp']}</TimeStamp><Nonce>{made['nonce']}</Nonce></xml>"
        ).encode()

    def json(self, message: bytes, call: HookCall) -> bytes:
        return msgspec.json.encode(self._made(message, str(int(call.arrived_at.timestamp() * 1000))))

    def _made(self, message: bytes, timestamp: str) -> dict[str, str]:
        encrypted, nonce = sealed(self._aes_key, message, self._receiver), random.token_hex(8)
        signature = tencent(self._token, timestamp, nonce, encrypted)
        return {"msg_signature": signature, "timeStamp": timestamp, "nonce": nonce, "encrypt": encrypted}


def _signed(entry: Entry, secrets: Secrets, call: HookCall, name: str, *more: str) -> str:
    """The token by which the call is signed."""
    timestamp, nonce = call.asked("timestamp"), call.asked("nonce")
    token = expect(call.asked(name), secrets["token"], lambda token: tencent(token, timestamp, nonce, *more))
    within(call, timestamp, window_s(entry.kind, entry.options))
    return token


def _signed_envelope(entry: Entry, secrets: Secrets, call: HookCall) -> str:
    return _signed(entry, secrets, call, "msg_signature", _encrypted(call.body))


def _encrypted(body: bytes) -> str:
    return said(read_xml(body).get("Encrypt"))


def _opened(aes_keys: Sequence[str], encrypted: str, receiver: str) -> tuple[bytes, str]:
    """The message and the key that opened it."""
    refused = NotProven("nothing is encrypted")
    for aes_key in aes_keys:
        try:
            return opened(aes_key, encrypted, receiver), aes_key
        except NotProven as error:
            refused = error
    raise refused


def _received(entry: Entry, call: HookCall, plain: bytes, envelope: _Envelope | None) -> Received:
    """The sender is proven: of the message itself nothing may fail any more."""
    try:
        fields = read_xml(plain)
    except Unreadable as error:
        return Received([_unreadable(plain, "application/xml", error)], lambda _: _usual(entry))

    def answer(outcomes: Sequence[Outcome]) -> HookAnswer:
        words = outcomes[0].words()
        if not words:
            return _usual(entry)
        reply = _reply(fields, words, int(call.arrived_at.timestamp()))
        return HookAnswer(content_type=_XML, body=envelope.xml(reply, call) if envelope else reply)

    return Received([wechat_message(fields, plain)], answer)


def _usual(entry: Entry) -> HookAnswer:
    return _SUCCESS if entry.kind == "wechat_oa" else _EMPTY


def _reply(fields: Mapping[str, Any], words: str, timestamp: int) -> bytes:
    """A passive reply: a text back to the sender."""
    to, own = escape(said(fields.get("FromUserName"))), escape(said(fields.get("ToUserName")))
    return (
        f"<xml><ToUserName>{to}</ToUserName><FromUserName>{own}</FromUserName><CreateTime>{timestamp}</CreateTime>"
        f"<MsgType>text</MsgType><Content>{escape(words)}</Content></xml>"
    ).encode()


def _unreadable(raw: bytes, content_type: str, error: Unreadable) -> Message:
    return Message(kind="unreadable", raw=raw, content_type=content_type, parked=UNREADABLE, detail=error.detail)
