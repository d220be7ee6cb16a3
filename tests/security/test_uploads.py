"""Files, mails and deliveries of 100 MB, and forms whose words no database keeps: refused with the reason, and flat."""

import json
from collections.abc import Callable

import httpx
import pytest

from stack.stack import Stack
from tests.security.memory import watched
from tests.security.raw import request, statuses
from tests.security.test_slow_and_large import FLAT_MB, HUNDRED_MB, field, good_client, pour

COMPLAINT = {"language": "zh", "customer_name": "a", "product_family": "A6", "description": "it rattles when it rains"}
MAPPING = {"columns": {"description": {"column": "text"}, "product_family": {"column": "product"}}}
# Intake holds a spreadsheet whole, and one large row; a gateway nothing.
INTAKE_FLAT_MB = 150
FORM = "Content-Type: multipart/form-data; boundary=xx"
Send = Callable[[str, bytes], httpx.Response]


@pytest.fixture(scope="module")
def complaint_id(clerk: httpx.Client) -> str:
    answer = clerk.post("/v1/complaints", json=COMPLAINT)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["complaint_id"])


@pytest.fixture(scope="module")
def send(clerk: httpx.Client) -> Send:
    headers = {"Content-Type": "multipart/form-data; boundary=xx"}
    return lambda path, body: clerk.post(path, content=body, headers=headers)


def file_start(name: bytes = b"a.csv", **before: str) -> bytes:
    fields = b"".join(b"--xx\r\n" + field(key, value.encode()) + b"\r\n" for key, value in before.items())
    return fields + b'--xx\r\nContent-Disposition: form-data; name="file"; filename="%b"\r\n\r\n' % name


@pytest.mark.parametrize(
    ("path", "kind", "begin", "expected"),
    [
        ("/v1/complaints/{id}/attachments", FORM, file_start(), {413}),
        ("/v1/channels/mail/messages", "Content-Type: message/rfc822", b"Subject: a\r\n\r\n", {413}),
        ("/hooks/no-such-channel", "Content-Type: application/json", b'{"a": "', {413}),
        ("/v1/public/forms/general/", "Content-Type: application/json", b'{"token": "', {413}),
        ("/forms/general", "Content-Type: application/x-www-form-urlencoded", b"description=", {413}),
        # A file may be large: what it holds is judged, here a row without an end and a package that is none.
        ("/v1/imports", FORM, file_start(mapping=json.dumps(MAPPING)) + b"text,product\n", {400, 408, 422}),
        ("/v1/imports", FORM, file_start(mapping=json.dumps(MAPPING)) + b"PK\x03\x04", {400, 408, 422}),
        ("/v1/master-data/product-families/imports", FORM, file_start() + b"product_family\n", {200, 400, 408, 422}),
        ("/v1/master-data/product-families/imports", FORM, file_start() + b"PK\x03\x04", {400, 408, 422}),
    ],
    ids=["attachment", "mail", "hook", "form", "page", "import", "package", "register", "register package"],
)
async def test_100_mb_are_refused_wherever_they_come_in(
    stack: Stack, complaint_id: str, key_of: Callable[..., str], path: str, kind: str, begin: bytes, expected: set[int]
) -> None:
    line = f"POST {path.rstrip('/').format(id=complaint_id)} HTTP/1.1"
    key = key_of("quality", "customer_service")
    announced = request(line, kind, f"Content-Length: {HUNDRED_MB + len(begin)}", key=key) + begin
    chunk = b"%x\r\n" % (HUNDRED_MB + len(begin))
    unannounced = request(line, kind, "Transfer-Encoding: chunked", key=key) + chunk + begin
    gateway, intake = (stack.service(name).process.pid for name in ("gateway", "intake"))
    assert gateway
    assert intake
    async with watched(gateway) as at_the_door, watched(intake) as behind, good_client(stack):
        got = [await pour(stack, head, HUNDRED_MB) for head in (announced, unannounced)]
    told = [status for each in got for status in statuses(each)]
    # A reset may swallow an answer; what was announced and came is read as a body.
    assert set(told) <= expected, got
    assert told, got
    assert at_the_door.growth < FLAT_MB, at_the_door
    assert behind.growth < INTAKE_FLAT_MB, behind


