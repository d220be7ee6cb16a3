"""What vendors deliver passes through the door as it came, without credentials, within its limits."""

from typing import Any

BODY = bytes(range(256)) * 4


async def test_a_delivery_goes_through_as_it_came_and_is_answered_as_intake_says(gateway: Any) -> None:
    headers = {"X-Twilio-Signature": "abc=", "Content-Type": "text/xml", "Authorization": "Bearer x", "Cookie": "a=b"}
    reply = await gateway.client.post("/hooks/sms?b=2&a=%E4%B8%AD&a=3", content=BODY, headers=headers)
    assert (reply.status_code, reply.content) == (200, b"<Response/>")
    assert reply.headers["content-type"] == "text/xml; charset=utf-8"
    [seen] = gateway.seen.requests
    assert (seen.channel_id, seen.method, seen.body) == ("sms", "POST", BODY)
    assert seen.url == f"{gateway.client.base_url}/hooks/sms?b=2&a=%E4%B8%AD&a=3".replace("//hooks", "/hooks")
    assert [(pair.name, pair.value) for pair in seen.query] == [("b", "2"), ("a", "中"), ("a", "3")]
    passed = {pair.name: pair.value for pair in seen.headers}
    assert passed["x-twilio-signature"] == "abc="
    assert not passed.keys() & {"authorization", "cookie", "x-api-key"}
    assert gateway.seen.actors == ["service:gateway"]


async def test_a_handshake_is_a_get(gateway: Any) -> None:
    reply = await gateway.client.get("/hooks/wechat", params={"echostr": "hello"})
    assert reply.status_code == 200
    assert (gateway.seen.requests[0].method, gateway.seen.requests[0].body) == ("GET", b"")


async def test_behind_a_proxy_the_address_is_the_public_one(start_gateway: Any) -> None:
    gateway = await start_gateway(public_url="https://redress.example/")
    await gateway.client.post("/hooks/sms?x=1", content=b"a=b")
    assert gateway.seen.requests[0].url == "https://redress.example/hooks/sms?x=1"


async def test_names_that_are_none_and_bodies_that_are_too_large_do_not_reach_intake(gateway: Any) -> None:
    for name in ("Not-A-Name", "a" * 64, "-a", "a%00b"):
        assert (await gateway.client.post(f"/hooks/{name}", content=b"x")).status_code == 404, name
    reply = await gateway.client.post("/hooks/sms", content=b"x" * (1024 * 1024 + 1))
    assert (reply.status_code, reply.headers["content-type"]) == (413, "text/plain; charset=utf-8")
    packed = await gateway.client.post("/hooks/sms", content=b"x", headers={"Content-Encoding": "gzip"})
    assert packed.status_code == 415
    assert gateway.seen.requests == []


async def test_a_channel_has_its_rate_and_whoever_guesses_gets_slower(start_gateway: Any) -> None:
    gateway = await start_gateway(hook_rate_per_s=1, refused_per_s=1, rate_burst_s=3)
    statuses = [(await gateway.client.post("/hooks/sms", content=b"x")).status_code for _ in range(5)]
    assert (statuses[0], statuses[-1]) == (200, 429)
    assert (await gateway.client.post("/hooks/other", content=b"x")).status_code == 200, "each channel has its own"
    guesses = [(await gateway.client.post(f"/hooks/{name}", content=b"x")) for name in ("unsigned", "nobody") * 4]
    assert guesses[0].status_code == 401
    assert guesses[-1].status_code == 429
    assert guesses[-1].headers["retry-after"]
