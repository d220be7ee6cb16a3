"""What a plan says of a new grading table: a look at the newest complaints. The whole: `app.grading.back_tests`."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from chassis.db import Tx
from chassis.definitions import Effect
from intake.adapters.zen_grading import ZenGrading
from intake.domain.grading import Circumstances, Decide, grade
from intake.domain.grading_table import GradingTable
from intake.domain.grading_work.replay import Remembering

DAYS = 90
MOST = 5_000
_SLICE = 200
_NAMED = 5
_STORED = """
SELECT c.*, g.inputs FROM (
  SELECT number, complaint_id, customer_ref, customer_deadline, t_received, quantity, safety_not_asked, injury_or_fire, legal,
    main_function_lost, several_affected, core_business_stopped, key_account, media
  FROM complaints WHERE t_registered >= $1 AND state <> 'merged' ORDER BY t_registered DESC, complaint_id DESC LIMIT $2
) AS c JOIN LATERAL (SELECT inputs FROM gradings WHERE complaint_id = c.complaint_id ORDER BY n DESC LIMIT 1) AS g ON true
"""  # noqa: E501 - a statement


async def effects(tx: Tx, new: GradingTable, current: GradingTable | None) -> list[Effect]:
    kept = Effect(
        "grades_stay", "已登记的投诉保留其等级与分级表版本", "registered complaints keep their grade and table"
    )
    if current is None:
        return [kept]
    return [await _changed_grades(tx, new, current), *_looked_up(new, current), kept]


async def _changed_grades(tx: Tx, new: GradingTable, current: GradingTable) -> Effect:
    """Both tables on the same inputs: how many were same-lot, repeat or rate stays as it was found at registration."""
    rows = await tx.fetch(_STORED, tx.now - timedelta(days=DAYS), MOST)
    decide = Remembering(ZenGrading([new, current]))
    moved: dict[str, list[str]] = defaultdict(list)
    for n, row in enumerate(rows):
        before, after = (_grade(dict(row), table, decide) for table in (current, new))
        if before != after:
            moved[f"{before} → {after}"].append(row["number"])
        if n % _SLICE == _SLICE - 1:
            await asyncio.sleep(0)  # others are served meanwhile
    count = sum(map(len, moved.values()))
    zh = f"最近 {DAYS} 天的 {len(rows)} 件投诉中,{count} 件的等级会不同"
    en = f"of {len(rows)} complaints of the last {DAYS} days {count} would be graded otherwise"
    examples = [f"{change}: {len(those)} ({', '.join(those[:_NAMED])})" for change, those in sorted(moved.items())]
    return Effect("grades_change", zh, en, count, examples, "warning" if count else "info")


def _grade(row: Mapping[str, Any], table: GradingTable, decide: Decide) -> str:
    inputs = row["inputs"]
    around = Circumstances(inputs["same_lot"], inputs["repeat_r1"] == "yes", inputs["rate_exceeded"] == "yes")
    return grade(row, around, table=table, decide=decide).grade


def _looked_up(new: GradingTable, current: GradingTable) -> list[Effect]:
    names = [name for name in new.parameters if name.endswith("_days") or name.startswith(("rate_", "duplicate_"))]
    changed = [name for name in names if new.parameters[name] != current.parameters[name]]
    if not changed:
        return []
    zh = "重复判定参数的变化只影响新投诉,此处未计入;请运行回测"
    en = "changed parameters of matching count for new complaints; this look leaves them out, a back-test does not"
    return [Effect("not_back_tested", zh, en, len(changed), changed)]
