import json
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chassis.errors import Invalid
from notify.domain.kinds import FIELDS, KINDS, LANGUAGES
from notify.domain.letter import Letterhead, Recipient, write_letter
from notify.domain.template import read_templates

HEAD = Letterhead("Acme", ZoneInfo("Asia/Shanghai"))


def shipped(version: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files("notify").joinpath(f"definitions/templates.v{version}.json").read_text())
    return found


TEMPLATES = read_templates(shipped(3))
DUE = datetime(2026, 11, 24, 10, 0, tzinfo=UTC).isoformat()
RECEIPT = {"number": "C26-0001234", "due_at": DUE, "response_due_at": "2026-11-23T03:30:00Z"}
DIGEST = {"count": 2, "tasks": [{"number": "C26-0000001", "kind": "diagnose", "due_at": DUE}]}
FACTS: dict[str, dict[str, Any]] = {
    "receipt": RECEIPT,
    "case_closed": {"outcome": "resolved", "remedy": "repair"},
    "merged": {"joined": "C26-0000001"},
    "task_assigned": DIGEST,
    "task_overdue": DIGEST,
    "escalation": DIGEST,
}


@pytest.fixture
def document() -> dict[str, Any]:
    return shipped(2)


def fault_of(document: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        read_templates(document)
    return {fault.field: fault.message for fault in refused.value.fields}


@pytest.mark.parametrize("name", sorted(FIELDS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_renders_with_exactly_its_declared_fields(name: str, language: Any) -> None:
    declared = shipped(3)["templates"][name]
    values = {field: f"<{field}>" for field in declared["fields"]}
    subject, text = TEMPLATES.letter(name, language).render(values)
    assert all(value in subject + text for value in values.values())
    assert "$" not in subject + text


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_letter_can_be_written_from_its_facts(kind: str, language: Any) -> None:
    person = Recipient("张三", "z@example.com", language, "C26-0000009")
    letter = write_letter(kind, FACTS[kind], person, TEMPLATES, HEAD)
    assert letter.language == language
    assert letter.subject
    assert "张三" in letter.text
    assert "Acme" in letter.text


def test_the_receipt_names_number_and_expected_handling_time_in_the_customers_language() -> None:
    customer = Recipient("李四", "l@example.com", "en")
    chinese = write_letter("receipt", RECEIPT, customer, TEMPLATES, HEAD, language="zh")
    assert "C26-0001234" in chinese.subject
    assert "2026年11月24日 18:00(UTC+8)" in chinese.text
    assert "2026年11月23日 11:30(UTC+8)" in chinese.text
    english = write_letter("receipt", RECEIPT, customer, TEMPLATES, HEAD)
    assert "24 November 2026, 18:00 (UTC+8)" in english.text
    assert "23 November 2026, 11:30 (UTC+8)" in english.text


def test_a_receipt_without_a_deadline_says_that_it_will_be_announced() -> None:
    facts = RECEIPT | {"due_at": None}
    letter = write_letter("receipt", facts, Recipient("A", None, "en"), TEMPLATES, HEAD)
    assert "to be announced" in letter.text


def test_a_closing_letter_names_outcome_and_remedy_in_words() -> None:
    customer = Recipient("李四", None, "zh", "C26-0000007")
    letter = write_letter("case_closed", FACTS["case_closed"], customer, TEMPLATES, HEAD)
    assert "C26-0000007" in letter.subject
    assert "已解决 (维修)" in letter.text


def test_a_digest_lists_tasks_by_number_and_kind_and_counts_the_rest() -> None:
    letter = write_letter("task_assigned", DIGEST, Recipient("Ann", None, "en"), TEMPLATES, HEAD)
    assert letter.subject == "New tasks for you: 2"
    assert "- C26-0000001: technical diagnosis, due 24 November 2026, 18:00 (UTC+8)" in letter.text
    assert "… and 1 more" in letter.text


def test_a_code_without_a_word_stands_for_itself() -> None:
    assert TEMPLATES.word("task", "invented_here", "zh") == "invented_here"


def test_a_dollar_in_a_value_is_not_a_placeholder() -> None:
    letter = write_letter("receipt", RECEIPT, Recipient("$number ${due}", None, "en"), TEMPLATES, HEAD)
    assert "Dear $number ${due}," in letter.text


def test_an_unknown_placeholder_is_refused_when_templates_are_read(document: dict[str, Any]) -> None:
    document["templates"]["receipt"]["en"]["text"].append("$telephone")
    assert "names telephone" in fault_of(document)["templates.receipt.en.text"]


def test_a_declared_field_that_nothing_fills_is_refused(document: dict[str, Any]) -> None:
    document["templates"]["receipt"]["fields"].append("telephone")
    assert fault_of(document) == {"templates.receipt.fields": "telephone: nothing fills that"}


def test_a_dollar_that_begins_no_placeholder_is_refused(document: dict[str, Any]) -> None:
    document["templates"]["receipt"]["zh"]["subject"] = "100 $ für $number"
    assert "begins no placeholder" in fault_of(document)["templates.receipt.zh.subject"]


def test_a_missing_language_or_letter_is_refused(document: dict[str, Any]) -> None:
    del document["templates"]["receipt"]["en"]
    assert "templates.receipt.en" in fault_of(document)
    del document["templates"]["receipt"]
    assert fault_of(document) == {"templates.receipt": "is missing"}


@pytest.mark.parametrize("document", [None, {}, {"templates": [], "words": 3}, {"templates": {"receipt": "text"}}])
def test_what_are_no_letters_at_all_is_refused_with_its_faults(document: Any) -> None:
    assert fault_of(document)


LINKS = {
    "status_link": {"url": "https://r.example/status/abc", "days": "180"},
    "survey_invitation": {"url": "https://r.example/survey/def", "days": "30"},
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_closing_letter_asks_in_the_same_mail_and_links_to_the_status(language: Any) -> None:
    person = Recipient("李四", None, language, "C26-0000007")
    letter = write_letter("case_closed", FACTS["case_closed"], person, TEMPLATES, HEAD, links=lambda _language: LINKS)
    assert "\nhttps://r.example/status/abc\n" in letter.text
    assert "\nhttps://r.example/survey/def\n" in letter.text
    assert "30" in letter.text


def test_a_letter_without_links_has_no_gap_where_they_would_stand() -> None:
    letter = write_letter("case_closed", FACTS["case_closed"], Recipient("A", None, "en"), TEMPLATES, HEAD)
    assert "\n\n\n" not in letter.text
    assert "http" not in letter.text


def test_letters_made_with_templates_from_before_the_links_can_still_be_written() -> None:
    person = Recipient("A", None, "en", "C26-0000007")
    old = read_templates(shipped(1))
    letter = write_letter("case_closed", FACTS["case_closed"], person, old, HEAD, links=lambda _language: LINKS)
    assert "Outcome: resolved" in letter.text
