"""Raw mails pass through the door as they arrive, and come back out as they came."""

from typing import Any

from chassis.ids import new_id

CASE = "0192f1c5-7b1e-7c3a-9a5b-3f0d5f1f2a11"
PATH = "/v1/channels/mail/messages"
RFC822 = {"Content-Type": "message/rfc822"}
RAW = b"From: \xcd\xf5 <a@b.example>\r\nSubject: x\r\n\r\n" + bytes(range(256)) * 20


async def send(gateway: Any, path: str = PATH, content: Any = RAW, **headers: str) -> Any:
    key = await gateway.key_with("channel")
    return await gateway.send("POST", path, content=content, headers=RFC822 | headers, key=key)


async def test_a_mail_goes_through_byte_by_byte_with_its_mailbox(gateway: Any) -> None:
    path = f"{PATH}?product_family=Aurora%20e-bike"
    reply = await send(gateway, path)
    assert reply.status_code == 201, reply.text
    assert (reply.json()["state"], reply.json()["reason"]) == ("parked", "bounce")
    assert reply.headers["location"] == f"/v1/submissions/{CASE}"
    assert gateway.seen.mails == [RAW]
    assert gateway.seen.requests[0].header.product_family == "Aurora e-bike"
    again = await send(gateway, path)
    assert (again.status_code, again.json()["existing"]) == (200, True)


async def test_what_is_no_mail_or_too_large_is_refused(gateway: Any) -> None:
    reply = await send(gateway, content=b"{}", **{"Content-Type": "application/json"})
    assert (reply.status_code, reply.json()["fields"][0]["field"]) == (415, "Content-Type")
    reply = await send(gateway, f"{PATH}?folder=x")
    assert (reply.status_code, reply.json()["fields"][0]["field"]) == (422, "folder")

    async def endless() -> Any:
        for _ in range(26 * 16):
            yield b"x" * 65_536

    for content in (b"x" * (26 * 1024**2), endless()):
        reply = await send(gateway, content=content)
        assert (reply.status_code, reply.json()["slug"]) == (413, "body_too_large")
    assert gateway.seen.mails == []


async def test_the_raw_mail_comes_back_piece_by_piece(gateway: Any) -> None:
    await send(gateway)
    reply = await gateway.send("GET", f"/v1/submissions/{CASE}/raw")
    assert reply.status_code == 403
    desk = await gateway.key_with("customer_service")
    reply = await gateway.send("GET", f"/v1/submissions/{CASE}/raw", key=desk)
    assert (reply.status_code, reply.content) == (200, RAW)
    assert reply.headers["content-type"] == "message/rfc822"
    assert "attachment" in reply.headers["content-disposition"]
    assert (await gateway.send("GET", "/v1/submissions/x/raw", key=desk)).status_code == 404


async def test_deciding_about_a_mail_needs_the_version_that_was_seen(gateway: Any) -> None:
    path = f"/v1/submissions/{new_id()}/promote"
    assert (await gateway.send("POST", path, json={"reason": "rang us"})).status_code == 428
    reply = await gateway.send("POST", path, json={"reason": "rang us"}, headers={"If-Match": '"1"'})
    assert (reply.status_code, reply.headers["etag"]) == (200, '"2"')
    assert gateway.seen.requests[-1].if_version == 1
