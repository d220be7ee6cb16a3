"""What the database shows of people, and what is left of them once they are erased."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from chassis import audit
from chassis.call import Call, set_current_call
from chassis.commands import Commands
from chassis.errors import Conflict, Forbidden, IllegalTransition, Invalid, NotFound
from chassis.sealing import CannotOpen, Sealer, new_key
from intake.app.contact import record_contact
from intake.app.group import Item
from intake.app.listing import list_complaints
from intake.app.privacy import access, erasures, identity, persons, replaying
from intake.app.queries import get_complaint, get_contacts, get_texts
from intake.app.register import Register
from intake.domain.complaint import Submission
from redress.intake.v1 import intake_pb2, privacy_pb2

CallAs = Callable[..., Call]
Given = Callable[..., Submission]
ANN = {
    "customer_name": "Annegret Müller-Lüdenscheidt",
    "customer_email": "annegret@secret.example",
    "customer_phone": "+49 211 5550199",
    "customer_ref": "KD-778899",
    "description": "The pump squirted brine over my grandmother's carpet.",
}
NOTE = "She rang from her holiday home in Zingst"
SECRETS = ("Annegret", "Lüdenscheidt", "annegret@secret", "5550199", "grandmother", "carpet", "Zingst", NOTE)
_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
# A row as text shows bytes as hex.
_HITS = """SELECT DISTINCT f.key FROM "{0}" t CROSS JOIN LATERAL jsonb_each_text(to_jsonb(t)) AS f,
 unnest($1::text[]) AS s WHERE position(s IN f.value) > 0 OR
 position(encode(convert_to(s, 'UTF8'), 'hex') IN f.value) > 0"""


async def raw_hits(intake: Any, secrets: tuple[str, ...] = SECRETS) -> set[str]:
    """`table.column` wherever one of the secrets stands as it is, in any text, JSON or bytes of the database."""
    tables = [row["table_name"] for row in await intake.fetch(_TABLES)]
    found = {table: await intake.fetch(_HITS.format(table), list(secrets)) for table in tables}
    return {f"{table}.{row['key']}" for table, rows in found.items() for row in rows}


async def test_the_search_finds_what_stands_in_text_and_in_bytes(intake: Any, given: Given, call_as: CallAs) -> None:
    done = await intake.one(call_as("customer_service"), given(lot="Charge-4711-ü"))
    hits = await raw_hits(intake, ("Charge-4711",))
    assert "complaints.lot" in hits
    assert any(hit.endswith(".body") for hit in hits)
    assert any(hit.startswith("audit.") for hit in await raw_hits(intake, (done.number,)))


async def told(intake: Any, call: Call, given: Given, **more: Any) -> str:
    """A complaint of Ann's with a contact; its id."""
    done = await intake.one(call, given(**(ANN | more)), body_hash=b"x")
    await intake.run(
        record_contact,
        call.with_request(idempotency_key=None, traceparent=None),
        intake_pb2.RecordContactRequest(complaint_id=done.complaint_id, channel="phone", note=NOTE),
    )
    return str(done.complaint_id)


async def person_of(intake: Any, call: Call, complaint_id: str) -> str:
    request = intake_pb2.GetComplaintRequest(complaint_id=complaint_id)
    return str((await intake.run(get_complaint, call, request)).person_id)


async def erased(intake: Any, call_as: CallAs, **whom: str) -> Any:
    wanted = await intake.run(
        erasures.request_erasure,
        call_as("customer_service"),
        privacy_pb2.RequestErasureRequest(**whom, reason="asked by letter"),
    )
    decision = privacy_pb2.DecideErasureRequest(erasure_id=wanted.erasure_id, if_version=1, reason="checked")
    return await intake.run(erasures.approve_erasure, call_as("manager"), decision)


