"""What vendors deliver becomes complaints, contacts, or waits for a person: over a real database."""

import json
from typing import Any

import pytest

from chassis.errors import Conflict, Forbidden, Invalid, StaleVersion
from intake.adapters.channel_aes import opened, sealed
from intake.adapters.channel_xml import read_xml
from intake.app.channels.try_out import try_channel
from intake.app.grading_tables import Registrars
from intake.app.queries import get_complaint
from intake.app.submissions.look import get_submission
from intake.app.submissions.promote import Promote
from redress.intake.v1 import channels_pb2 as pb
from redress.intake.v1 import intake_pb2
from tests.intake.channel_doors import (
    ADMIN,
    AES_KEY,
    STAFF,
    Doors,
    generic_signed,
    hub_signed,
    sms,
    unix,
    wechat_query,
    wechat_xml,
    whatsapp_body,
)

WHATSAPP = {"app_secret": "app secret", "verify_token": "verify me"}
TEXT = "仪表盘在高速行驶时突然黑屏,重启以后恢复"


@pytest.fixture
def doors(service_db: Any) -> Doors:
    return Doors(service_db("intake"))


async def submissions(doors: Doors) -> list[tuple[str, str]]:
    rows = await doors.fetch("SELECT state, reason FROM submissions ORDER BY received_at, submission_id")
    return [(row["state"], row["reason"]) for row in rows]


async def test_a_message_becomes_a_complaint_and_the_same_one_again_the_same_answer(doors: Doors) -> None:
    await doors.channel("wechat_oa", {"token": "t0ken"}, language="zh", product_family="A6")
    for _ in range(2):
        answer = await doors.hand_in("wechat-oa", wechat_xml(TEXT), query=wechat_query("t0ken"))
        assert answer.status == 200
        assert "C" in read_xml(answer.body)["Content"]
    [row] = await doors.fetch("SELECT * FROM complaints")
    assert (row["channel"], row["channel_id"], row["product_family"]) == ("chat", "wechat-oa", "A6")
    assert row["registered_by"] == "channel:wechat-oa"
    assert await submissions(doors) == [("registered", "")]
    counts = {one.outcome: one.n for one in (await doors.shown("wechat-oa")).counts}
    assert counts == {"registered": 1, "existing": 1}


async def test_what_the_same_sender_says_next_belongs_to_the_complaint_while_it_is_open(doors: Doors) -> None:
    await doors.channel("whatsapp", WHATSAPP)
    for n, text in enumerate((TEXT, "It happened again this morning, on the way to work"), 1):
        body = whatsapp_body(text, f"wamid.{n}")
        await doors.hand_in("whatsapp", body, headers=hub_signed("app secret", body))
    picture = whatsapp_body("", "wamid.3", type="image", image={"id": "9"})
    await doors.hand_in("whatsapp", picture, headers=hub_signed("app secret", picture))
    other = whatsapp_body("The pump leaks at the shaft seal", "wamid.4", sender="4915112345678")
    await doors.hand_in("whatsapp", other, headers=hub_signed("app secret", other))
    assert len(await doors.fetch("SELECT FROM complaints")) == 2
    assert len(await doors.fetch("SELECT FROM contacts WHERE channel = 'chat'")) == 1
    states = await submissions(doors)
    assert sorted(states) == [("parked", "media"), ("registered", ""), ("registered", ""), ("registered", "")]
    [parked] = await doors.fetch("SELECT complaint_id FROM submissions WHERE state = 'parked'")
    assert parked["complaint_id"] is not None, "the picture waits beside the complaint it belongs to"
    await doors.fetch("UPDATE complaints SET state = 'closed' RETURNING 1")
    body = whatsapp_body("The new part is broken, too: it does not start", "wamid.5")
    await doors.hand_in("whatsapp", body, headers=hub_signed("app secret", body))
    assert len(await doors.fetch("SELECT FROM complaints")) == 3


