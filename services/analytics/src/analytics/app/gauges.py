"""The figures of /metrics: computed once by whichever replica comes first, kept in the store, shown by all."""

from collections.abc import Iterable, Sequence

from analytics.adapters import gauge_rows
from analytics.adapters.figure_sql import Filter, Settled
from analytics.adapters.figures import figures
from analytics.adapters.stage_times import stage_times
from analytics.app.queries import Formulas
from analytics.kpi.bounded import MOST_CURRENCIES, MOST_STAGES, fold, largest
from analytics.kpi.catalogue import Catalogue
from analytics.kpi.catalogue_rules import STAGE_KEYS
from analytics.kpi.definition import PROFILES, Profile
from analytics.kpi.figures import Figure
from analytics.kpi.windows import GAUGE_DAYS, Window, window_of
from analytics.metrics import Sample
from chassis.db import Tx

QUANTILES = ("0.5", "0.9")
# What has stage or grade as a label of its own.
_SHOWN_ELSEWHERE = frozenset({"open", *STAGE_KEYS})


async def compute(tx: Tx, formulas: Formulas) -> list[Sample]:
    """Every sample as of the transaction's time."""
    settled, known = formulas.at(tx.now), await formulas.catalogue.current(tx)
    samples: list[Sample] = []
    for profile in PROFILES:
        for window in GAUGE_DAYS:
            samples += await _kpis(tx, known, window, profile, settled)
    return samples + await _states(tx, known, settled)


async def _kpis(tx: Tx, known: Catalogue, window: str, profile: Profile, settled: Settled) -> list[Sample]:
    """A state that is read as of now has no window: it is shown in `all` only."""
    definitions = [
        definition
        for definition in known.kpis.values()
        if definition.key not in _SHOWN_ELSEWHERE and (window == "all" or not definition.snapshot)
    ]
    chosen = Filter(justified_only=profile == "justified")
    found = await figures(tx, definitions, window_of(window, settled.as_of), settled, chosen)
    return [sample for figure in _bounded(found) for sample in _samples(known, figure, window, profile)]


def _bounded(found: Sequence[Figure]) -> Iterable[Figure]:
    """Money in the currencies with the most lines; sums of several currencies do not exist, so none is `other`."""
    money = [(_currency(figure), float(figure.n)) for figure in found if figure.unit == "minor units"]
    kept = largest(money, MOST_CURRENCIES)
    return (figure for figure in found if figure.unit != "minor units" or _currency(figure) in kept)


def _currency(figure: Figure) -> str:
    return figure.dimension.split("/")[0]


def _samples(known: Catalogue, figure: Figure, window: str, profile: Profile) -> Iterable[Sample]:
    labels = {"kpi": figure.key, "clock": figure.clock, "window": window, "profile": profile}
    labels["dimension"] = figure.dimension
    yield "redress_kpi_n", labels, figure.n
    if known.kpis[figure.key].pending:
        yield "redress_kpi_pending", labels, figure.pending
    if figure.value is not None:
        yield "redress_kpi_value", labels, figure.value
    if figure.baseline_n is not None:
        yield "redress_kpi_baseline_n", labels, figure.baseline_n
    if figure.significant is not None:
        yield "redress_kpi_significant", labels, float(figure.significant)
    quantiles = "redress_kpi_seconds" if figure.unit == "seconds" else "redress_kpi_quantile"
    for quantile, value in zip(QUANTILES, (figure.p50, figure.p90), strict=True):
        if value is not None:
            yield quantiles, labels | {"quantile": quantile}, value
    for bound, value in (("low", figure.ci_low), ("high", figure.ci_high)):
        if value is not None:
            yield "redress_kpi_interval", labels | {"bound": bound}, value


async def _states(tx: Tx, known: Catalogue, settled: Settled) -> list[Sample]:
    opened = fold(await gauge_rows.open_by_stage_and_grade(tx), MOST_STAGES)
    closed = await gauge_rows.closed_by_outcome_and_path(tx)
    return [
        *(("redress_complaints_open", {"stage": s, "grade": g}, n) for (s, g), n in opened.items()),
        *(("redress_complaints_overdue", {"grade": g}, n) for g, n in await gauge_rows.overdue(tx, settled.as_of)),
        *(("redress_complaints_received", {"grade": g}, n) for g, n in await gauge_rows.received(tx)),
        *(("redress_complaints_closed", {"outcome": o, "path": p}, n) for (o, p), n in closed.items()),
        *await _stage_samples(tx, known, settled),
    ]


async def _stage_samples(tx: Tx, known: Catalogue, settled: Settled) -> list[Sample]:
    stages = await stage_times(tx, known, Window(), settled, Filter())
    kept = largest(((stage.stage, stage.visits) for stage in stages), MOST_STAGES)
    samples: list[Sample] = []
    for stage in stages:
        if stage.stage in kept:
            samples.append(("redress_stage_visits", {"stage": stage.stage}, stage.visits))
            samples.append(("redress_stage_first_pass_ratio", {"stage": stage.stage}, stage.first_pass_yield))
            for quantile, value in zip(QUANTILES, (stage.p50_seconds, stage.p90_seconds), strict=True):
                samples.append(("redress_stage_seconds", {"stage": stage.stage, "quantile": quantile}, value))
    return samples