NUL_MAPPING = json.dumps(MAPPING | {"language": "a\x00b"})


@pytest.mark.parametrize(
    "name", [b"a\x00.csv", b"\xff\xfe.csv", b"../../a\r.csv", b"", b"\xe2\x80\xae.csv", b"n" * 900]
)
@pytest.mark.parametrize("background", ["true", "false"])
def test_a_file_may_have_any_name(send: Send, name: bytes, background: str) -> None:
    content = b"text,product\nit rattles when it rains,A6\n\r\n--xx--\r\n"
    answer = send("/v1/imports", file_start(name, mapping=json.dumps(MAPPING), background=background) + content)
    assert answer.status_code in (201, 202, 400, 422), answer.text
    assert send("/v1/master-data/product-families/imports", file_start(name) + content).status_code in (400, 422, 403)


@pytest.mark.parametrize("name", [b"a\x00.csv", b"\xff\xfe.csv", b"", b"\xe2\x80\xae.csv", b"n" * 900])
def test_an_attachment_may_have_any_name(send: Send, complaint_id: str, name: bytes) -> None:
    body = file_start(name, note="seen at the seal") + b"what " + name.hex().encode() + b" says\r\n--xx--\r\n"
    answer = send(f"/v1/complaints/{complaint_id}/attachments", body)
    assert answer.status_code in (200, 201, 400), answer.text


@pytest.mark.parametrize(
    ("before", "field_name"),
    [
        ({"mapping": NUL_MAPPING}, "mapping"),
        ({"mapping": json.dumps(MAPPING), "sheet": "a\x00b"}, "sheet"),
        ({"mapping": json.dumps(MAPPING), "sheet": "s" * 200_000}, "sheet"),
        ({"mapping_name": "a\x00b"}, "mapping_name"),
        ({"mapping": '{"columns": {"\\ud800": {}}}'}, "mapping"),
        ({"mapping": '{"a":' * 200 + "1" + "}" * 200}, "mapping"),
        ({"mapping": json.dumps(MAPPING | {"columns": {f"c{n}": {"column": "a"} for n in range(5_000)}})}, "columns"),
    ],
)
@pytest.mark.parametrize("background", ["true", "false"])
def test_words_around_a_file_that_nobody_can_keep_are_refused_by_name(
    send: Send, before: dict[str, str], field_name: str, background: str
) -> None:
    body = file_start(**before, background=background) + b"text,product\na,b\n\r\n--xx--\r\n"
    answer = send("/v1/imports", body)
    assert answer.status_code in (400, 422) or (background == "true" and answer.status_code == 202), answer.text
    if answer.status_code != 202:
        assert any(field_name in each["field"] for each in answer.json()["fields"]), answer.text


async def test_refused_files_do_not_stay_in_memory(stack: Stack, key_of: Callable[..., str]) -> None:
    """Each would cost 60 MB more as long as its refusal is held by what refused it."""
    pid = stack.service("intake").process.pid
    assert pid
    damaged = file_start(mapping=json.dumps(MAPPING)) + b"PK\x03\x04" + b" " * (28 * 1024**2) + b"\r\n--xx--\r\n"
    headers = {"X-API-Key": key_of("quality"), "Content-Type": "multipart/form-data; boundary=xx"}
    async with (
        httpx.AsyncClient(base_url=stack.public_url, headers=headers, timeout=30) as client,
        watched(pid) as held,
    ):
        for _ in range(5):
            answer = await client.post("/v1/imports", content=damaged)
            assert (answer.status_code, "damaged" in answer.json()["detail"]) == (422, True)
    assert held.growth < INTAKE_FLAT_MB, held