async def test_a_wrong_signature_is_refused_counted_and_kept_nowhere(doors: Doors) -> None:
    await doors.channel("whatsapp", WHATSAPP)
    body = whatsapp_body(TEXT)
    answer = await doors.hand_in("whatsapp", body, headers=hub_signed("another secret", body))
    assert answer.status == 401
    assert not await doors.fetch("SELECT FROM submissions")
    assert [(one.outcome, one.n) for one in (await doors.shown("whatsapp")).counts] == [("refused", 1)]


async def test_handshakes_are_answered_as_the_vendors_want_them(doors: Doors) -> None:
    await doors.channel("whatsapp", WHATSAPP)
    query = {"hub.mode": "subscribe", "hub.verify_token": "verify me", "hub.challenge": "1158201444"}
    assert (await doors.hand_in("whatsapp", method="GET", query=query)).body == b"1158201444"
    wrong = query | {"hub.verify_token": "guess"}
    assert (await doors.hand_in("whatsapp", method="GET", query=wrong)).status == 401


async def test_a_rotated_secret_counts_for_its_grace_period_only(doors: Doors) -> None:
    channel = await doors.channel("whatsapp", WHATSAPP)
    channel = await doors.rotate(channel, "app_secret", "newer")
    shown = {one.name: one for one in channel.secrets}
    assert shown["app_secret"].set
    assert shown["app_secret"].HasField("old_valid_until")
    assert "newer" not in str(channel)
    for n, secret in enumerate(("app secret", "newer")):
        body = whatsapp_body(TEXT, f"wamid.{n}")
        assert (await doors.hand_in("whatsapp", body, headers=hub_signed(secret, body))).status == 200
    await doors.rotate(channel, "app_secret", "newest", grace_hours=0)
    body = whatsapp_body(TEXT, "wamid.9")
    assert (await doors.hand_in("whatsapp", body, headers=hub_signed("newer", body))).status == 401
    [row] = await doors.fetch("SELECT sealed FROM channel_secrets WHERE name = 'app_secret' AND valid_until IS NULL")
    assert b"newest" not in row["sealed"]


async def test_safe_mode_is_opened_and_answered_in_the_envelope(doors: Doors) -> None:
    secrets = {"token": "t0ken", "encoding_aes_key": AES_KEY, "corp_id": "ww1"}
    await doors.channel("wecom", secrets, options={"conversation_hours": 0})
    encrypted = sealed(AES_KEY, wechat_xml(TEXT), "ww1")
    body = f"<xml><ToUserName>ww1</ToUserName><Encrypt>{encrypted}</Encrypt></xml>".encode()
    query = wechat_query("t0ken", encrypted, name="msg_signature")
    answer = await doors.hand_in("wecom", body, query=query)
    reply = opened(AES_KEY, read_xml(answer.body)["Encrypt"], "ww1").decode()
    [row] = await doors.fetch("SELECT number FROM complaints")
    assert row["number"] in reply


async def test_an_entity_bomb_is_parked_when_it_is_proven_and_refused_when_not(doors: Doors) -> None:
    await doors.channel("wechat_oa", {"token": "t0ken"})
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{lol}]><xml><Content>&l9;</Content></xml>'.encode()
    assert (await doors.hand_in("wechat-oa", bomb, query=wechat_query("t0ken"))).body == b"success"
    assert await submissions(doors) == [("parked", "unreadable")]
    assert (await doors.hand_in("wechat-oa", bomb, query=wechat_query("wrong"))).status == 401


async def test_an_sms_is_answered_in_twiml(doors: Doors) -> None:
    await doors.channel("twilio_sms", {"auth_token": "12345"}, language="en")
    url = "https://redress.example/hooks/twilio-sms"
    body, headers = sms("12345", url, MessageSid="SM1", From="+4915112345678", Body="The pump leaks at the shaft seal")
    answer = await doors.hand_in("twilio-sms", body, headers=headers, url=url)
    [row] = await doors.fetch("SELECT number, channel FROM complaints")
    assert f"<Message>Your complaint is registered under {row['number']}.</Message>" in answer.body.decode()
    assert row["channel"] == "sms"
    proxied = await doors.hand_in("twilio-sms", body, headers=headers, url="http://10.0.0.7:8080/hooks/twilio-sms")
    assert proxied.status == 401, "the address is signed"


