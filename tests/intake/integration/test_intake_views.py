"""Saved views, and exports of what they show."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from chassis.call import Call
from chassis.errors import Conflict, Forbidden, Invalid, NotFound, StaleVersion
from intake.app.search import views
from intake.app.search.export import export_complaints
from redress.intake.v1 import search_pb2 as pb

Given = Callable[..., Any]
CallAs = Callable[..., Call]


def view(name: str = "Urgent leaks", **more: Any) -> pb.CreateSavedViewRequest:
    filters = pb.ComplaintFilter(words="leak", product_family="Pump P7")
    return pb.CreateSavedViewRequest(name=name, filters=filters, columns=["number", "lot"], **more)


async def test_a_view_is_its_owners_until_it_is_shared(intake: Any, given: Given, call_as: CallAs) -> None:
    owner, other = call_as("quality"), call_as("engineer")
    await intake.one(call_as("customer_service"), given())
    made = await intake.run(views.create_saved_view, owner, view())
    asked = pb.RunSavedViewRequest(view_id=made.view_id)
    assert len((await intake.run(views.run_saved_view, owner, asked)).complaints) == 1
    with pytest.raises(NotFound):
        await intake.run(views.run_saved_view, other, asked)
    shared = pb.UpdateSavedViewRequest(view_id=made.view_id, if_version=1, shared=True)
    with pytest.raises(NotFound):
        await intake.run(views.update_saved_view, other, shared)
    assert (await intake.run(views.update_saved_view, owner, shared)).version == 2
    assert len((await intake.run(views.run_saved_view, other, asked)).complaints) == 1
    listed = await intake.run(views.list_saved_views, other, pb.ListSavedViewsRequest())
    assert [(v.name, v.filters.words, list(v.columns)) for v in listed.views] == [
        ("Urgent leaks", "leak", ["number", "lot"])
    ]


async def test_what_cannot_be_saved_is_refused_by_name(intake: Any, call_as: CallAs) -> None:
    owner = call_as("manager")
    made = await intake.run(views.create_saved_view, owner, view())
    with pytest.raises(Conflict):
        await intake.run(views.create_saved_view, owner, view())
    for wrong, field in (
        (pb.CreateSavedViewRequest(name=" "), "name"),
        (pb.CreateSavedViewRequest(name="x", columns=["secret"]), "columns"),
        (pb.CreateSavedViewRequest(name="x", filters=pb.ComplaintFilter(words="…")), "words"),
    ):
        with pytest.raises(Invalid) as refused:
            await intake.run(views.create_saved_view, owner, wrong)
        assert [fault.field for fault in refused.value.fields] == [field]
    with pytest.raises(Forbidden):
        await intake.run(
            views.create_saved_view, owner, pb.CreateSavedViewRequest(name="x", columns=["customer_email"])
        )
    with pytest.raises(StaleVersion):
        await intake.run(views.delete_saved_view, owner, pb.DeleteSavedViewRequest(view_id=made.view_id, if_version=7))
    await intake.run(views.delete_saved_view, owner, pb.DeleteSavedViewRequest(view_id=made.view_id, if_version=1))
    with pytest.raises(NotFound):
        await intake.run(views.get_saved_view, owner, pb.GetSavedViewRequest(view_id=made.view_id))


async def test_an_export_takes_all_pages_and_says_so_in_the_audit_trail(
    intake: Any, given: Given, call_as: CallAs
) -> None:
    for n in range(5):
        await intake.one(call_as("customer_service"), given(lot=f"L{n}"))
    request = pb.ExportComplaintsRequest(columns=["lot", "customer_name"], format="csv", limit=2)
    request.filter.words = "leaks"
    rows: list[list[Any]] = []
    call = call_as("quality")
    while True:
        page = await intake.run(export_complaints, call, request)
        rows += json.loads(page.rows)
        if not page.next_cursor:
            break
        request.cursor = page.next_cursor
    assert rows == [[f"L{n}", "Ann Miller"] for n in (4, 3, 2, 1, 0)]
    assert (len(rows), page.so_far) == (5, 5)
    entries = await intake.fetch(
        "SELECT action, changes FROM audit WHERE aggregate_type = 'export' ORDER BY at, action"
    )
    assert [entry["action"] for entry in entries] == ["export begun", "export ended"]
    assert "leaks" not in str([dict(entry) for entry in entries])


async def test_who_complained_leaves_only_with_those_who_may_see_it(intake: Any, call_as: CallAs) -> None:
    personal = pb.ExportComplaintsRequest(columns=["customer_name"], format="csv", limit=10)
    with pytest.raises(Forbidden):
        await intake.run(export_complaints, call_as("manager"), personal)
    with pytest.raises(Forbidden):
        await intake.run(export_complaints, call_as("engineer"), pb.ExportComplaintsRequest(format="csv", limit=10))
    usual = await intake.run(export_complaints, call_as("manager"), pb.ExportComplaintsRequest(format="xlsx", limit=10))
    assert not {"customer_name", "customer_email", "customer_phone", "description"} & set(usual.columns)
