"""WhatsApp, Slack, Twilio's SMS and DingTalk's robots."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import msgspec

from intake.adapters.channel_json import read_json
from intake.domain.channels.chats import robot_message, slack_message, twilio_message
from intake.domain.channels.entry import Entry
from intake.domain.channels.hook import HookAnswer, HookCall, NotProven, Secrets, Unreadable, within
from intake.domain.channels.message import UNREADABLE, Message
from intake.domain.channels.options import window_s
from intake.domain.channels.outcome import Outcome, Received
from intake.domain.channels.signatures import (
    dingtalk_robot,
    expect,
    hub_sha256,
    signs_body_apart,
    slack,
    twilio,
    twilio_body_is_right,
)
from intake.domain.channels.whatsapp import whatsapp_messages

_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"
_XML = "text/xml; charset=utf-8"
_OK = HookAnswer()
_MAX_FIELDS = 500


def whatsapp(entry: Entry, secrets: Secrets, call: HookCall) -> Received | HookAnswer:
    if call.method == "GET":
        expect(call.asked("hub.verify_token"), secrets["verify_token"], lambda token: token)
        return HookAnswer(body=call.asked("hub.challenge").encode())
    given = call.headed("x-hub-signature-256")
    expect(given, secrets["app_secret"], lambda secret: hub_sha256(secret, call.body))
    try:
        return Received(whatsapp_messages(read_json(call.body), call.body), lambda _: _OK)
    except Unreadable as error:
        return Received([_unreadable(call.body, _JSON, error)], lambda _: _OK)


def twilio_sms(entry: Entry, secrets: Secrets, call: HookCall) -> Received | HookAnswer:
    """Signed over the full address and the form; of a body that is no form the address holds the digest."""
    apart = signs_body_apart(call.url)
    form = [] if apart or call.method == "GET" else _form(call.body)
    given = call.headed("x-twilio-signature")
    expect(given, secrets["auth_token"], lambda token: twilio(token, call.url, form))
    if apart and not twilio_body_is_right(call.url, call.body):
        raise NotProven("the body is not the one that was signed")
    try:
        message = _twilio_message(call, form, apart=apart)
    except Unreadable as error:
        message = _unreadable(call.body, _JSON, error)
    return Received([message], _twiml)


def slack_events(entry: Entry, secrets: Secrets, call: HookCall) -> Received | HookAnswer:
    timestamp = call.headed("x-slack-request-timestamp")
    given = call.headed("x-slack-signature")
    expect(given, secrets["signing_secret"], lambda secret: slack(secret, timestamp, call.body))
    within(call, timestamp, window_s(entry.kind, entry.options))
    if _kind(call) == _FORM:
        form = dict(_form(call.body))
        return Received([slack_message(form, call.body, _FORM)], _slack_words)
    try:
        document = read_json(call.body)
    except Unreadable as error:
        return Received([_unreadable(call.body, _JSON, error)], lambda _: _OK)
    if isinstance(document, dict) and document.get("type") == "url_verification":
        return HookAnswer(body=str(document.get("challenge", "")).encode("utf-8", "replace"))
    return Received([slack_message(document, call.body, _JSON)], lambda _: _OK)


def robot(entry: Entry, secrets: Secrets, call: HookCall) -> Received | HookAnswer:
    timestamp = call.headed("timestamp")
    expect(call.headed("sign"), secrets["app_secret"], lambda secret: dingtalk_robot(secret, timestamp))
    within(call, timestamp, window_s(entry.kind, entry.options))
    try:
        return Received([robot_message(read_json(call.body), call.body)], _robot_words)
    except Unreadable as error:
        return Received([_unreadable(call.body, _JSON, error)], _robot_words)


def _twilio_message(call: HookCall, form: Sequence[tuple[str, str]], *, apart: bool) -> Message:
    if call.method == "GET":
        return twilio_message(call.query, call.url.partition("?")[2].encode())
    if not apart:
        return twilio_message(dict(form), call.body)
    document: Any = read_json(call.body)
    flat = {name: value for name, value in document.items() if isinstance(value, str)} if document else {}
    return twilio_message(flat, call.body, _JSON)


def _twiml(outcomes: Sequence[Outcome]) -> HookAnswer:
    words = outcomes[0].words()
    message = f"<Message>{escape(words)}</Message>" if words else ""
    return HookAnswer(
        content_type=_XML, body=f'<?xml version="1.0" encoding="UTF-8"?><Response>{message}</Response>'.encode()
    )


def _slack_words(outcomes: Sequence[Outcome]) -> HookAnswer:
    words = outcomes[0].words()
    return HookAnswer(content_type=_JSON, body=msgspec.json.encode({"text": words})) if words else _OK


def _robot_words(outcomes: Sequence[Outcome]) -> HookAnswer:
    words = outcomes[0].words()
    answer: dict[str, Any] = {"msgtype": "text", "text": {"content": words}} if words else {"msgtype": "empty"}
    return HookAnswer(content_type=_JSON, body=msgspec.json.encode(answer))


def _kind(call: HookCall) -> str:
    return call.headers.get("content-type", "").partition(";")[0].strip().lower()


def _form(body: bytes) -> list[tuple[str, str]]:
    """Raises NotProven: what cannot be read was not signed."""
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict")
    except ValueError as error:
        raise NotProven("the form cannot be read") from error


def _unreadable(raw: bytes, content_type: str, error: Unreadable) -> Message:
    return Message(kind="unreadable", raw=raw, content_type=content_type, parked=UNREADABLE, detail=error.detail)