async def test_no_name_no_address_and_no_text_stands_in_the_database(
    intake: Any, given: Given, call_as: CallAs
) -> None:
    desk = call_as("customer_service")
    complaint_id = await told(intake, desk, given)
    await intake.run(
        intake.update,
        desk,
        intake_pb2.UpdateComplaintRequest(
            complaint_id=complaint_id, if_version=1, customer_email="annegret@secret.example.org", reason="moved"
        ),
    )
    assert await raw_hits(intake) == set()
    assert await raw_hits(intake, ("KD-778899",)) == {"complaints.customer_ref"}
    shown = await intake.run(get_complaint, desk, intake_pb2.GetComplaintRequest(complaint_id=complaint_id))
    assert (shown.customer_name, shown.description) == (ANN["customer_name"], ANN["description"])
    assert shown.customer_email == "annegret@secret.example.org"
    assert shown.contacts[0].note == NOTE


async def test_one_person_stands_behind_the_complaints_of_one_address(
    intake: Any, given: Given, call_as: CallAs
) -> None:
    call = call_as("customer_service")
    first = await person_of(intake, call, await told(intake, call, given))
    again = await person_of(intake, call, await told(intake, call, given, customer_phone=None))
    by_phone = await person_of(intake, call, await told(intake, call, given, customer_email=None))
    colleague = await told(intake, call, given, customer_email="bob@secret.example", customer_phone=None)
    assert first == again == by_phone
    assert await person_of(intake, call, colleague) != first
    found = await intake.run(
        persons.find_persons, call, privacy_pb2.FindPersonsRequest(customer_email="ANNEGRET@secret.example")
    )
    assert [(p.person_id, len(p.complaints)) for p in found.persons] == [(first, 3)]
    assert list(found.persons[0].related) == [await person_of(intake, call, colleague)]


async def test_who_registers_at_the_same_moment_gets_the_same_person(
    intake: Any, given: Given, call_as: CallAs
) -> None:
    call = call_as("customer_service")
    done = await asyncio.gather(*(intake.one(call, given(**ANN)) for _ in range(8)))
    owners = {await person_of(intake, call, each.complaint_id) for each in done}
    assert len(owners) == 1


async def test_after_an_erasure_nothing_opens_and_the_quality_record_stays(
    intake: Any, given: Given, call_as: CallAs
) -> None:
    desk = call_as("customer_service")
    complaint_id = await told(intake, desk, given, external_id="X1", lot="L1", channel="api")
    person_id = await person_of(intake, desk, complaint_id)
    before = (await intake.fetch("SELECT * FROM complaints"))[0]
    done = await erased(intake, call_as, complaint_id=complaint_id)
    assert (done.state, done.complaints, done.person_id) == ("done", 1, person_id)
    shown = await intake.run(get_complaint, desk, intake_pb2.GetComplaintRequest(complaint_id=complaint_id))
    assert (shown.customer_name, shown.description, shown.customer_email) == ("[erased]", "[erased]", "")
    assert shown.contacts[0].note == "[erased]"
    assert shown.HasField("erased_at")
    after = (await intake.fetch("SELECT * FROM complaints"))[0]
    assert {name for name, was in before.items() if after[name] != was} == {"customer_ref"}
    for table in ("person_identities", "customer_keys"):
        assert await intake.count(table) == 0
    assert (await intake.fetch("SELECT sealed_key FROM persons"))[0]["sealed_key"] is None
    listed = await intake.run(list_complaints, desk, intake_pb2.ListComplaintsRequest())
    assert [c.customer_name for c in listed.complaints] == ["[erased]"]
    texts = await intake.run(get_texts, desk, intake_pb2.GetTextsRequest(complaint_ids=[complaint_id]))
    assert texts.texts[0].description == ""
    async with intake.db.tx() as tx:
        assert (await audit.verify(tx.conn)).broken == []
    assert await raw_hits(intake, (*SECRETS, "KD-778899")) == set()
    (event,) = await intake.fetch("SELECT body FROM outbox WHERE type = 'redress.intake.person.erased.v1'")
    assert complaint_id.encode() in event["body"]


async def test_who_was_erased_does_not_come_back_by_the_same_file_and_is_someone_new_otherwise(
    intake: Any, given: Given, call_as: CallAs
) -> None:
    call = call_as("customer_service")
    complaint_id = await told(intake, call, given, external_id="X1")
    gone = await person_of(intake, call, complaint_id)
    await erased(intake, call_as, person_id=gone)
    again = await intake.one(call, given(**(ANN | {"external_id": "X1"})))
    assert (again.existing, again.complaint_id) == (True, complaint_id)
    assert await raw_hits(intake) == set()
    with pytest.raises(Conflict, match="erased"):
        await intake.run(
            record_contact,
            call,
            intake_pb2.RecordContactRequest(complaint_id=complaint_id, channel="phone", note=NOTE),
        )
    new = await told(intake, call, given, external_id="X2")
    assert await person_of(intake, call, new) != gone


