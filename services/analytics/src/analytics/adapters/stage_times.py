"""How long complaints stay in each stage: the catalogue's stage figures, side by side (DOMAIN §2, stage dwell)."""

from collections import defaultdict
from dataclasses import dataclass

from analytics.adapters.figure_sql import Filter, Settled
from analytics.adapters.figures import figures
from analytics.kpi.catalogue import Catalogue
from analytics.kpi.catalogue_rules import STAGE_KEYS
from analytics.kpi.figures import Figure
from analytics.kpi.windows import Window
from chassis.db import Tx


@dataclass(frozen=True)
class StageTime:
    """Calendar seconds in one stage: per finished visit, and over all visits of a complaint."""

    stage: str
    visits: int
    complaints: int
    rework_visits: int
    mean_seconds: float
    p50_seconds: float
    p90_seconds: float
    first_pass_yield: float
    passed: int
    complaint_mean_seconds: float
    complaint_p50_seconds: float
    complaint_p90_seconds: float


async def stage_times(tx: Tx, known: Catalogue, window: Window, settled: Settled, chosen: Filter) -> list[StageTime]:
    """By stage; those nobody has left yet are missing."""
    by_stage: dict[str, dict[str, Figure]] = defaultdict(dict)
    for figure in await figures(tx, [known.kpis[key] for key in STAGE_KEYS], window, settled, chosen):
        by_stage[figure.dimension][figure.key] = figure
    return [_stage_time(stage, of) for stage, of in sorted(by_stage.items())]


def _stage_time(stage: str, of: dict[str, Figure]) -> StageTime:
    dwell, time, passed = of["stage_dwell"], of.get("stage_time"), of.get("first_pass_yield")
    return StageTime(
        stage=stage,
        visits=dwell.n,
        complaints=time.n if time else 0,
        rework_visits=int(of["rework_rate"].numerator or 0),
        mean_seconds=dwell.value or 0.0,
        p50_seconds=dwell.p50 or 0.0,
        p90_seconds=dwell.p90 or 0.0,
        first_pass_yield=(passed.value or 0.0) if passed else 0.0,
        passed=passed.n if passed else 0,
        complaint_mean_seconds=(time.value or 0.0) if time else 0.0,
        complaint_p50_seconds=(time.p50 or 0.0) if time else 0.0,
        complaint_p90_seconds=(time.p90 or 0.0) if time else 0.0,
    )
