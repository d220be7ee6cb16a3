"""How long complaints stay in each stage (DOMAIN §2, stage dwell): finished visits, skipped stages left out.

A visit concludes when the stage is left. Rework is every visit after the first. First-pass yield = complaints that
pass the stage with one visit / all that pass; a complaint passes with the visit that ends `done`.
"""

from dataclasses import dataclass

from analytics.adapters.figure_sql import SOURCES, Composer
from chassis.db import Tx

_SQL = """
SELECT stage, count(*)::int AS visits, count(DISTINCT complaint_id)::int AS complaints,
  count(*) FILTER (WHERE visit > 1)::int AS rework_visits, avg(seconds) AS mean_seconds,
  percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY seconds) AS quantiles,
  count(DISTINCT complaint_id) FILTER (WHERE outcome = 'done') AS passed,
  count(DISTINCT complaint_id) FILTER (WHERE outcome = 'done' AND visits_ever > 1) AS passed_with_rework
FROM (
  SELECT v.complaint_id, v.stage, v.visit, v.outcome, date_part('epoch', v.t_exit - v.t_enter) AS seconds,
    max(v.visit) OVER (PARTITION BY v.complaint_id, v.stage) AS visits_ever
  FROM stage_visits v JOIN facts f ON f.complaint_id = v.complaint_id
  WHERE v.t_exit IS NOT NULL AND v.outcome <> 'skipped' AND {complaint} AND {window}
) finished
GROUP BY stage ORDER BY stage
"""


@dataclass(frozen=True)
class StageTime:
    """Calendar seconds of the finished visits of one stage."""

    stage: str
    visits: int
    complaints: int
    rework_visits: int
    mean_seconds: float
    p50_seconds: float
    p90_seconds: float
    first_pass_yield: float


async def stage_times(tx: Tx, composer: Composer) -> list[StageTime]:
    """By stage; those nobody has left yet are missing."""
    sql = _SQL.format(complaint=composer.where(SOURCES["complaints"]), window=composer.in_window("v.t_exit"))
    return [
        StageTime(
            stage=row["stage"],
            visits=row["visits"],
            complaints=row["complaints"],
            rework_visits=row["rework_visits"],
            mean_seconds=row["mean_seconds"],
            p50_seconds=row["quantiles"][0],
            p90_seconds=row["quantiles"][1],
            first_pass_yield=(row["passed"] - row["passed_with_rework"]) / row["passed"] if row["passed"] else 0.0,
        )
        for row in await tx.fetch(sql, *composer.values)
    ]
