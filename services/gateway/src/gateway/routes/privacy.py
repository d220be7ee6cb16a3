"""Persons behind complaints: found by their identities in a body, never in an address that logs would keep."""

from gateway.app.principal import ADMIN
from gateway.routes.table import Forward

# As intake decides (docs/privacy.md); said here so that the document tells it and the rest ends at the door.
_DECIDING = ADMIN | {"manager"}
_HOLDING = _DECIDING | {"quality"}
_ASKING = _HOLDING | {"customer_service"}

_PERSON = "/v1/privacy/persons/{person_id}"
_ERASURE = "/v1/privacy/erasures/{erasure_id}"

PRIVACY = [
    Forward(
        "POST",
        "/v1/privacy/persons/find",
        "intake.FindPersons",
        "Who is known by an e-mail, telephone or number",
        roles=_ASKING,
    ),
    Forward(
        "GET",
        _PERSON,
        "intake.GetPerson",
        "What there is of a person, without saying who they are",
        roles=_ASKING,
        operation="getPersonBehindComplaints",
    ),
    Forward(
        "POST",
        f"{_PERSON}/export",
        "intake.ExportPerson",
        "Everything that is held about a person; audited",
        roles=_DECIDING,
    ),
    Forward(
        "POST", f"{_PERSON}/hold", "intake.HoldPerson", "Keep a person from being erased, with a reason", roles=_HOLDING
    ),
    Forward("POST", f"{_PERSON}/release", "intake.ReleasePerson", "End a hold, with a reason", roles=_HOLDING),
    Forward(
        "POST",
        "/v1/privacy/erasures",
        "intake.RequestErasure",
        "Request the erasure of a person; somebody else approves it",
        roles=_ASKING,
        status=201,
        location="/v1/privacy/erasures/{erasure_id}",
    ),
    Forward("GET", "/v1/privacy/erasures", "intake.ListErasures", "Erasures, newest first", roles=_ASKING),
    Forward("GET", _ERASURE, "intake.GetErasure", "One erasure", roles=_ASKING),
    Forward(
        "POST",
        f"{_ERASURE}/approve",
        "intake.ApproveErasure",
        "Erase the person; not by who requested it",
        roles=_DECIDING,
        any_version=True,
    ),
    Forward(
        "POST",
        f"{_ERASURE}/refuse",
        "intake.RefuseErasure",
        "Refuse the erasure, with a reason",
        roles=_DECIDING,
        any_version=True,
    ),
    Forward(
        "POST",
        "/v1/privacy/erasures/replay",
        "intake.ReplayErasures",
        "After a backup was put back: erase again who was erased since",
        roles=ADMIN,
    ),
    Forward(
        "GET",
        "/v1/privacy/retention/due",
        "intake.ListRetentionDue",
        "Whose retention period is over: a dry run",
        roles=_ASKING,
    ),
    Forward(
        "POST",
        "/v1/complaints/{complaint_id}/identity/reveal",
        "intake.RevealIdentity",
        "Name and addresses of a protected complainant; audited",
        roles=_HOLDING,
    ),
    Forward(
        "POST",
        "/v1/complaints/{complaint_id}/identity",
        "intake.ProtectIdentity",
        "Protect who complains, or end it, with a reason",
        roles=_HOLDING,
    ),
]