async def test_an_erasure_takes_two_people_and_no_hold(intake: Any, given: Given, call_as: CallAs) -> None:
    boss, quality = call_as("manager"), call_as("quality")
    complaint_id = await told(intake, boss, given)
    person_id = await person_of(intake, boss, complaint_id)
    request = privacy_pb2.RequestErasureRequest(person_id=person_id, reason="asked by letter")
    wanted = await intake.run(erasures.request_erasure, boss, request)
    assert (await intake.run(erasures.request_erasure, quality, request)).erasure_id == wanted.erasure_id
    decision = privacy_pb2.DecideErasureRequest(erasure_id=wanted.erasure_id, reason="checked")
    with pytest.raises(Forbidden):
        await intake.run(erasures.approve_erasure, boss, decision)
    hold = privacy_pb2.HoldPersonRequest(person_id=person_id, reason="court case 12/26")
    await intake.run(persons.hold_person, quality, hold)
    with pytest.raises(Conflict, match="court case"):
        await intake.run(erasures.approve_erasure, call_as("manager"), decision)
    release = privacy_pb2.ReleasePersonRequest(person_id=person_id, reason="settled")
    await intake.run(persons.release_person, quality, release)
    assert (await intake.run(erasures.approve_erasure, call_as("manager"), decision)).state == "done"
    with pytest.raises(IllegalTransition):
        await intake.run(erasures.refuse_erasure, call_as("manager"), decision)
    with pytest.raises(Conflict):
        await intake.run(persons.hold_person, quality, hold)


async def test_only_who_may_asks_decides_and_sees(intake: Any, given: Given, call_as: CallAs) -> None:
    complaint_id = await told(intake, call_as("manager"), given)
    reveal = privacy_pb2.RevealIdentityRequest(complaint_id=complaint_id, reason="a call")
    for use_case, request, roles in (
        (
            erasures.request_erasure,
            privacy_pb2.RequestErasureRequest(complaint_id=complaint_id, reason="x"),
            "engineer",
        ),
        (erasures.approve_erasure, privacy_pb2.DecideErasureRequest(erasure_id=complaint_id), "quality"),
        (access.export_person, privacy_pb2.ExportPersonRequest(person_id=complaint_id, reason="x"), "quality"),
        (replaying.replay_erasures, privacy_pb2.ReplayErasuresRequest(person_ids=["x"]), "manager"),
        (identity.reveal_identity, reveal, "customer_service"),
    ):
        with pytest.raises(Forbidden):
            await intake.run(use_case, call_as(roles), request)
    with pytest.raises(NotFound):
        await intake.run(
            erasures.request_erasure,
            call_as("manager"),
            privacy_pb2.RequestErasureRequest(person_id="nobody", reason="x"),
        )
    with pytest.raises(Invalid):
        await intake.run(
            erasures.request_erasure, call_as("manager"), privacy_pb2.RequestErasureRequest(person_id=complaint_id)
        )


async def test_everything_held_about_a_person_is_exported_and_written_down(
    intake: Any, given: Given, call_as: CallAs
) -> None:
    call = call_as("manager")
    complaint_id = await told(intake, call, given, identity_protected=True)
    person_id = await person_of(intake, call, complaint_id)
    export = await intake.run(
        access.export_person, call, privacy_pb2.ExportPersonRequest(person_id=person_id, reason="asked")
    )
    assert all(secret in export.document for secret in SECRETS)
    entries = await intake.fetch("SELECT action, reason FROM audit WHERE aggregate_id = $1", person_id)
    assert [tuple(entry) for entry in entries] == [("everything exported", "asked")]


