"""Columns of views and exports: fields of a complaint; those that tell who complained, for some only and on request."""

from collections.abc import Sequence

from chassis.call import Call
from chassis.errors import FieldError, Forbidden, Invalid
from intake.adapters.tables import complaints
from redress.intake.v1 import intake_pb2 as pb

PERSONAL = ("customer_name", "customer_email", "customer_phone")
SEES_PERSONS = ("customer_service", "quality")
COLUMNS = tuple(
    field.name
    for field in pb.Complaint.DESCRIPTOR.fields
    if field.name in PERSONAL or (field.name in complaints.c and not field.is_repeated) or field.name == "questions"
)
# Free text may tell who wrote it: it comes on request, too.
USUAL = tuple(name for name in COLUMNS if name not in (*PERSONAL, "description", "complaint_id"))


def checked_columns(call: Call, wanted: Sequence[str]) -> list[str]:
    """In the order given, each once. Raises Invalid for what is no column, Forbidden for what one may not see."""
    unknown = [
        FieldError("columns", f"{name} is no column; there are {', '.join(COLUMNS)}")
        for name in wanted
        if name not in COLUMNS
    ]
    if unknown:
        raise Invalid("there are no such columns", unknown[:10])
    if not set(PERSONAL).isdisjoint(wanted) and not call.has(*SEES_PERSONS):
        raise Forbidden(f"columns that tell who complained need one of the roles {', '.join(SEES_PERSONS)}")
    return list(dict.fromkeys(wanted))