async def test_a_generic_webhook_maps_its_fields_by_paths(doors: Doors) -> None:
    mapping = {
        "id": "$.ticket.id",
        "sender": "$.ticket.requester.id",
        "fields": {
            "description": {"template": "{$.ticket.subject}\n\n{$.ticket.body}"},
            "customer_name": {"path": "$.ticket.requester.name"},
            "product_family": {"path": "$..product", "default": "unspecified"},
            "remedy_wanted": {"path": "$.ticket.wants"},
            "injury_or_fire": {"path": "$.ticket.injury"},
        },
        "values": {"remedy_wanted": {"money back": "refund", "*": "other"}},
        "only_if": {"path": "$.type", "in": ["complaint"]},
    }
    await doors.channel("webhook", {"secret": "s3cret"}, mapping=mapping)
    ticket = {"id": 7, "subject": "Display", "body": "It goes dark", "requester": {"id": "u1", "name": "Ann Miller"}}
    ticket |= {"wants": "money back", "injury": False, "items": [{"product": "A6"}]}
    body = json.dumps({"type": "complaint", "ticket": ticket}).encode()
    told = json.loads((await doors.hand_in("webhook", body, headers=generic_signed("s3cret", body))).body)
    assert told["outcome"] == "registered"
    [row] = await doors.fetch("SELECT * FROM complaints")
    assert (row["product_family"], row["remedy_wanted"], row["injury_or_fire"]) == ("A6", "refund", "no")
    assert (row["external_id"], row["channel"]) == ("7", "api")
    other = json.dumps({"type": "survey", "ticket": {"id": 8}}).encode()
    told = json.loads((await doors.hand_in("webhook", other, headers=generic_signed("s3cret", other))).body)
    assert (told["outcome"], told["reason"]) == ("parked", "not_wanted")
    late = generic_signed("s3cret", body, str(int(unix()) - 301))
    assert (await doors.hand_in("webhook", body, headers=late)).status == 401


async def test_a_channel_that_is_unknown_or_switched_off_is_not_there(doors: Doors) -> None:
    channel = await doors.channel("whatsapp", WHATSAPP)
    request = pb.UpdateChannelRequest(channel_id="whatsapp", if_version=channel.version, enabled=False)
    await doors.run(doors.registry.update, request)
    answers = {(await doors.hand_in(name)) for name in ("whatsapp", "nobody", "phone")}
    assert {(answer.status, answer.body) for answer in answers} == {(404, b"there is no such channel")}


async def test_trying_a_payload_tells_what_would_become_of_it_and_keeps_nothing(doors: Doors) -> None:
    await doors.channel("whatsapp", WHATSAPP)
    request = pb.TryChannelRequest(channel_id="whatsapp", payload=whatsapp_body(TEXT).decode())
    [tried] = (await doors.run(try_channel, request, STAFF)).messages
    assert (tried.outcome, json.loads(tried.fields)["customer_phone"]) == ("registered", "+8613800138000")
    assert not await doors.fetch("SELECT FROM submissions")
    with pytest.raises(Invalid):
        await doors.run(try_channel, pb.TryChannelRequest(channel_id="whatsapp", payload="{"), STAFF)


async def test_only_administrators_change_the_registry(doors: Doors) -> None:
    request = pb.CreateChannelRequest(channel_id="x", kind="phone", label_zh="电话", label_en="Phone")
    with pytest.raises(Forbidden):
        await doors.run(doors.registry.create, request, STAFF)
    made = await doors.run(doors.registry.create, request)
    with pytest.raises(Conflict):
        await doors.run(doors.registry.create, request)
    with pytest.raises(StaleVersion):
        await doors.run(doors.registry.update, pb.UpdateChannelRequest(channel_id="x", if_version=9, enabled=False))
    await doors.run(doors.registry.delete, pb.DeleteChannelRequest(channel_id="x", if_version=made.version))
    names = {row["channel_id"] for row in await doors.fetch("SELECT channel_id FROM channels")}
    assert {"api", "web", "phone", "paper", "mail", "file"} <= names
    assert "x" not in names


