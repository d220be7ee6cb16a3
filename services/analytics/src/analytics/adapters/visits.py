"""Finds where each stage visit ended.

An event names the stage a case left, not which visit of it; entries and exits may come in any order. The end of a
visit is a function of what is known, so it is found anew for every complaint that a batch touched. No event tells that
the last stage after the close was passed: its visit ends with its last task.
"""

from collections.abc import Collection

from chassis.db import Tx

_FIND_ENDS = """
UPDATE stage_visits v SET t_exit = found.t_exit, outcome = found.outcome
FROM (
  SELECT w.complaint_id, w.stage, w.visit, coalesce(e.t_exit, d.t_done) AS t_exit,
    coalesce(e.outcome, CASE WHEN d.t_done IS NOT NULL THEN 'done' END) AS outcome
  FROM stage_visits w LEFT JOIN LATERAL (
    SELECT x.t_exit, x.outcome FROM stage_exits x
    WHERE x.complaint_id = w.complaint_id
      AND (x.stage = w.stage AND x.exit_seq >= w.enter_seq OR x.stage = '' AND x.exit_seq > w.enter_seq)
    ORDER BY x.exit_seq, x.stage DESC, x.t_exit LIMIT 1
  ) e ON true LEFT JOIN LATERAL (
    SELECT max(t.t_done) AS t_done FROM facts f JOIN task_facts t ON t.complaint_id = f.complaint_id
    WHERE f.complaint_id = w.complaint_id AND f.closed_seq < w.enter_seq AND t.stage = w.stage AND t.t_done >= w.t_enter
  ) d ON e.t_exit IS NULL
  WHERE w.complaint_id = ANY($1::uuid[])
) found
WHERE v.complaint_id = found.complaint_id AND v.stage = found.stage AND v.visit = found.visit
  AND (v.t_exit, v.outcome) IS DISTINCT FROM (found.t_exit, found.outcome)
"""


async def find_ends(tx: Tx, complaint_ids: Collection[str]) -> None:
    """The caller has upserted the facts of these complaints first: their row locks keep replicas apart."""
    await tx.execute(_FIND_ENDS, sorted(complaint_ids))
