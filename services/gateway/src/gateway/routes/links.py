from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from pydantic import create_model, model_validator
from starlette.requests import Request
from starlette.responses import Response

from chassis.call import Call
from gateway.adapters.contracts import SERVICES
from gateway.app.principal import STAFF
from gateway.edge.door import door_of
from gateway.edge.guarded_route import guarded
from gateway.routes import schemas
from gateway.routes.documentation import documented
from gateway.routes.forward import IDEMPOTENCY_KEY, PATH_TEXT, writing
from gateway.routes.ids import expect_ids, expect_ids_in_path
from gateway.routes.render import answer, public
from redress.capa.v1 import capa_pb2


class LinkBody(schemas.Request):
    rca_id: schemas.Text | None = None
    capa_id: schemas.Text | None = None

    @model_validator(mode="after")
    def _names_something(self) -> "LinkBody":
        if not (self.rca_id or self.capa_id):
            raise ValueError("name rca_id, capa_id or both")
        return self


_RCA: Any = schemas.reply_model(capa_pb2.Rca.DESCRIPTOR)
_CAPA: Any = schemas.reply_model(capa_pb2.Capa.DESCRIPTOR)
LINKS = create_model("Links", rca=(_RCA | None, None), capa=(_CAPA | None, None))


@guarded(STAFF)
async def link_case(request: Request, case_id: PATH_TEXT, body: LinkBody, key: IDEMPOTENCY_KEY = None) -> Response:
    """Lets a case of a known cluster share an existing analysis and its CAPA; linking twice changes nothing."""
    expect_ids_in_path({"case_id": case_id})
    expect_ids(body.model_dump(exclude_none=True))
    call = writing(request)
    rca = await _link(request, "LinkRca", body.rca_id, case_id, call) if body.rca_id else None
    capa = await _link(request, "LinkCapa", body.capa_id, case_id, call) if body.capa_id else None
    return answer({"rca": rca, "capa": capa})


async def _link(request: Request, name: str, to: str | None, case_id: str, call: Call) -> dict[str, object]:
    # Two commands under one key of the client: each needs a key of its own, the same one on a repeat.
    key = f"{call.idempotency_key}:{name}"[-200:] if call.idempotency_key else None
    door = door_of(request)
    method = SERVICES["capa"].methods_by_name[name]
    message = capa_pb2.LinkRequest(id=to or "", case_ids=[case_id])
    call = replace(call, idempotency_key=key)
    return public(await door.owners.ask("capa", method, message, call, door.settings.write_timeout_s))


def add_routes(router: APIRouter) -> None:
    router.add_api_route(
        "/v1/cases/{case_id}/links",
        link_case,
        methods=["POST"],
        summary="Link a case to an existing analysis or CAPA",
        operation_id="linkCase",
        tags=["cases"],
        **documented(STAFF, LINKS, 200, writes=True),
    )
