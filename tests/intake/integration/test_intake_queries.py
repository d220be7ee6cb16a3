"""Lists, texts, counts and the grading table, and who may read them, against a real PostgreSQL."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from chassis.call import Call
from chassis.errors import Forbidden, NotFound
from chassis.messages import to_dict
from intake.app import queries
from intake.app.contact import record_contact
from intake.app.listing import list_complaints
from redress.intake.v1 import intake_pb2 as pb

Given = Callable[..., Any]
CallAs = Callable[..., Call]


async def test_lists_are_newest_first_and_filtered(intake: Any, given: Given, call_as: CallAs) -> None:
    call = call_as("manager")
    for n in range(5):
        await intake.one(call, given(defect_code=f"d{n % 2}", external_id=f"X{n}", legal="unknown" if n == 3 else "no"))
    numbers: list[str] = []
    request = pb.ListComplaintsRequest()
    request.page.limit = 2
    while True:
        page = await intake.run(list_complaints, call, request)
        numbers += [c.number for c in page.complaints]
        if not page.next_cursor:
            break
        request.page.cursor = page.next_cursor
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 5
    for wanted, count in (
        ({"defect_code": "d0"}, 3),
        ({"signature": "pump p7|d1|"}, 2),
        ({"has_questions": True}, 1),
        ({"external_id": "X4"}, 1),
        ({"grade": "important"}, 1),
        ({"state": "closed"}, 0),
        ({"has_open_proposals": True}, 3),
        ({"has_open_proposals": False, "product_family": "Pump P7"}, 2),
    ):
        found = await intake.run(list_complaints, call, pb.ListComplaintsRequest(**wanted))
        assert len(found.complaints) == count, wanted
        same = await intake.run(list_complaints, call, pb.ListComplaintsRequest(**wanted, as_json=True))
        assert json.loads(same.json) == json.loads(msgspec.json.encode([to_dict(each) for each in found.complaints]))


async def test_a_channel_reads_its_own_and_a_partner_nothing(intake: Any, given: Given, call_as: CallAs) -> None:
    shop, other = call_as("channel", actor="key:shop"), call_as("channel", actor="key:other")
    done = await intake.one(shop, given())
    assert (await intake.run(queries.get_complaint, shop, pb.GetComplaintRequest(complaint_id=done.number))).number
    assert len((await intake.run(list_complaints, shop, pb.ListComplaintsRequest())).complaints) == 1
    assert not (await intake.run(list_complaints, other, pb.ListComplaintsRequest())).complaints
    for call, name, error in (
        (other, done.number, NotFound),
        (shop, "C26-9999999", NotFound),
        (shop, "nothing like an id", NotFound),
        (call_as("partner"), done.number, Forbidden),
    ):
        with pytest.raises(error):
            await intake.run(queries.get_complaint, call, pb.GetComplaintRequest(complaint_id=name))
    with pytest.raises(Forbidden):
        await intake.run(queries.get_contacts, shop, pb.GetContactsRequest(complaint_ids=[done.complaint_id]))
    with pytest.raises(Forbidden):
        await intake.run(record_contact, shop, pb.RecordContactRequest(complaint_id=done.number, channel="api"))


async def test_texts_and_counts_by_signature_serve_the_others(intake: Any, given: Given, call_as: CallAs) -> None:
    call, service = call_as("customer_service"), call_as("service")
    one = await intake.one(call, given(lot="L1"))
    await intake.one(call, given(lot="L2", customer_ref="K2"))
    await intake.one(call, given(defect_code="other"))
    texts = await intake.run(
        queries.get_texts, service, pb.GetTextsRequest(complaint_ids=[one.complaint_id, "no id at all"])
    )
    assert [(t.number, t.signature) for t in texts.texts] == [(one.number, "pump p7|leak||l1")]
    for signature, count in (("pump p7|leak|", 2), ("pump p7|leak||l1", 1), ("pump p7|leak||l9", 0), ("", 0)):
        reply = await intake.run(queries.count_by_signature, service, pb.CountBySignatureRequest(signature=signature))
        assert reply.count == count, signature


async def test_the_grading_table_can_be_read(intake: Any, call_as: CallAs) -> None:
    call = call_as("quality")
    found = await intake.run(queries.get_grading_table, call, pb.GetGradingTableRequest())
    assert (found.name, found.version) == ("default", 1)
    assert json.loads(found.document)["rows"][0]["id"] == "1-injury"
    with pytest.raises(NotFound):
        await intake.run(queries.get_grading_table, call, pb.GetGradingTableRequest(version=99))
