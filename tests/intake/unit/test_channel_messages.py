"""Mappings, paths and messages of channels: whatever strangers send."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.errors import Invalid
from intake.adapters.channel_aes import opened, sealed
from intake.adapters.channel_json import read_json
from intake.adapters.channel_paths import fault_of, first_text
from intake.adapters.channel_xml import read_xml
from intake.app.channels.webhooks import payload_message
from intake.domain.channels.chats import dingtalk_event, robot_message, slack_message, twilio_message
from intake.domain.channels.complaint import complaint_of
from intake.domain.channels.entry import Entry
from intake.domain.channels.hook import HookCall, NotProven, Unreadable, within
from intake.domain.channels.mapping import FIELDS, expect_mapping
from intake.domain.channels.message import REASONS, Message
from intake.domain.channels.options import expect_options, signing
from intake.domain.channels.signatures import base64_sha256, dingtalk_robot, expect, same
from intake.domain.channels.wechat import wechat_message
from intake.domain.channels.whatsapp import whatsapp_messages
from intake.domain.complaint import Submission

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
NAMES = st.sampled_from(["a", "b", "ticket", "text", "entry", "messages", "from", "type"])
STEPS = st.one_of(
    NAMES.map(lambda name: f".{name}"),
    NAMES.map(lambda name: f"['{name}']"),
    st.integers(-3, 3).map(lambda n: f"[{n}]"),
    st.sampled_from(["[*]", ".*", "[1:3]", "[?@.a == 'x']", "[?@.b]", "..a"]),
)
PATHS = st.lists(STEPS, min_size=1, max_size=6).map(lambda steps: "$" + "".join(steps))


@given(PATHS | st.text(max_size=30), JSON)
@settings(max_examples=100)
def test_a_path_that_was_accepted_never_fails_on_any_payload(path: str, payload: Any) -> None:
    if not fault_of(path):
        assert isinstance(first_text(path, payload), str)


@given(JSON)
@settings(max_examples=100)
def test_any_document_as_a_mapping_is_accepted_or_refused_by_name(document: Any) -> None:
    with suppress(Invalid):
        expect_mapping(document, fault_of)


@given(
    st.dictionaries(
        st.sampled_from(sorted(FIELDS)),
        PATHS.filter(lambda path: not fault_of(path)).map(lambda path: {"path": path}),
        max_size=5,
    ),
    JSON,
)
@settings(max_examples=100)
def test_whatever_a_mapping_finds_is_a_complaint_or_named_as_unfit(fields: dict[str, Any], payload: Any) -> None:
    document = {"fields": fields, "id": "$..id", "sender": "$..from"}
    expect_mapping(document, fault_of)
    entry = Entry("x", "webhook", "api", mapping=document)
    message = payload_message(entry, payload, b"raw", "application/json")
    assert message.parked in ("", *REASONS)
    with suppress(Invalid):
        assert isinstance(complaint_of(entry, message, "id", NOW), Submission)


@given(JSON)
@settings(max_examples=100)
def test_every_vendor_reads_any_json_as_words_or_parks_it(payload: Any) -> None:
    raw = json.dumps(payload).encode()
    fields = payload if isinstance(payload, dict) else {}
    flat = {str(name): str(value) for name, value in fields.items()}
    messages = [
        *whatsapp_messages(payload, raw),
        robot_message(payload, raw),
        dingtalk_event(payload, raw),
        slack_message(payload, raw, "application/json"),
        wechat_message(fields, raw),
        twilio_message(flat, raw),
    ]
    assert all(message.parked in ("", *REASONS) for message in messages)


@pytest.mark.parametrize(
    "path",
    [
        "$..a..b",
        "$[?count($.*) > 1]",
        "$[?match(@.a, '(a+)+$')]",
        "$[0,0,0][0,0,0]",
        "a.b",
        "$.a |",
        "$" + ".a" * 150,
        "$[?@.a == $.b]",
    ],
)
def test_a_path_that_could_cost_more_than_its_payload_is_refused(path: str) -> None:
    assert fault_of(path)


def test_a_payload_of_many_nodes_is_searched_in_linear_time() -> None:
    payload = {"items": [{"a": {"b": [None] * 10}} for _ in range(3_000)]}
    assert first_text("$..nowhere", payload) == ""


def test_bombs_and_depths_are_unreadable() -> None:
    for body in (
        b'<!DOCTYPE x [<!ENTITY a "b">]><xml>&a;</xml>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml/>',
        b"<xml>" + b"<a>" * 100 + b"</a>" * 100 + b"</xml>",
        b"<xml>",
        b"\xff\xfe",
        b"",
    ):
        with pytest.raises(Unreadable):
            read_xml(body)
    for body in (b"[" * 100_000, b"[" * 100 + b"]" * 100, b"{", b"\xff", b"NaN"):
        with pytest.raises(Unreadable):
            read_json(body)


@given(st.binary(max_size=200), st.text(max_size=20))
@settings(max_examples=100)
def test_an_envelope_opens_for_its_receiver_only(message: bytes, receiver: str) -> None:
    receiver = receiver.encode("utf-8", "ignore").decode()
    envelope = sealed(AES_KEY, message, receiver)
    assert opened(AES_KEY, envelope, receiver) == message
    with pytest.raises(NotProven):
        opened(AES_KEY, envelope, receiver + "x")
    with pytest.raises(NotProven):
        opened("B" * 42 + "A", envelope, receiver)


@given(st.text(max_size=100))
def test_what_is_no_envelope_is_not_proven(text: str) -> None:
    with pytest.raises(NotProven):
        opened(AES_KEY, text, "receiver")


@pytest.mark.parametrize(
    ("timestamp", "fits"),
    [("1795413600", True), ("1795413600000", True), ("1795413299", False), ("1795413901", False)]
    + [(text, False) for text in ("", "x", "-1", "9" * 30, "1e9", "１７９５４１３６００")],
)
def test_a_signed_time_lies_within_its_window(timestamp: str, fits: bool) -> None:
    call = HookCall("POST", "", {}, {}, b"", datetime.fromtimestamp(1795413600, UTC))
    if fits:
        within(call, timestamp, 300)
    else:
        with pytest.raises(NotProven):
            within(call, timestamp, 300)


def test_every_valid_secret_counts_and_no_other() -> None:
    def signature(secret: str) -> str:
        return dingtalk_robot(secret, "1795413600000")

    assert expect(signature("old"), ("new", "old"), signature) == "old"
    for given_signature in ("", signature("other"), "ключ"):
        with pytest.raises(NotProven):
            expect(given_signature, ("new", "old"), signature)
    assert not same("a", "á")


def test_zendesk_and_shopify_are_presets_of_the_generic_webhook() -> None:
    assert signing("zendesk", {}).signed == "{timestamp}{body}"
    assert signing("shopify", {}).id_header == "x-shopify-webhook-id"
    # Computed with: printf '{"id":1}' | openssl dgst -sha256 -hmac hush -binary | base64
    assert base64_sha256("hush", b'{"id":1}') == "VnKUjZsLuN5iZWjn5EntcBVCF9kMN43LglzCE1/GSeY="


def test_a_header_or_window_that_a_kind_does_not_have_is_refused() -> None:
    expect_options("webhook", {"window_s": 60, "signature_header": "x-mine", "reply": False})
    for kind, options in (("phone", {"window_s": 60}), ("shopify", {"window_s": 60}), ("webhook", {"prefix": "\n"})):
        with pytest.raises(Invalid):
            expect_options(kind, options)


def test_an_old_time_of_the_vendor_is_not_when_we_received_it() -> None:
    entry = Entry("x", "wechat_oa", "chat")
    message = Message(
        kind="text", raw=b"", content_type="", text="It is broken", sent_at=datetime(2013, 1, 1, tzinfo=UTC)
    )
    assert complaint_of(entry, message, "1", NOW).t_received == NOW
