"""From a request for figures to what is computed: which of the catalogue, over which period, of which complaints."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from analytics.adapters.figure_sql import Filter
from analytics.kpi.catalogue import Catalogue
from analytics.kpi.definition import Definition
from analytics.kpi.windows import Window
from chassis.errors import FieldError, Invalid
from chassis.messages import from_timestamp
from redress.analytics.v1 import analytics_pb2 as pb


def definitions(catalogue: Catalogue, keys: Sequence[str], panel: str | None) -> list[Definition]:
    """Those of `keys` and of `panel`, all when neither is given, and what stands beside them; in catalogue order."""
    known = catalogue.kpis
    wanted = [*keys, *(_panel(catalogue, panel) if panel is not None else ())]
    unknown = [key for key in wanted if key not in known]
    if unknown:
        raise Invalid(
            f"no KPI is called {', '.join(unknown)}", [FieldError("keys", "not in the catalogue")], possible=list(known)
        )
    if not wanted:
        return list(known.values())
    kept = {*wanted, *(other for key in wanted for other in known[key].beside)}
    return [definition for key, definition in known.items() if key in kept]


def definition(catalogue: Catalogue, key: str) -> Definition:
    found = catalogue.kpis.get(key)
    if found is None:
        raise Invalid(
            f"no KPI is called {key}", [FieldError("key", "not in the catalogue")], possible=list(catalogue.kpis)
        )
    return found


def _panel(catalogue: Catalogue, key: str) -> Iterable[str]:
    found = catalogue.panels.get(key)
    if found is None:
        raise Invalid(
            f"no panel is called {key}", [FieldError("panel", "not in the catalogue")], possible=list(catalogue.panels)
        )
    return found.keys


def window(request: pb.GetKpisRequest) -> Window:
    return _period(from_timestamp(request, "from"), from_timestamp(request, "to"), "to", "not after from")


def baseline(request: pb.GetKpisRequest) -> Window | None:
    """The period a change compares with, None for the catalogue's.

    It ends where the period starts unless it says otherwise. An answer in both periods would make them alike, and the
    interval assumes independent samples: they may not overlap.
    """
    start, end = from_timestamp(request, "baseline_from"), from_timestamp(request, "baseline_to")
    if start is None and end is None:
        return None
    period = window(request)
    found = _period(start, end or period.start, "baseline_to", "not after baseline_from")
    if found.overlaps(period):
        raise Invalid(
            "the baseline overlaps the period it is compared with",
            [FieldError("baseline_to", "reaches into the period: give from and to, and a baseline outside of them")],
        )
    return found


def _period(start: datetime | None, end: datetime | None, name: str, fault: str) -> Window:
    if start and end and start >= end:
        raise Invalid("the period is empty", [FieldError(name, fault)])
    return Window(start, end)


def chosen(request: pb.GetKpisRequest) -> Filter:
    given = {name: getattr(request, name) for name in ("grade", "product_family", "channel") if request.HasField(name)}
    return Filter(**given, justified_only=request.justified_only)
