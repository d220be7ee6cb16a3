"""The links of the document are enough to go from a complaint to its close, and through an analysis."""

import time

import httpx
import pytest

from tests.security.links import Walker

COMPLAINT = {
    "language": "en",
    "customer_name": "Ada Lovelace",
    "product_family": "Aurora e-bike",
    "description": "The motor stops after ten minutes and the display shows error 21.",
    "injury_or_fire": "no",
}
RESOLVED = {"code": "resolved", "remedy": "information", "accepted": True, "reason": "customer understood the display"}


@pytest.fixture
def walker(admin: httpx.Client) -> Walker:
    return Walker(admin)


def wait_for_case(walker: Walker, complaint_id: str) -> None:
    """workflow opens it when the event has reached it; newest cases come first."""
    deadline = time.monotonic() + 30
    while complaint_id not in [case["case_id"] for case in walker.first("listCases")["items"][:1]]:
        assert time.monotonic() < deadline, "no case was opened"
        time.sleep(0.2)


def test_a_complaint_is_led_to_its_case_its_task_and_its_close(walker: Walker) -> None:
    registered = walker.first("registerComplaint", COMPLAINT)
    walker.follow("getComplaint")
    wait_for_case(walker, registered["complaint_id"])
    walker.follow("getCase")
    walker.follow("getTask")
    walker.follow("startTask")
    walker.follow("getCase")
    walker.follow("comment", {"text": "the customer was called"})
    walker.first("listCases")
    walker.follow("getCase")
    walker.follow("skipInvestigation", {"reason": "explained by phone, no defect"})
    closed = walker.follow("closeCase", {"outcome": RESOLVED})
    assert closed["state"] == "closed"
    reopened = walker.follow("reopenCase", {"reason": "the motor stopped again"})
    assert reopened["state"] == "open"
    assert sum(walker.followed.values()) >= 10


def test_an_analysis_is_led_from_its_first_why_to_a_root(walker: Walker) -> None:
    walker.first("openRca", {"title": "motor stops", "problem": "the motor stops", "product_family": "Aurora e-bike"})
    walker.follow(
        "addWhy",
        {"leg": "occurrence", "question": "why does it stop", "answer": "the connector is loose", "controllable": True},
    )
    walker.follow("verifyWhy", {"verify": "confirmed", "evidence": ["bench test 12"]})
    assert walker.follow("markRoot", {"is_root": True})["whys"][0]["is_root"] is True
    walker.first("listRcas")
    walker.follow("getRca")
