"""Doors without a key: what a vendor signs and what anybody types is refused or parked, never a failure of ours."""

import hashlib
import hmac
import json
import time
from typing import Any

import httpx
import pytest

from stack.stack import Stack

SECRET = "a secret of some length"
MESSAGE = {"description": "The handle came off while riding", "customer_name": "Ann Miller", "external_id": "m-1"}


@pytest.fixture(scope="module")
def hook(stack: Stack, admin: httpx.Client) -> Any:
    """`hook(body)`: a delivery that is signed as agreed."""
    channel = {"channel_id": "hostile", "kind": "webhook", "label_zh": "网店", "label_en": "Shop", "language": "en"}
    assert admin.post("/v1/channels", json=channel).status_code == 201
    set_to = {"value": SECRET}
    answer = admin.put("/v1/channels/hostile/secrets/secret", json=set_to, headers={"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text
    assert SECRET not in answer.text + admin.get("/v1/channels/hostile").text + admin.get("/v1/channels").text

    def deliver(body: bytes, content_type: str = "application/json") -> httpx.Response:
        at = str(int(time.time()))
        signature = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"X-Timestamp": at, "X-Signature": f"sha256={signature}", "Content-Type": content_type}
        return httpx.post(f"{stack.public_url}/hooks/hostile", content=body, headers=headers, timeout=30)

    return deliver


def told(**changes: Any) -> bytes:
    return json.dumps(MESSAGE | changes).encode()


ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "ha">{ENTITIES}]><a>&a9;</a>'.encode()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (told(description="it rattles\x00 when it rains", external_id="nul-1"), "application/json"),
        (told(external_id="nul\x002", customer_name="\x00"), "application/json"),
        (told(customer_ref="\x00", customer_email="a\x00@b.example", external_id="nul-3"), "application/json"),
        (b'{"description": "it \\ud800 rattles", "external_id": "s-1"}', "application/json"),
        (told(quantity=10**30, external_id="q-1"), "application/json"),
        (told(quantity=-1e308, external_id="q-2"), "application/json"),
        (told(t_occurred="9999-12-31T23:59:59+14:00", external_id="t-1"), "application/json"),
        (told(t_occurred=1e300, external_id="t-2"), "application/json"),
        (told(t_occurred=-(10**18), external_id="t-3"), "application/json"),
        (told(description="x" * 900_000, external_id="x" * 50_000), "application/json"),
        (told(description=["a", {"b": None}], external_id={"a": 1}), "application/json"),
        (b"[" * 200_000, "application/json"),
        (b"{" * 10 + b"\xff\xfe", "application/json"),
        (b'{"description": NaN, "quantity": Infinity}', "application/json"),
        (b"null", "application/json"),
        (b"", "application/json"),
        (
            b"description=it+rattles%00+when+it+rains&external_id=%00&customer_name=%ff",
            "application/x-www-form-urlencoded",
        ),
        (b"&".join(b"a%d=1" % n for n in range(5_000)), "application/x-www-form-urlencoded"),
        (BOMB, "text/xml"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "application/xml"),
        (b"<a>" * 50_000, "text/xml"),
        (b"\x00" * 1_000, "text/plain; charset=utf-16"),
        (b"a", "x/" + "y" * 9_000),
    ],
)
def test_a_signed_delivery_of_anything_is_taken_parked_or_refused(hook: Any, body: bytes, content_type: str) -> None:
    for _ in range(2):
        answer = hook(body, content_type)
        assert answer.status_code < 500, answer.text
        assert "/etc/" not in answer.text
        assert "root:" not in answer.text


@pytest.mark.parametrize(
    "name", ["%00", "general%00", "g" * 64, "..%2fv1", "%ff%fe", "no-such", "NO_SUCH", "%F0%9F%98%80"]
)
def test_a_form_or_channel_by_a_name_that_is_none_is_not_found(stack: Stack, name: str) -> None:
    for path in (f"/forms/{name}", f"/hooks/{name}", f"/v1/public/forms/{name}"):
        assert httpx.get(stack.public_url + path).status_code in (400, 404, 422)
        data = {"Content-Type": "application/x-www-form-urlencoded"}
        posted = httpx.post(stack.public_url + path, content=b"a=%00", headers=data)
        assert posted.status_code in (400, 401, 404, 405, 413, 415, 422), posted.text
