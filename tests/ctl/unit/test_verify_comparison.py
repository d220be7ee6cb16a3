from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from redressctl.errors import UnknownFile
from redressctl.load.acks import Ack, AckFile, read_acks
from redressctl.verify import _ask_why
from redressctl.verify.acks import compare_acks, unannounced
from redressctl.verify.books import AuditTrail, Books, Row
from redressctl.verify.compare import compare, without_receipt

REGISTERED, OPENED = "redress.intake.complaint.registered.v1", "redress.workflow.case.opened.v1"
SUBSCRIPTIONS = {"workflow": frozenset({REGISTERED}), "notify": frozenset({OPENED})}
AT = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.fixture
def books() -> Books:
    """Two complaints, everything as it should be."""
    ids = ("c1", "c2")
    return Books(
        complaints=[Row(one, "open", at=AT.isoformat()) for one in ids],
        cases=[Row(one, "open") for one in ids],
        facts=[Row(one, "open") for one in ids],
        receipts=[Row(one, "sent") for one in ids],
        outbox={
            "intake": [Row("e1", REGISTERED, "c1", 1), Row("e2", REGISTERED, "c2", 2)],
            "workflow": [Row("e3", OPENED, "c1", 1), Row("e4", OPENED, "c2", 2)],
        },
        inbox={"workflow": [Row("e1"), Row("e2")], "notify": [Row("e3"), Row("e4")]},
        dead_letters={"workflow": [], "notify": []},
        audit={"intake": AuditTrail(4, 2)},
    )


def differences(books: Books) -> list[str]:
    return [one for check in compare(books, SUBSCRIPTIONS) for one in check.differs]


def test_books_that_agree_are_clean(books: Books) -> None:
    assert differences(books) == []


def test_an_event_that_was_never_sent_is_named(books: Books) -> None:
    outbox = {**books.outbox, "workflow": [Row("e3", OPENED, "c1", 0), Row("e4", OPENED, "c2", 2)]}
    assert differences(replace(books, outbox=outbox)) == [f"workflow: {OPENED} e3 was never sent"]


def test_an_event_that_a_subscriber_never_took_in_is_named(books: Books) -> None:
    found = differences(replace(books, inbox={**books.inbox, "notify": [Row("e3")]}))
    assert found == [f"notify never took in {OPENED} e4"]


def test_an_event_that_nobody_subscribes_to_is_not_missed(books: Books) -> None:
    outbox = {
        **books.outbox,
        "intake": [*books.outbox["intake"], Row("e9", "redress.intake.contact.received.v1", "c1", 3)],
    }
    assert differences(replace(books, outbox=outbox)) == []


def test_an_event_taken_in_twice_is_named(books: Books) -> None:
    inbox = {**books.inbox, "workflow": [Row("e1"), Row("e1"), Row("e2")]}
    assert differences(replace(books, inbox=inbox)) == ["workflow took in e1 2 times"]


def test_a_parked_event_is_a_dead_letter_and_not_missed_as_well(books: Books) -> None:
    parked = replace(
        books,
        inbox={**books.inbox, "notify": [Row("e3")]},
        dead_letters={"notify": [Row("e4", OPENED)], "workflow": []},
    )
    assert differences(parked) == [f"notify parked {OPENED} e4"]


def test_a_complaint_without_a_case_and_without_a_fact_is_named_for_each(books: Books) -> None:
    found = differences(replace(books, cases=books.cases[:1], facts=books.facts[:1]))
    assert found == ["complaint c2 has no case in workflow", "complaint c2 has no fact in analytics"]


def test_a_complaint_with_two_cases_is_named(books: Books) -> None:
    assert differences(replace(books, cases=[*books.cases, Row("c2")])) == [
        "complaint c2 has 2 times a case in workflow"
    ]


def test_a_missing_receipt_is_named_unless_none_was_due(books: Books) -> None:
    without = replace(books, receipts=books.receipts[:1])
    assert without_receipt(without) == ["c2"]
    assert differences(without) == ["complaint c2 has no receipt in notify"]
    assert differences(replace(without, no_receipt_due=frozenset({"c2"}))) == []


@pytest.mark.parametrize("state", ["failed", "pending", "sending"])
def test_a_receipt_that_did_not_go_out_is_named(books: Books, state: str) -> None:
    found = differences(replace(books, receipts=[Row("c1", "sent"), Row("c2", state)]))
    assert found == [f"the receipt of complaint c2 is {state}"]


def test_a_complaint_listed_twice_is_named(books: Books) -> None:
    assert differences(replace(books, complaints=[*books.complaints, books.complaints[0]])) == [
        "c1 is listed twice in intake"
    ]


def test_a_broken_audit_trail_is_named_with_its_service(books: Books) -> None:
    broken = replace(books, audit={"intake": AuditTrail(4, 2, ("c1 entry 2",))})
    assert differences(broken) == ["intake: c1 entry 2"]


def test_an_acknowledged_complaint_that_is_not_there_is_named(books: Books) -> None:
    found = compare_acks([Ack("k1", "c1", "C26-1", AT), Ack("k9", "c9", "C26-9", AT)], books.complaints, {})
    assert [check.differs for check in found] == [("C26-9 was acknowledged and is not there",), ()]


def test_one_key_with_two_complaints_is_a_double(books: Books) -> None:
    acks = [Ack("k1", "c1", "C26-1", AT), Ack("k1", "c2", "C26-2", AT)]
    assert compare_acks(acks, books.complaints, {})[1].differs == ("key k1 made 2 complaints: c1, c2",)


def test_a_double_that_nobody_was_told_of_gives_itself_away_by_its_key(books: Books) -> None:
    acks = [Ack("k1", "c1", "C26-1", AT)]
    assert unannounced(acks, books.complaints) == ["c2"]
    assert compare_acks(acks, books.complaints, {"c2": "k1"})[1].differs == ("key k1 made 2 complaints: c1, c2",)
    assert compare_acks(acks, books.complaints, {"c2": "k2"})[1].differs == ()


def test_complaints_of_another_time_are_not_suspected(books: Books) -> None:
    old = [Row("c0", "open", at="2026-11-21T10:00:00+00:00"), *books.complaints]
    assert unannounced([Ack("k1", "c1", "C26-1", AT), Ack("k2", "c2", "C26-2", AT)], old) == []


def test_acknowledgements_survive_a_last_line_cut_in_half(tmp_path: Path) -> None:
    path = tmp_path / "acks.jsonl"
    with AckFile(path) as file:
        file.add("k1", "c1", "C26-1")
    path.write_text(path.read_text() + '{"key": "k2", "compl')
    assert [(ack.key, ack.complaint_id, ack.number) for ack in read_acks(path)] == [("k1", "c1", "C26-1")]


def test_a_file_without_any_acknowledgement_proves_nothing_and_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "acks.jsonl"
    path.write_text('id,description\n1,leaks\n{"key": "k1"}\n')
    with pytest.raises(UnknownFile, match="redressctl load --acks"):
        read_acks(path)


async def test_every_complaint_without_a_receipt_is_asked_why_however_many_there_are(
    books: Books,
) -> None:
    old = replace(books, complaints=[Row(f"old-{n}") for n in range(1_200)], receipts=[])
    asked: list[str] = []

    class Intake:
        async def get(self, path: str) -> dict[str, object]:
            asked.append(path)
            return {"historical": True}

    answers: dict[str, bool] = {}
    looks = [await _ask_why(cast(Any, Intake()), old, answers) for _ in range(3)]
    assert looks == [False, False, True]
    assert len(asked) == len(set(asked)) == len(answers) == 1_200
