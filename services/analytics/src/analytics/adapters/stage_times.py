"""How long complaints stay in each stage (DOMAIN §2, stage dwell): finished visits, skipped stages left out.

A visit concludes when the stage is left. Rework is every visit after the first. First-pass yield = complaints that
pass the stage with one visit / all that pass; a complaint passes with the visit that ends `done`.
"""

from dataclasses import dataclass
from typing import Any

from analytics.adapters.figure_sql import SOURCES, Composer
from chassis.db import Tx

# Complaints are counted by their first visits; only the few with rework are grouped one by one.
_SQL = """
WITH finished AS NOT MATERIALIZED (
  SELECT v.complaint_id, v.stage, v.visit, v.outcome, v.t_exit - v.t_enter AS dwell
  FROM stage_visits v JOIN facts f ON f.complaint_id = v.complaint_id
  WHERE v.t_exit IS NOT NULL AND v.outcome <> 'skipped' AND {complaint} AND {window}
), reworked AS (
  SELECT stage, bool_or(visit = 1) AS has_first, bool_or(visit = 1 AND outcome = 'done') AS first_done,
    bool_or(outcome = 'done') AS passed
  FROM finished WHERE (complaint_id, stage) IN (SELECT complaint_id, stage FROM finished WHERE visit > 1)
  GROUP BY complaint_id, stage
), corrected AS (
  SELECT stage, count(*) FILTER (WHERE NOT has_first) AS without_first,
    count(*) FILTER (WHERE passed AND NOT first_done) AS passed_later, count(*) FILTER (WHERE passed) AS passed
  FROM reworked GROUP BY stage
), timed AS (
  SELECT stage, count(*) AS visits, count(*) FILTER (WHERE visit = 1) AS first_visits,
    count(*) FILTER (WHERE visit = 1 AND outcome = 'done') AS first_done, avg(seconds) AS mean_seconds,
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY seconds) AS quantiles
  FROM (SELECT *, date_part('epoch', dwell) AS seconds FROM finished) dwelt GROUP BY stage
)
SELECT t.stage, t.visits::int, (t.visits - t.first_visits)::int AS rework_visits, t.mean_seconds, t.quantiles,
  (t.first_visits + coalesce(c.without_first, 0))::int AS complaints,
  t.first_done + coalesce(c.passed_later, 0) AS passed, coalesce(c.passed, 0) AS passed_with_rework
FROM timed t LEFT JOIN corrected c ON c.stage = t.stage ORDER BY t.stage
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
    return [_stage_time(row) for row in await tx.fetch(sql, *composer.values)]


def _stage_time(row: Any) -> StageTime:
    return StageTime(
        stage=row["stage"],
        visits=row["visits"],
        complaints=row["complaints"],
        rework_visits=row["rework_visits"],
        mean_seconds=row["mean_seconds"],
        p50_seconds=row["quantiles"][0],
        p90_seconds=row["quantiles"][1],
        first_pass_yield=(row["passed"] - row["passed_with_rework"]) / row["passed"] if row["passed"] else 0.0,
    )
