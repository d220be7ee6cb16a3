"""What people ask: figures, the facts behind them, time per stage, one fact."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from uuid import UUID

from msgspec import structs

from analytics.adapters.fact_rows import fact, facts_behind
from analytics.adapters.figure_sql import Composer, Settled
from analytics.adapters.figures import figures
from analytics.adapters.stage_times import stage_times
from analytics.app import asking
from analytics.app.catalogues import published_catalogue
from analytics.kpi.catalogue import Catalogue
from analytics.kpi.definition import Definition
from chassis.call import Call
from chassis.db import Tx
from chassis.definition_store import Published
from chassis.errors import FieldError, Invalid, NotFound
from chassis.messages import to_message, to_timestamp
from chassis.paging import decode_cursor, encode_cursor, limit_of
from redress.analytics.v1 import analytics_pb2 as pb

READERS = ("customer_service", "engineer", "quality", "manager", "service")


@dataclass(frozen=True)
class Formulas:
    """The organisation's parameters of the formulas."""

    fcr_days: int
    time_zone: str
    acknowledge_minutes: int = 60
    catalogue: Published[Catalogue] = field(default_factory=published_catalogue)

    def at(self, as_of: datetime) -> Settled:
        return Settled(as_of, self.fcr_days, self.acknowledge_minutes, self.time_zone)


async def list_kpis(formulas: Formulas, tx: Tx, call: Call, _request: pb.ListKpisRequest) -> pb.ListKpisReply:
    call.require(*READERS)
    known = await formulas.catalogue.current(tx)
    return pb.ListKpisReply(kpis=[to_message(pb.KpiDefinition, _described(d)) for d in known.kpis.values()])


def _described(definition: Definition) -> dict[str, object]:
    return {name: getattr(definition, name) for name in definition.__struct_fields__ if name != "measures"}


async def list_kpi_panels(
    formulas: Formulas, tx: Tx, call: Call, _request: pb.ListKpiPanelsRequest
) -> pb.ListKpiPanelsReply:
    call.require(*READERS)
    panels = (await formulas.catalogue.current(tx)).panels.values()
    return pb.ListKpiPanelsReply(panels=[to_message(pb.KpiPanel, structs.asdict(panel)) for panel in panels])


async def get_kpis(formulas: Formulas, tx: Tx, call: Call, request: pb.GetKpisRequest) -> pb.GetKpisReply:
    """Raises Invalid for what is not in the catalogue and for periods that make no sense, NotFound never: n is then 0.

    A figure that misleads alone comes with those beside it.
    """
    call.require(*READERS)
    known = await formulas.catalogue.current(tx)
    asked = asking.definitions(known, request.keys, request.panel if request.HasField("panel") else None)
    window, baseline = asking.window(request), asking.baseline(request)
    found = await figures(tx, asked, window, formulas.at(tx.now), asking.chosen(request), baseline)
    return pb.GetKpisReply(
        values=[to_message(pb.KpiValue, asdict(figure)) for figure in found], computed_at=to_timestamp(tx.now)
    )


async def list_kpi_facts(
    formulas: Formulas, tx: Tx, call: Call, request: pb.ListKpiFactsRequest
) -> pb.ListKpiFactsReply:
    """Exactly what the figure counts, each with its contribution as `value`.

    Figures that count something else than complaints (surveys, visits, costs, CAPAs …) list these, with the complaint
    or complaints they belong to.
    """
    call.require(*READERS)
    definition = asking.definition(await formulas.catalogue.current(tx), request.key)
    limit = limit_of(request.page)
    after = decode_cursor(request.page.cursor, str, str) or ("", "")
    composer = Composer(asking.window(request.filter), formulas.at(tx.now), asking.chosen(request.filter))
    dimension = request.dimension if request.HasField("dimension") else None
    rows = await facts_behind(tx, definition.measures, composer, dimension, (after[0], after[1]), limit)
    more = len(rows) == limit
    return pb.ListKpiFactsReply(
        facts=[to_message(pb.Fact, row) for row in rows],
        next_cursor=encode_cursor(rows[-1]["dimension"], rows[-1]["unit_id"]) if more else "",
    )


async def get_stage_times(formulas: Formulas, tx: Tx, call: Call, request: pb.GetKpisRequest) -> pb.GetStageTimesReply:
    call.require(*READERS)
    known = await formulas.catalogue.current(tx)
    found = await stage_times(tx, known, asking.window(request), formulas.at(tx.now), asking.chosen(request))
    return pb.GetStageTimesReply(stages=[to_message(pb.StageTime, asdict(one)) for one in found])


async def get_fact(tx: Tx, call: Call, request: pb.GetFactRequest) -> pb.Fact:
    call.require(*READERS)
    found = await fact(tx, _uuid(request.complaint_id))
    if found is None:
        raise NotFound(f"no fact about complaint {request.complaint_id}")
    return to_message(pb.Fact, found | {"unit_kind": "complaint", "unit_id": str(found["complaint_id"])})


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as error:
        raise Invalid("this is not an id", [FieldError("complaint_id", "not a UUID")]) from error