async def test_a_protected_identity_is_masked_until_somebody_says_why(
    intake: Any, given: Given, call_as: CallAs
) -> None:
    desk, quality = call_as("customer_service"), call_as("quality")
    complaint_id = await told(intake, desk, given, identity_protected=True, customer_ref="C-4711")
    request = intake_pb2.GetComplaintRequest(complaint_id=complaint_id)
    for call in (desk, quality, call_as("admin")):
        shown = await intake.run(get_complaint, call, request)
        assert (shown.customer_name, shown.customer_email, shown.identity_protected) == ("[protected]", "", True)
        assert not shown.HasField("customer_ref")
        listed = await intake.run(list_complaints, call, intake_pb2.ListComplaintsRequest(as_json=True))
        assert b"Annegret" not in listed.json
    wanted = intake_pb2.GetContactsRequest(complaint_ids=[complaint_id])
    assert (await intake.run(get_contacts, desk, wanted)).contacts[0].customer_name == "[protected]"
    letters = await intake.run(get_contacts, call_as("service"), wanted)
    assert letters.contacts[0].customer_email == ANN["customer_email"]
    reveal = privacy_pb2.RevealIdentityRequest(complaint_id=complaint_id, reason="a call to make")
    assert (await intake.run(identity.reveal_identity, quality, reveal)).customer_name == ANN["customer_name"]
    entries = await intake.fetch("SELECT reason FROM audit WHERE action = 'identity revealed'")
    assert [entry["reason"] for entry in entries] == ["a call to make"]
    ended = privacy_pb2.ProtectIdentityRequest(complaint_id=complaint_id, reason="agreed to be named")
    assert (await intake.run(identity.protect_identity, quality, ended)).customer_name == ANN["customer_name"]


async def test_a_restored_backup_forgets_again(intake: Any, given: Given, call_as: CallAs) -> None:
    call = call_as("manager")
    complaint_id = await told(intake, call, given)
    person_id = await person_of(intake, call, complaint_id)
    (kept,) = await intake.fetch("SELECT sealed_key FROM persons")
    await erased(intake, call_as, person_id=person_id)
    listed = await intake.run(erasures.list_erasures, call, privacy_pb2.ListErasuresRequest(state="done"))
    async with intake.db.tx() as tx:  # as the backup knew it
        await tx.execute("UPDATE persons SET sealed_key = $1, erased_at = NULL", kept["sealed_key"])
        await tx.execute("DELETE FROM erasures")
    replay = privacy_pb2.ReplayErasuresRequest(person_ids=[e.person_id for e in listed.erasures])
    replay.person_ids.append("01a204d5-0000-7000-8000-000000000021")
    done = await intake.run(replaying.replay_erasures, call_as("admin"), replay)
    assert (done.erased, done.unknown) == (1, 1)
    done = await intake.run(replaying.replay_erasures, call_as("admin"), replay)
    assert (done.erased, done.already) == (0, 1)
    (row,) = await intake.fetch("SELECT state, origin FROM erasures")
    assert tuple(row) == ("done", "replay")


async def test_a_kept_reply_of_a_repeated_request_shows_nothing_and_goes_with_the_person(
    intake: Any, given: Given, call_as: CallAs
) -> None:
    complaint_id = await told(intake, call_as("manager"), given)
    keyed = call_as("customer_service").with_request(idempotency_key="k1", traceparent=None)
    set_current_call(keyed)
    request = intake_pb2.UpdateComplaintRequest(complaint_id=complaint_id, if_version=1, lot="L7", reason="label")
    first = await Commands(intake.db).run(request, intake.update)
    assert (await Commands(intake.db).run(request, intake.update)) == first
    assert first.customer_name == ANN["customer_name"]
    assert await raw_hits(intake) == set()
    assert await intake.count("idempotency") == 1
    await erased(intake, call_as, complaint_id=complaint_id)
    assert await intake.count("idempotency") == 0


async def test_registering_again_under_another_sealer_is_refused_with_a_clear_error(
    intake: Any, given: Given, call_as: CallAs, rules: Any
) -> None:
    call = call_as("customer_service")
    await told(intake, call, given)
    intake.db.sealer = Sealer(new_key())
    with pytest.raises(CannotOpen):
        await Register(intake.db, rules)([Item(call, given())])
