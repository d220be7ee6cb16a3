"""What the document says can be called next."""

from typing import Any

import pytest

from gateway.entrypoints.http import create_app


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app().openapi()


def links_of(document: dict[str, Any], verb: str, path: str, status: str) -> dict[str, dict[str, Any]]:
    """Operation -> parameters of the link."""
    found = document["paths"][path][verb]["responses"][status].get("links", {})
    named = {name: document["components"]["links"][each["$ref"].rsplit("/", 1)[1]] for name, each in found.items()}
    return {name: link["parameters"] for name, link in named.items()}


def test_a_registered_complaint_leads_to_its_case_and_from_there_to_every_step(document: dict[str, Any]) -> None:
    registered = links_of(document, "post", "/v1/complaints", "201")
    assert registered["getCase"] == {"path.case_id": "$response.body#/complaint_id"}
    assert registered["updateComplaint"]["header.If-Match"] == '"{$response.body#/version}"'
    case = links_of(document, "get", "/v1/cases/{case_id}", "200")
    assert {"advanceStage", "closeCase", "pause", "reopenCase", "skipInvestigation", "getTask"} <= case.keys()
    assert case["getTask"] == {"path.task_id": "$response.body#/tasks/0/task_id"}
    assert "completeTask" in links_of(document, "get", "/v1/tasks/{task_id}", "200")


def test_a_version_is_never_sent_to_another_thing(document: dict[str, Any]) -> None:
    task = links_of(document, "get", "/v1/tasks/{task_id}", "200")
    assert "getCase" in task
    assert "advanceStage" not in task
    assert "updateComplaint" not in links_of(document, "get", "/v1/cases/{case_id}", "200")


def test_a_part_is_reached_with_the_thing_it_belongs_to(document: dict[str, Any]) -> None:
    verify = links_of(document, "get", "/v1/rcas/{rca_id}", "200")["verifyWhy"]
    assert verify["path.rca_id"] == "$response.body#/rca_id"
    assert verify["path.why_id"] == "$response.body#/whys/0/why_id"


def test_only_a_needed_version_is_required(document: dict[str, Any]) -> None:
    def if_match(verb: str, path: str) -> dict[str, Any]:
        (found,) = (p for p in document["paths"][path][verb]["parameters"] if p["name"] == "If-Match")
        return dict(found)

    needed = if_match("post", "/v1/cases/{case_id}/advance")
    assert (needed["required"], needed["schema"]["type"]) == (True, "string")
    assert if_match("post", "/v1/tasks/{task_id}/complete")["required"] is False