UNFIT: list[tuple[dict[str, str], str]] = [
    ({"kind": "pigeon"}, "kind"),
    ({"channel_id": "Not A Name"}, "channel_id"),
    ({"label_zh": ""}, "label_zh"),
    ({"mapping": '{"fields": {"colour": {"constant": "red"}}}'}, "mapping.fields.colour"),
    ({"mapping": '{"fields": {"lot": {"path": "$..a..b"}}}'}, "mapping.fields.lot"),
    ({"mapping": "[1"}, "mapping"),
    ({"options": '{"signed": "{timestamp}"}'}, "options.signed"),
    ({"options": '{"timestamp_header": ""}'}, "options.signed"),
    ({"options": '{"pigeons": 1}'}, "options.pigeons"),
    ({"options": '{"window_s": 0}'}, "options.window_s"),
]


async def test_what_does_not_fit_a_channel_is_named(doors: Doors) -> None:
    usual = {"channel_id": "x", "kind": "webhook", "label_zh": "甲", "label_en": "A"}
    for given, field in UNFIT:
        with pytest.raises(Invalid) as refused:
            await doors.run(doors.registry.create, pb.CreateChannelRequest(**(usual | given)))
        assert field in [fault.field for fault in refused.value.fields], given


async def test_a_secret_of_another_kind_is_refused_without_being_quoted(doors: Doors) -> None:
    channel = await doors.channel("wecom", {})
    for secret, value in (("app_secret", "hidden-value"), ("encoding_aes_key", "hidden-value")):
        with pytest.raises(Invalid) as refused:
            await doors.rotate(channel, secret, value)
        assert "hidden-value" not in str(refused.value.fields)
    await doors.rotate(channel, "token", "hidden-value")
    rows = await doors.fetch("SELECT * FROM audit WHERE aggregate_id = 'channel:wecom'")
    assert {row["actor"] for row in rows} == {ADMIN.actor}
    assert "hidden-value" not in str([dict(row) for row in rows])


async def test_who_has_no_name_is_one_person_with_their_complaint(doors: Doors) -> None:
    """Erasing one erases the other."""
    await doors.channel("webhook", {"secret": "s3cret"})
    body = json.dumps({"description": "The tailgate does not lock", "customer_name": "Ann Miller"}).encode()
    await doors.hand_in("webhook", body, headers=generic_signed("s3cret", body))
    rows = await doors.fetch("SELECT person_id FROM submissions UNION SELECT person_id FROM customers")
    assert len(rows) == 1


async def test_a_person_finds_the_words_and_the_sender_of_what_was_parked(doors: Doors) -> None:
    await doors.channel("whatsapp", WHATSAPP)
    picture: dict[str, Any] = {"type": "image", "image": {"id": "9"}}
    for n, (text, message) in enumerate((("test", {}), ("", picture))):
        body = whatsapp_body(text, f"wamid.{n}", **message)
        await doors.hand_in("whatsapp", body, headers=hub_signed("app secret", body))
    rows = await doors.fetch("SELECT submission_id::text, reason FROM submissions ORDER BY external_id")
    assert [row["reason"] for row in rows] == ["unfit", "media"]
    seen = await doors.run(
        get_submission, intake_pb2.GetSubmissionRequest(submission_id=rows[0]["submission_id"]), STAFF
    )
    assert seen.text == "test"
    request = intake_pb2.PromoteSubmissionRequest(
        submission_id=rows[1]["submission_id"], text="Picture of a cracked housing", reason="seen", if_version=1
    )
    await doors.run(Promote(Registrars()), request, STAFF)
    [complaint] = await doors.fetch("SELECT complaint_id::text, channel_id FROM complaints")
    asked = intake_pb2.GetComplaintRequest(complaint_id=complaint["complaint_id"])
    found = await doors.run(get_complaint, asked, STAFF)
    assert (found.channel_id, found.customer_phone, found.customer_name) == ("whatsapp", "+8613800138000", "王芳")
