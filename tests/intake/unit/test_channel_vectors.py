"""Vendors' own signature vectors and payloads, where the data lies beside the checkout."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from intake.adapters.channel_aes import opened
from intake.adapters.channel_json import read_json
from intake.adapters.channel_xml import read_xml
from intake.app.channels.vendors import VENDORS
from intake.domain.channels.entry import Entry
from intake.domain.channels.hook import HookAnswer, HookCall, NotProven
from intake.domain.channels.message import REASONS
from intake.domain.channels.outcome import Outcome, Received
from intake.domain.channels.signatures import tencent, twilio, twilio_body_is_right
from intake.domain.channels.wechat import wechat_message
from intake.domain.channels.whatsapp import whatsapp_messages

DATA = Path(__file__).parents[4] / "shared/data/webhooks"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the vendors' vectors are not beside the checkout")


def vectors(channel: str, mode: str = "") -> list[dict[str, Any]]:
    rows = json.loads((DATA / "signature_vectors.json").read_text("utf-8"))
    found = [row for row in rows if row["channel"].startswith(channel) and mode in row["mode"]]
    assert found, (channel, mode)
    return found


def call(method: str, at: str = "0", **given: Any) -> HookCall:
    seconds = int(at) / 1000 if len(at) > 11 else int(at)
    usual = {"url": "", "query": {}, "headers": {}, "body": b""}
    return HookCall(method=method, arrived_at=datetime.fromtimestamp(seconds, UTC), **(usual | given))


def entry(kind: str) -> Entry:
    return Entry("some-channel", kind, "chat")


@needs_data
def test_the_official_account_proves_itself_in_plain_mode() -> None:
    [vector] = vectors("wechat_official_account", "plaintext")
    query = vector["request"]["query"] | {"echostr": "hello"}
    secrets = {"token": (vector["secret"]["token"],)}
    answer = VENDORS["wechat_oa"](entry("wechat_oa"), secrets, call("GET", query["timestamp"], query=query))
    assert isinstance(answer, HookAnswer)
    assert answer.body == b"hello"
    for changed in ({"nonce": "tset"}, {"timestamp": "1410685590"}, {"signature": "0" * 40}):
        with pytest.raises(NotProven):
            VENDORS["wechat_oa"](entry("wechat_oa"), secrets, call("GET", query["timestamp"], query=query | changed))


@needs_data
def test_the_safe_mode_of_an_official_account_opens_for_its_own_app_only() -> None:
    [vector] = vectors("wechat_official_account", "aes_only")
    secret, encrypted = vector["secret"], vector["request"]["encrypt"]
    assert opened(secret["encoding_aes_key"], encrypted, secret["receiveid"]).decode() == vector["decrypted"]
    with pytest.raises(NotProven):
        opened(secret["encoding_aes_key"], encrypted, "wx0000000000000000")


@needs_data
def test_wecom_checks_its_address_and_refuses_another_nonce() -> None:
    good, altered = vectors("wecom", "url_verify")
    for vector in (good, altered):
        given, secret = vector["request"]["query"], vector["secret"]
        secrets = {
            "token": ("another, newer token", secret["token"]),
            "encoding_aes_key": (secret["encoding_aes_key"],),
            "corp_id": (secret["receiveid"],),
        }
        made = call("GET", given["timestamp"], query=given)
        if vector.get("expect_valid", True):
            answer = VENDORS["wecom"](entry("wecom"), secrets, made)
            assert isinstance(answer, HookAnswer)
            assert answer.body.decode() == vector["decrypted"]
        else:
            with pytest.raises(NotProven):
                VENDORS["wecom"](entry("wecom"), secrets, made)


@needs_data
def test_a_message_of_wecom_is_opened_and_answered_in_the_same_envelope() -> None:
    [vector] = vectors("wecom", "encrypted_message")
    given, secret = vector["request"], vector["secret"]
    secrets = {
        "token": (secret["token"],),
        "encoding_aes_key": (secret["encoding_aes_key"],),
        "corp_id": (secret["receiveid"],),
    }
    made = call("POST", given["query"]["timestamp"], query=given["query"], body=given["body"].encode())
    received = VENDORS["wecom"](entry("wecom"), secrets, made)
    assert isinstance(received, Received)
    [message] = received.messages
    assert message.sender
    assert received.answer([Outcome("parked")]).body == b""
    reply = read_xml(received.answer([Outcome("registered", number="C26-0000001")]).body)
    signed = tencent(secret["token"], reply["TimeStamp"], reply["Nonce"], reply["Encrypt"])
    assert reply["MsgSignature"] == signed
    assert b"C26-0000001" in opened(secret["encoding_aes_key"], reply["Encrypt"], secret["receiveid"])
    for late in (301, -301):
        moved = str(int(given["query"]["timestamp"]) + late)
        with pytest.raises(NotProven):
            VENDORS["wecom"](
                entry("wecom"), secrets, call("POST", moved, query=given["query"], body=given["body"].encode())
            )


@needs_data
def test_the_callback_of_dingtalk_is_answered_with_an_encrypted_success() -> None:
    [vector] = vectors("dingtalk", "http_event_callback")
    given, secret = vector["request"], vector["secret"]
    body = json.dumps(given["body"]).encode()
    made = call("POST", given["query"]["timestamp"], query=given["query"], body=body)
    secrets = {"token": (secret["token"],), "aes_key": (secret["aes_key"],), "owner_key": (secret["owner_key"],)}
    answer = VENDORS["dingtalk"](entry("dingtalk"), secrets, made)
    assert isinstance(answer, HookAnswer)
    told = read_json(answer.body)
    assert told["msg_signature"] == tencent(secret["token"], told["timeStamp"], told["nonce"], told["encrypt"])
    assert opened(secret["aes_key"], told["encrypt"], secret["owner_key"]) == b"success"
    with pytest.raises(NotProven):
        VENDORS["dingtalk"](entry("dingtalk"), secrets | {"owner_key": ("ding000",)}, made)


@needs_data
def test_twilio_signs_the_address_and_the_form() -> None:
    [vector] = vectors("twilio", "form_post")
    given, secret = vector["request"], vector["secret"]["auth_token"]
    headers = {"x-twilio-signature": given["headers"]["X-Twilio-Signature"]}
    body = urlencode(given["form"]).encode()
    made = call("POST", url=given["url"], headers=headers, body=body)
    received = VENDORS["twilio_sms"](entry("twilio_sms"), {"auth_token": (secret,)}, made)
    assert isinstance(received, Received)
    assert received.messages[0].parked == "event", "a call is no message"
    for changed in (
        call("POST", url=given["url"] + "&x=1", headers=headers, body=body),
        call("POST", url=given["url"], headers=headers, body=body + b"1"),
        call("POST", url=given["url"], body=body),
    ):
        with pytest.raises(NotProven):
            VENDORS["twilio_sms"](entry("twilio_sms"), {"auth_token": (secret,)}, changed)


@needs_data
def test_twilio_signs_the_digest_of_a_json_body() -> None:
    [vector] = vectors("twilio", "json_body")
    url, body = vector["request"]["url"], vector["request"]["body"].encode()
    assert twilio_body_is_right(url, body)
    secret = vector["secret"]["auth_token"]
    headers = {"x-twilio-signature": twilio(secret, url, [])}
    good = call("POST", url=url, headers=headers, body=body)
    assert isinstance(VENDORS["twilio_sms"](entry("twilio_sms"), {"auth_token": (secret,)}, good), Received)
    with pytest.raises(NotProven):
        other = call("POST", url=url, headers=headers, body=body + b" ")
        VENDORS["twilio_sms"](entry("twilio_sms"), {"auth_token": (secret,)}, other)


@needs_data
def test_slack_signs_the_time_and_the_body() -> None:
    [vector] = vectors("slack")
    given = vector["request"]
    headers = {name.lower(): value for name, value in given["headers"].items()}
    headers["content-type"] = "application/x-www-form-urlencoded"
    at, secrets = headers["x-slack-request-timestamp"], {"signing_secret": (vector["secret"]["signing_secret"],)}
    received = VENDORS["slack"](entry("slack"), secrets, call("POST", at, headers=headers, body=given["body"].encode()))
    assert isinstance(received, Received)
    assert received.messages[0].kind == "/webhook-collect"
    with pytest.raises(NotProven):
        VENDORS["slack"](
            entry("slack"), secrets, call("POST", str(int(at) + 301), headers=headers, body=given["body"].encode())
        )
    with pytest.raises(NotProven):
        VENDORS["slack"](entry("slack"), secrets, call("POST", at, headers=headers, body=b"token=other"))


@needs_data
def test_whatsapp_signs_the_body() -> None:
    [vector] = vectors("whatsapp")
    given = vector["request"]
    headers = {name.lower(): value for name, value in given["headers"].items()}
    secrets = {"app_secret": (vector["secret"]["app_secret"],), "verify_token": ("v",)}
    received = VENDORS["whatsapp"](
        entry("whatsapp"), secrets, call("POST", headers=headers, body=given["body"].encode())
    )
    assert isinstance(received, Received)
    assert received.messages[0].parked == "unreadable", "proven, and no JSON"
    with pytest.raises(NotProven):
        VENDORS["whatsapp"](entry("whatsapp"), secrets, call("POST", headers=headers, body=b"Test"))


@needs_data
def test_every_payload_is_taken_by_its_words_or_parked_with_a_reason() -> None:
    seen: dict[str, int] = {}
    for path in sorted(DATA.glob("*.xml")):
        message = wechat_message(read_xml(path.read_bytes()), path.read_bytes())
        assert message.parked in ("", *REASONS)
        assert bool(message.text) == (not message.parked), path.name
        seen[message.parked or "words"] = seen.get(message.parked or "words", 0) + 1
    for path in sorted(DATA.glob("whatsapp*.json")):
        for message in whatsapp_messages(json.loads(path.read_bytes()), path.read_bytes()):
            assert message.parked in ("", *REASONS)
            assert message.message_id, path.name
            assert bool(message.text) == (not message.parked), path.name
            seen[message.parked or "words"] = seen.get(message.parked or "words", 0) + 1
    assert {"words", "media", "event", "status", "location"} <= seen.keys(), seen
