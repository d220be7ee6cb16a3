"""What people ask: figures, the facts behind them, time per stage, one fact."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from analytics.adapters.fact_rows import fact, facts_behind
from analytics.adapters.figure_sql import Composer, Filter, Settled
from analytics.adapters.figures import figures
from analytics.adapters.stage_times import stage_times
from analytics.kpi.catalogue import Definition, catalogue
from analytics.kpi.windows import Window
from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, Invalid, NotFound
from chassis.messages import from_timestamp, to_message, to_timestamp
from chassis.paging import decode_cursor, encode_cursor, limit_of
from redress.analytics.v1 import analytics_pb2 as pb

READERS = ("customer_service", "engineer", "quality", "manager", "service")


@dataclass(frozen=True)
class Formulas:
    """The organisation's parameters of the formulas."""

    fcr_days: int
    time_zone: str

    def at(self, as_of: datetime) -> Settled:
        return Settled(as_of, self.fcr_days, self.time_zone)


async def list_kpis(_tx: Tx, call: Call, _request: pb.ListKpisRequest) -> pb.ListKpisReply:
    call.require(*READERS)
    return pb.ListKpisReply(kpis=[to_message(pb.KpiDefinition, _described(d)) for d in catalogue().values()])


def _described(definition: Definition) -> dict[str, object]:
    return {name: getattr(definition, name) for name in definition.__struct_fields__ if name != "measures"}


async def get_kpis(formulas: Formulas, tx: Tx, call: Call, request: pb.GetKpisRequest) -> pb.GetKpisReply:
    """Raises Invalid for a key that is not in the catalogue, NotFound never: a figure of nothing has n = 0."""
    call.require(*READERS)
    definitions = _chosen(request.keys)
    found = await figures(tx, definitions, _window(request), formulas.at(tx.now), _filter(request))
    return pb.GetKpisReply(
        values=[to_message(pb.KpiValue, asdict(figure)) for figure in found], computed_at=to_timestamp(tx.now)
    )


async def list_kpi_facts(
    formulas: Formulas, tx: Tx, call: Call, request: pb.ListKpiFactsRequest
) -> pb.ListKpiFactsReply:
    """Exactly what the figure counts, each with its contribution as `value`.

    Figures that count costs, CAPAs, checks or actions list these, with the complaint or complaints they belong to.
    """
    call.require(*READERS)
    (definition,) = _chosen([request.key])
    limit = limit_of(request.page)
    after = decode_cursor(request.page.cursor, str, str) or ("", "")
    composer = Composer(_window(request.filter), formulas.at(tx.now), _filter(request.filter))
    dimension = request.dimension if request.HasField("dimension") else None
    rows = await facts_behind(tx, definition.measures, composer, dimension, (after[0], after[1]), limit)
    unit_kind = definition.measures[0].rows.removesuffix("s")
    more = len(rows) == limit
    return pb.ListKpiFactsReply(
        facts=[to_message(pb.Fact, row | {"unit_kind": unit_kind}) for row in rows],
        next_cursor=encode_cursor(rows[-1]["dimension"], rows[-1]["unit_id"]) if more else "",
    )


async def get_stage_times(formulas: Formulas, tx: Tx, call: Call, request: pb.GetKpisRequest) -> pb.GetStageTimesReply:
    call.require(*READERS)
    composer = Composer(_window(request), formulas.at(tx.now), _filter(request))
    return pb.GetStageTimesReply(
        stages=[to_message(pb.StageTime, asdict(one)) for one in await stage_times(tx, composer)]
    )


async def get_fact(tx: Tx, call: Call, request: pb.GetFactRequest) -> pb.Fact:
    call.require(*READERS)
    found = await fact(tx, _uuid(request.complaint_id))
    if found is None:
        raise NotFound(f"no fact about complaint {request.complaint_id}")
    return to_message(pb.Fact, found | {"unit_kind": "complaint", "unit_id": str(found["complaint_id"])})


def _chosen(keys: Sequence[str]) -> list[Definition]:
    known = catalogue()
    unknown = [key for key in keys if key not in known]
    if unknown:
        raise Invalid(
            f"no KPI is called {', '.join(unknown)}", [FieldError("keys", "not in the catalogue")], possible=list(known)
        )
    return [definition for key, definition in known.items() if not keys or key in keys]


def _window(request: pb.GetKpisRequest) -> Window:
    window = Window(from_timestamp(request, "from"), from_timestamp(request, "to"))
    if window.start and window.end and window.start >= window.end:
        raise Invalid("the period is empty", [FieldError("to", "not after from")])
    return window


def _filter(request: pb.GetKpisRequest) -> Filter:
    given = {name: getattr(request, name) for name in ("grade", "product_family", "channel") if request.HasField(name)}
    return Filter(**given, justified_only=request.justified_only)


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as error:
        raise Invalid("this is not an id", [FieldError("complaint_id", "not a UUID")]) from error
