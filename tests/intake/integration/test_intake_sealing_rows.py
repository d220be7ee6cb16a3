"""An installation of yesterday ends sealed; a sealing key can be changed; retention finds whose time is over."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chassis.call import Call
from chassis.ids import new_id
from chassis.sealing import CannotOpen, Sealer, new_key
from intake.app.contact import record_contact
from intake.app.privacy import erasures
from intake.app.privacy.retention import RETENTION, Retire, list_due
from intake.app.privacy.sealing_rows import SealRows
from intake.app.queries import get_complaint
from intake.app.submissions.look import get_submission
from intake.domain.complaint import Submission
from redress.intake.v1 import intake_pb2, privacy_pb2

CallAs = Callable[..., Call]
Given = Callable[..., Submission]
MAIL = "From: Ann <ann@plain.example>\r\nSubject: 漏水 at home\r\nMessage-ID: <1@plain.example>\r\n\r\nIt leaks.\r\n"


async def as_of_yesterday(intake: Any, complaint_id: str) -> None:
    """As a version without keys left the rows behind."""
    customer_id = new_id()
    async with intake.db.tx() as tx:
        await tx.execute(
            "INSERT INTO customers (customer_id, name, email) VALUES ($1, 'Ann', 'ann@plain.example')", customer_id
        )
        await tx.execute(
            "UPDATE complaints SET customer_id = $2, description = 'in plain words' WHERE complaint_id = $1",
            *(complaint_id, customer_id),
        )
        for table in ("customer_keys", "persons", "person_identities"):
            await tx.execute(f"DELETE FROM {table}")
        await tx.execute("DELETE FROM customers WHERE customer_id = $1", complaint_id)
        await tx.execute("INSERT INTO customer_keys SELECT 'old', t_received, complaint_id FROM complaints")
        await tx.execute(
            "INSERT INTO contacts (contact_id, complaint_id, channel, direction, note, by, at)"
            " VALUES ($1, $2, 'phone', 'inbound', 'rang in plain', 'x', now())",
            *(new_id(), complaint_id),
        )
        await tx.execute(
            "INSERT INTO source_facts (complaint_id, name, value, at) VALUES ($1, 'shop', 'plain shop', now())",
            complaint_id,
        )


async def sealed_now(intake: Any) -> dict[str, int]:
    left: dict[str, int] = {}
    await SealRows(intake.db, left.__setitem__)()
    return left


async def test_rows_in_plain_are_read_as_before_and_then_sealed(intake: Any, given: Given, call_as: CallAs) -> None:
    call = call_as("customer_service")
    done = await intake.one(call, given())
    await as_of_yesterday(intake, done.complaint_id)
    request = intake_pb2.GetComplaintRequest(complaint_id=done.complaint_id)
    before = await intake.run(get_complaint, call, request)
    assert (before.customer_name, before.description, before.person_id) == ("Ann", "in plain words", "")
    assert await sealed_now(intake) == {"complaints": 0, "notes": 0, "submissions": 0, "keys": 0}
    after = await intake.run(get_complaint, call, request)
    assert (after.customer_name, after.customer_email, after.description) == (
        "Ann",
        "ann@plain.example",
        "in plain words",
    )
    assert after.contacts[0].note == "rang in plain"
    assert after.source_facts[0].value == "plain shop"
    assert after.person_id
    for table, column in (("complaints", "description"), ("customers", "name"), ("contacts", "note")):
        assert [row[column] for row in await intake.fetch(f"SELECT {column} FROM {table}")] == [""]
    (key,) = await intake.fetch("SELECT key FROM customer_keys")
    assert key["key"].startswith("e")


async def test_a_note_about_a_complaint_in_plain_seals_both(intake: Any, given: Given, call_as: CallAs) -> None:
    call = call_as("customer_service")
    done = await intake.one(call, given())
    await as_of_yesterday(intake, done.complaint_id)
    note = intake_pb2.RecordContactRequest(complaint_id=done.complaint_id, channel="phone", note="again")
    await intake.run(record_contact, call, note)
    assert [row["description"] for row in await intake.fetch("SELECT description FROM complaints")] == [""]


async def test_a_mail_kept_in_plain_is_sealed_and_still_read(intake: Any, call_as: CallAs) -> None:
    submission_id = new_id()
    async with intake.db.tx() as tx:
        await tx.execute(
            "INSERT INTO submissions (submission_id, version, channel, external_id, sha256, content_sha256, size,"
            " state, reason, detail, subject, sender_name, sender_address, language, charset, defects, product_family,"
            " received_at, received_by, decided_by, decision_reason) VALUES ($1, 1, 'mail', 'x', '', '', $2, 'parked',"
            " 'no_text', '', '漏水 at home', 'Ann', 'ann@plain.example', 'zh', '', '[]', '', now(), 'x', '', '')",
            *(submission_id, len(MAIL.encode())),
        )
        await tx.execute(
            "INSERT INTO submission_bytes (submission_id, raw) VALUES ($1, $2)", submission_id, MAIL.encode()
        )
    assert (await sealed_now(intake))["submissions"] == 0
    (row,) = await intake.fetch(
        "SELECT s.subject, b.raw FROM submissions s JOIN submission_bytes b USING (submission_id)"
    )
    assert (row["subject"], b"plain.example" in row["raw"]) == ("", False)
    request = intake_pb2.GetSubmissionRequest(submission_id=submission_id)
    shown = await intake.run(get_submission, call_as("customer_service"), request)
    assert (shown.subject, shown.sender_address) == ("漏水 at home", "ann@plain.example")
    assert "It leaks." in shown.text


async def test_a_sealing_key_is_changed_without_losing_anyone(intake: Any, given: Given, call_as: CallAs) -> None:
    call = call_as("customer_service")
    old, new = new_key(), new_key()
    intake.db.sealer = Sealer(old)
    first = await intake.one(call, given(customer_email="ann@plain.example"))
    request = intake_pb2.GetComplaintRequest(complaint_id=first.complaint_id)
    intake.db.sealer = Sealer(new)
    with pytest.raises(CannotOpen):
        await intake.run(get_complaint, call, request)
    intake.db.sealer = Sealer(new, [old])
    assert (await sealed_now(intake))["keys"] == 0
    intake.db.sealer = Sealer(new)
    seen = await intake.run(get_complaint, call, request)
    second = await intake.one(call, given(customer_email="ann@plain.example"))
    again = await intake.run(get_complaint, call, intake_pb2.GetComplaintRequest(complaint_id=second.complaint_id))
    assert (seen.customer_name, seen.person_id) == ("Ann Miller", again.person_id)


async def closed(intake: Any, call: Call, given: Given, months: int, **more: Any) -> str:
    async with intake.db.read() as tx:
        then = tx.now - timedelta(days=31 * months)
    done = await intake.one(call, given(historical=True, t_received=then - timedelta(days=9), t_closed=then, **more))
    return str(done.complaint_id)


async def test_retention_asks_for_whoever_is_due_once_and_spares_the_held(
    intake: Any, given: Given, call_as: CallAs, shelf: Any
) -> None:
    call = call_as("manager")
    await closed(intake, call, given, 40)
    await closed(intake, call, given, 40, customer_email="open@x.example")
    await intake.one(call, given(customer_email="open@x.example"))  # something of theirs is still open
    await closed(intake, call, given, 20)
    due = privacy_pb2.ListRetentionDueRequest()
    assert len((await intake.run(list_due, call, due)).due) == 0
    await shelf(intake.db, RETENTION).publish("retention", "default", {"rules": [{"form": "*", "months": 36}]})
    await Retire(intake.db)()
    await Retire(intake.db)()
    (one,) = (await intake.run(list_due, call, due)).due
    assert (one.complaints, one.held, one.requested) == (1, False, True)
    (asked,) = (await intake.run(erasures.list_erasures, call, privacy_pb2.ListErasuresRequest())).erasures
    assert (asked.state, asked.origin, asked.person_id) == ("requested", "retention", one.person_id)
    refusal = privacy_pb2.DecideErasureRequest(erasure_id=asked.erasure_id, reason="still needed")
    await intake.run(erasures.refuse_erasure, call, refusal)
    await Retire(intake.db)()
    assert await intake.count("erasures") == 1, "whom somebody decided to keep is not asked about again"


async def test_retention_erases_by_itself_only_where_the_rules_say_so(
    intake: Any, given: Given, call_as: CallAs, shelf: Any
) -> None:
    call, retired = call_as("manager"), list[int]()
    complaint_id = await closed(intake, call, given, 40)
    rules = {"rules": [{"form": "medical", "months": 120}, {"form": "*", "months": 36}], "automatic": True}
    await shelf(intake.db, RETENTION).publish("retention", "default", rules)
    await Retire(intake.db, retired.append)()
    shown = await intake.run(get_complaint, call, intake_pb2.GetComplaintRequest(complaint_id=complaint_id))
    assert (shown.customer_name, shown.state, retired) == ("[erased]", "closed", [1])
    entries = await intake.fetch("SELECT actor FROM audit WHERE action = 'person erased'")
    assert json.dumps([entry["actor"] for entry in entries]) == '["system:intake"]'
