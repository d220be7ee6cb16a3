"""A customer's side: letters with links, the status of the complaint, the survey of its closing."""

import asyncio
import re
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import nats
import pytest

from redress.catalog import stream_of
from stack.stack import Stack

COMMENT = "Die Dame am Telefon war reizend"


@pytest.fixture
def browser(stack: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.public_url, timeout=20, follow_redirects=True) as client:
        yield client


def links_to(stack: Stack, number: str) -> dict[str, str]:
    """status, survey -> path, from the letters about this complaint so far."""
    found: dict[str, str] = {}
    entries = httpx.get(f"{stack.sink_url}/messages?limit=5000").json()["messages"]
    for entry in (entry for entry in entries if number in entry["subject"]):
        mail = message_from_bytes(httpx.get(f"{stack.sink_url}/messages/{entry['number']}").content, policy=default)
        text = str(mail.get_content())
        for match in re.finditer(rf"{re.escape(stack.public_url)}(/(status|survey)/\S+)", text):
            found[match.group(2)] = match.group(1)
    return found


def test_a_customer_follows_the_complaint_and_rates_its_handling_by_signed_links(
    stack: Stack, clerk: Any, admin: Any, browser: httpx.Client, new_complaint: Any, eventually: Callable[..., Any]
) -> None:
    complaint = clerk.do("POST", "/v1/complaints", new_complaint())
    case_id, number = complaint["complaint_id"], complaint["number"]
    status = eventually(lambda: links_to(stack, number).get("status"))
    page = browser.get(status)
    assert page.status_code == 200
    assert number in page.text
    assert "Ada Lovelace" not in page.text
    assert "error 21" not in page.text

    close_fast(clerk, case_id)
    survey = eventually(lambda: links_to(stack, number).get("survey"))
    assert browser.get(f"/v1/public{status}").json()["ending"]["outcome"] == "resolved"
    assert browser.head(survey).status_code in (200, 405)
    browser.get(survey)
    first = {"process_rating": "5", "result_rating": "2", "comment": COMMENT}
    assert "Thank you" in browser.post(survey, data=first).text
    assert "Thank you" in browser.post(survey, data={"process_rating": "1"}).text
    (kept,) = clerk.get("/v1/surveys", case_id=case_id)["items"]
    assert (kept["state"], kept["process_rating"], kept["result_rating"], kept["via"]) == ("answered", 5, 2, "link")
    assert kept["comment"] == COMMENT
    again = clerk.send("POST", f"/v1/cases/{case_id}/survey-answer", {"process_rating": 1})
    assert (again.status_code, again.json()["slug"]) == (409, "survey_answered")
    trail = admin.get(f"/v1/admin/notify/audit/{kept['survey_id']}")
    assert COMMENT not in str(trail)
    assert_told_nobody(stack, [status.rsplit(".", 1)[-1], survey.rsplit(".", 1)[-1], COMMENT])


def close_fast(clerk: Any, case_id: str) -> None:
    path = f"/v1/cases/{case_id}"
    version = clerk.get(path)["version"]
    skipped = clerk.do("POST", f"{path}/skip-investigation", {"reason": "known wear, under guarantee"}, version=version)
    outcome = {"code": "resolved", "remedy": "repair", "accepted": True, "reason": "repaired on the spot"}
    clerk.do("POST", f"{path}/close", {"outcome": outcome}, version=skipped["version"])


def assert_told_nobody(stack: Stack, secrets: list[str]) -> None:
    """Neither the capability nor the customer's words are in a log, a metric or an event."""
    heaps = {file.name: file.read_text(errors="replace") for file in Path(stack.log_dir).glob("*") if file.is_file()}
    for service in ("gateway", "notify", "workflow", "analytics"):
        heaps[f"{service} /metrics"] = httpx.get(f"{stack.ops_url(service)}/metrics").text
    heaps["events"] = asyncio.run(newest_events(stack.nats.url))
    assert [(secret, where) for where, heap in heaps.items() for secret in secrets if secret in heap] == []
    assert 'route="/survey/{token}"' in heaps["gateway /metrics"]
    assert 'redress_surveys{state="answered"}' in heaps["notify /metrics"]


async def newest_events(url: str) -> str:
    """notify's last fifty."""
    client = await nats.connect(url)
    js = client.jetstream()
    stream = stream_of("notify")
    last = (await js.stream_info(stream)).state.last_seq
    texts = [(await js.get_msg(stream, seq=at)).data or b"" for at in range(max(1, last - 50), last + 1)]
    await client.close()
    return b"\n".join(texts).decode()


def test_wrong_links_lead_to_a_page_that_helps(browser: httpx.Client) -> None:
    page = browser.get("/status/not-a-link", headers={"Accept-Language": "en"})
    assert (page.status_code, "This link does not work" in page.text) == (404, True)


def test_who_may_not_read_customers_words_sees_no_surveys(person: Callable[..., Any]) -> None:
    assert person("engineer", department="rd").send("GET", "/v1/surveys").status_code == 403
