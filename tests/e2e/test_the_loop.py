"""What people meet at the public API: answers, refusals, the fast path, a receipt, a file of real complaints."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

import redressctl
from chassis.ids import new_id
from stack.stack import Stack


def test_a_complaint_without_a_safety_answer_is_important_and_asked(clerk: Any, new_complaint: Any) -> None:
    body = new_complaint()
    del body["injury_or_fire"]
    accepted = clerk.do("POST", "/v1/complaints", body)
    assert accepted["grade"] == "important"
    assert "safety" in accepted["questions"]


def test_the_same_key_gets_the_same_answer_and_another_body_is_refused(clerk: Any, new_complaint: Any) -> None:
    body, key = new_complaint(), new_id()
    first = clerk.do("POST", "/v1/complaints", body, key=key)
    assert clerk.do("POST", "/v1/complaints", body, key=key)["complaint_id"] == first["complaint_id"]
    refused = clerk.send("POST", "/v1/complaints", body | {"description": "Another matter altogether."}, key=key)
    assert (refused.status_code, refused.json()["slug"]) == (422, "idempotency_mismatch")


def test_what_is_wrong_is_named_and_nothing_is_written(clerk: Any, new_complaint: Any) -> None:
    before = clerk.get("/v1/complaints", limit=1)["items"]
    for change, field in (
        ({"injury_or_fire": "perhaps"}, "injury_or_fire"),
        ({"description": ""}, "description"),
        ({"colour": "red"}, "colour"),
        ({"quantity": "many"}, "quantity"),
        ({"t_occurred": "2099-01-01T00:00:00Z"}, "t_occurred"),
    ):
        refused = clerk.send("POST", "/v1/complaints", new_complaint(**change))
        assert refused.status_code in (400, 422), change
        assert field in [f["field"] for f in refused.json()["fields"]], refused.json()
    for raw, kind, status in (
        (b"{", "application/json", 400),
        (b"[" * 10_000 + b"]" * 10_000, "application/json", 400),
        (b"\xff\xfe{}", "application/json", 400),
        (b"a=b", "application/x-www-form-urlencoded", 415),
    ):
        answer = clerk.http.post(
            "/v1/complaints", content=raw, headers={"Content-Type": kind, "Idempotency-Key": new_id()}
        )
        assert answer.status_code in (status, 422), (raw[:20], answer.status_code)
        assert answer.headers["content-type"].startswith("application/problem+json")
    assert clerk.get("/v1/complaints", limit=1)["items"] == before


@pytest.fixture
def case(clerk: Any, new_complaint: Any, eventually: Callable[..., Any]) -> dict[str, Any]:
    accepted = clerk.do("POST", "/v1/complaints", new_complaint())
    eventually(lambda: clerk.http.get(f"/v1/cases/{accepted['complaint_id']}").status_code == 200)
    found: dict[str, Any] = clerk.get(f"/v1/cases/{accepted['complaint_id']}")
    return found


def test_a_gate_names_the_missing_deliverable(clerk: Any, case: dict[str, Any]) -> None:
    refused = clerk.send("POST", f"/v1/cases/{case['case_id']}/advance", version=case["version"])
    assert (refused.status_code, refused.json()["slug"]) == (409, "missing_deliverable")
    assert "record_complete" in refused.json()["possible"]


def test_a_stale_version_is_412_and_an_illegal_step_409_with_what_is_possible(clerk: Any, case: dict[str, Any]) -> None:
    path = f"/v1/cases/{case['case_id']}"
    stale = clerk.send("POST", f"{path}/skip-investigation", {"reason": "answered by phone"}, version=99)
    assert stale.status_code == 412
    illegal = clerk.send("POST", f"{path}/reopen", {"reason": "it happened again"}, version=case["version"])
    assert illegal.status_code == 409
    assert illegal.json()["possible"]


def test_the_fast_path_closes_with_reason_and_name_and_a_reopening_keeps_the_first_close(
    clerk: Any, case: dict[str, Any]
) -> None:
    path = f"/v1/cases/{case['case_id']}"
    skipped = clerk.do(
        "POST", f"{path}/skip-investigation", {"reason": "explained by phone, no defect"}, version=case["version"]
    )
    assert (skipped["path"], skipped["skipped_by"]) == ("fast", clerk.person_id)
    outcome = {
        "code": "resolved",
        "remedy": "information",
        "accepted": True,
        "reason": "customer understood the display",
    }
    closed = clerk.do("POST", f"{path}/close", {"outcome": outcome}, version=skipped["version"])
    assert closed["state"] == "closed"
    reopened = clerk.do("POST", f"{path}/reopen", {"reason": "the motor stopped again"}, version=closed["version"])
    assert reopened["state"] == "open"
    assert reopened["closed_first_at"] == closed["closed_first_at"]
    assert reopened["first_outcome"]["code"] == "resolved"
    kinds = [entry["kind"] for entry in clerk.get(f"{path}/timeline")["items"]]
    assert len(kinds) >= 4


def test_the_receipt_reaches_the_customer_with_the_expected_time(
    stack: Stack, clerk: Any, new_complaint: Any, eventually: Callable[..., Any]
) -> None:
    address = f"{new_id()[-12:]}@customers.example"
    accepted = clerk.do("POST", "/v1/complaints", new_complaint(language="zh", customer_email=address))
    mail = eventually(lambda: mail_to(stack, address))
    raw = httpx.get(f"{stack.sink_url}/messages/{mail['number']}").content
    assert accepted["number"] in mail["subject"] + raw.decode("utf-8", "replace")
    assert mail["kind"] == "receipt"


def mail_to(stack: Stack, address: str) -> Any:
    total = httpx.get(f"{stack.sink_url}/count").json()["count"]
    messages = httpx.get(f"{stack.sink_url}/messages", params={"limit": 100, "offset": max(0, total - 100)}).json()
    return next((m for m in messages["messages"] if address in str(m["to"])), None)


def test_real_complaints_are_imported_and_the_file_sent_again_opens_nothing(
    clerk: Any, shared_data: Path, eventually: Callable[..., Any]
) -> None:
    mapping = json.loads((Path(redressctl.__file__).parent / "mappings" / "vehicle_portal.json").read_text())
    content = (shared_data / "zh_auto_complaints" / "auto_2024.csv").read_bytes()

    def send() -> Any:
        answer = clerk.http.post(
            "/v1/imports",
            data={"mapping": json.dumps(mapping)},
            files={"file": ("auto_2024.csv", content, "text/csv")},
            headers={"Idempotency-Key": new_id()},
            timeout=120,
        )
        assert answer.status_code == 201, answer.text
        return answer.json()

    first, second = send(), send()
    assert (first["rows"], first["registered"], first["rejected"]) == (1700, 1700, 0)
    assert (second["registered"], second["existing"]) == (0, 1700)
    newest = clerk.get("/v1/complaints", channel=mapping["channel"], limit=1)["items"][0]
    eventually(lambda: clerk.http.get(f"/v1/cases/{newest['complaint_id']}").status_code == 200, 60)
