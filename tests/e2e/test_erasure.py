"""A customer asks to be forgotten: through the public door, in every service, with the audit trail whole."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from chassis.ids import new_id
from redressctl.commands.audit import _read as read_trails  # what `redressctl audit verify` reads
from redressctl.target import target_of
from stack.stack import Stack

SAID = "The lamp exploded beside my bed in Quakenbrück."


@pytest.fixture
def forgotten(clerk: Any, person: Callable[..., Any]) -> dict[str, Any]:
    """The complaint of somebody who was answered and then erased by two people."""
    body = {
        "language": "en",
        "channel": "phone",
        "customer_name": "Theodora Vergissmeinnicht",
        "customer_email": f"theo{new_id()[-8:]}@customers.example",
        "product_family": "Aurora e-bike",
        "description": SAID,
        "injury_or_fire": "no",
    }
    made = clerk.do("POST", "/v1/complaints", body)
    case = f"/v1/cases/{made['complaint_id']}"
    _until(lambda: clerk.send("GET", case).status_code == 200)
    answer = {"channel": "mail", "text": "Dear Ms Vergissmeinnicht, we are sorry."}
    clerk.do("POST", f"{case}/responses", answer)
    wanted = clerk.do("POST", "/v1/privacy/erasures", {"complaint_id": made["complaint_id"], "reason": "by letter"})
    refused = clerk.send("POST", f"/v1/privacy/erasures/{wanted['erasure_id']}/approve", {}, version=1)
    assert refused.status_code == 403
    boss = person("manager")
    done = boss.do("POST", f"/v1/privacy/erasures/{wanted['erasure_id']}/approve", {"reason": "checked"}, version=1)
    assert (done["state"], done["complaints"]) == ("done", 1)
    return dict(made)


def test_who_is_erased_is_forgotten_everywhere_and_the_trail_holds(
    stack: Stack, clerk: Any, forgotten: dict[str, Any]
) -> None:
    shown = clerk.do("GET", f"/v1/complaints/{forgotten['complaint_id']}")
    assert (shown["customer_name"], shown["description"]) == ("[erased]", "[erased]")
    assert (shown["number"], shown["grade"]) == (forgotten["number"], forgotten["grade"])
    timeline = f"/v1/cases/{forgotten['complaint_id']}/timeline"
    _until(lambda: "Vergissmeinnicht" not in clerk.send("GET", timeline).text)
    assert "response_sent" in clerk.send("GET", timeline).text
    trails = asyncio.run(read_trails(target_of(stack.record(), stack.data_dir)))
    assert [trail.broken for trail in trails.values() if trail.broken] == []


def _until(holds: Callable[[], bool], patience_s: float = 30.0) -> None:
    end = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.3)
