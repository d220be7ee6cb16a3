"""Saved views: a name, filters and columns, for oneself or for everybody on the staff."""

from typing import Any

import asyncpg
import sqlalchemy as sa
from google.protobuf.json_format import MessageToDict, ParseDict

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import Conflict, FieldError, Invalid, NotFound, StaleVersion
from chassis.ids import new_id
from chassis.messages import to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from intake.adapters.search_tables import saved_views
from intake.app.load import WORKING, is_id
from intake.app.search.asked import asked, told
from intake.app.search.columns import checked_columns
from intake.app.search.search import found, reply
from redress.intake.v1 import search_pb2 as pb

LONGEST_NAME = 100


async def list_saved_views(tx: Tx, call: Call, request: pb.ListSavedViewsRequest) -> pb.ListSavedViewsReply:
    """One's own and shared ones, by name."""
    call.require(*WORKING)
    limit = limit_of(request.page)
    after = decode_cursor(request.page.cursor, str, str) or ("", "")
    rows = await tx.fetch(
        "SELECT * FROM saved_views WHERE (owner = $1 OR shared) AND (name, view_id::text) > ($2, $3)"
        " ORDER BY name, view_id::text LIMIT $4",
        call.actor,
        *after,
        limit,
    )
    cursor = encode_cursor(rows[-1]["name"], str(rows[-1]["view_id"])) if len(rows) == limit else ""
    return pb.ListSavedViewsReply(views=[_message(row) for row in rows], next_cursor=cursor)


async def get_saved_view(tx: Tx, call: Call, request: pb.GetSavedViewRequest) -> pb.SavedView:
    return _message(await seen(tx, call, request.view_id))


async def run_saved_view(tx: Tx, call: Call, request: pb.RunSavedViewRequest) -> pb.SearchComplaintsReply:
    """What the view shows to whoever asks now."""
    wanted = asked(call, filters_of(await seen(tx, call, request.view_id)))
    return reply(await found(tx, wanted, limit_of(request.page), request.page.cursor), as_json_text=False)


async def create_saved_view(tx: Tx, call: Call, request: pb.CreateSavedViewRequest) -> pb.SavedView:
    """Raises Invalid naming the fields, Conflict where one's own view has this name."""
    call.require(*WORKING)
    asked(call, request.filters)
    values: dict[str, Any] = {
        "view_id": new_id(),
        "version": 1,
        "name": _name(request.name),
        "owner": call.actor,
        "shared": request.shared,
        "filters": _stored(request.filters),
        "columns": checked_columns(call, request.columns),
        "changed_at": tx.now,
    }
    await _run(tx, sa.insert(saved_views).values(values))
    _record(tx, call, "created", values["view_id"], {"name": [None, values["name"]]}, first=True)
    return _message(values)


async def update_saved_view(tx: Tx, call: Call, request: pb.UpdateSavedViewRequest) -> pb.SavedView:
    """Raises StaleVersion, Invalid naming the fields, Conflict where one's own view has this name."""
    row = await _own(tx, call, request.view_id, request.if_version)
    changes: dict[str, Any] = {}
    if request.HasField("name"):
        changes["name"] = _name(request.name)
    if request.HasField("shared"):
        changes["shared"] = request.shared
    if request.HasField("filters"):
        asked(call, request.filters)
        changes["filters"] = _stored(request.filters)
    if request.columns:
        changes["columns"] = checked_columns(call, request.columns)
    changed = {name: [row[name], value] for name, value in changes.items() if row[name] != value}
    shown = changed | ({"filters": [told(filters_of(row)), told(request.filters)]} if "filters" in changed else {})
    if not changed:
        return _message(row)
    new = {**changes, "version": row["version"] + 1, "changed_at": tx.now}
    await _run(tx, sa.update(saved_views).where(saved_views.c.view_id == row["view_id"]).values(new))
    _record(tx, call, "updated", str(row["view_id"]), shown)
    return _message({**row, **new})


async def delete_saved_view(tx: Tx, call: Call, request: pb.DeleteSavedViewRequest) -> pb.SavedView:
    """The view as it was. Raises StaleVersion."""
    row = await _own(tx, call, request.view_id, request.if_version)
    await tx.run(sa.delete(saved_views).where(saved_views.c.view_id == row["view_id"]))
    _record(tx, call, "deleted", str(row["view_id"]), {"name": [row["name"], None]})
    return _message(row)


async def seen(tx: Tx, call: Call, view_id: str) -> dict[str, Any]:
    """A view of one's own, or a shared one. Raises NotFound for all others."""
    call.require(*WORKING)
    row = await tx.fetchrow("SELECT * FROM saved_views WHERE view_id = $1", view_id) if is_id(view_id) else None
    if row is None or not (row["shared"] or row["owner"] == call.actor):
        raise NotFound("there is no such view")
    return dict(row)


def filters_of(row: dict[str, Any]) -> pb.ComplaintFilter:
    """A filter that a later version dropped is not asked for any more."""
    return ParseDict(row["filters"], pb.ComplaintFilter(), ignore_unknown_fields=True)


async def _own(tx: Tx, call: Call, view_id: str, if_version: int) -> dict[str, Any]:
    row = await seen(tx, call, view_id)
    if row["owner"] != call.actor and not call.has("admin"):
        raise NotFound("there is no such view of yours; a shared one is changed by its owner")
    if row["version"] != if_version:
        raise StaleVersion(f"the view stands at version {row['version']}")
    return row


async def _run(tx: Tx, statement: Any) -> None:
    try:
        async with tx.conn.transaction():
            await tx.run(statement)
    except asyncpg.UniqueViolationError as error:
        raise Conflict("view_exists", "you have a view of this name already") from error


def _name(name: str) -> str:
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > LONGEST_NAME or not tidy.isprintable():
        raise Invalid("the view needs a name", [FieldError("name", f"1..{LONGEST_NAME} printable characters")])
    return tidy


def _stored(filters: pb.ComplaintFilter) -> dict[str, Any]:
    return MessageToDict(filters, preserving_proto_field_name=True)


def _message(row: Any) -> pb.SavedView:
    return to_message(pb.SavedView, {**row, "filters": filters_of(dict(row))})


def _record(tx: Tx, call: Call, action: str, view_id: str, changes: dict[str, Any], *, first: bool = False) -> None:
    tx.audit(aggregate_type="saved_view", aggregate_id=view_id, action=action, call=call, changes=changes, first=first)
