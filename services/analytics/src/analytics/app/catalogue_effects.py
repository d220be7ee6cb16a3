"""Which figures a new catalogue adds, drops or computes otherwise, and what they would show."""

from analytics.adapters.figure_sql import Filter, Settled
from analytics.adapters.figures import figures
from analytics.kpi.catalogue import Catalogue
from analytics.kpi.definition import Definition
from analytics.kpi.windows import Window
from chassis.db import Tx
from chassis.definitions import Effect

_MOST_SHOWN = 20
_COMPUTED = ("measures", "kind", "unit", "clock", "snapshot", "baseline_days")
"""What a figure is computed by; the rest of a definition is told about it."""


async def effects(tx: Tx, new: Catalogue, current: Catalogue | None) -> list[Effect]:
    if current is None:
        return []
    added, gone = [k for k in new.kpis if k not in current.kpis], [k for k in current.kpis if k not in new.kpis]
    both = [key for key in new.kpis if key in current.kpis]
    computed = [key for key in both if _by(new.kpis[key]) != _by(current.kpis[key])]
    told = [key for key in both if key not in computed and new.kpis[key] != current.kpis[key]]
    found = []
    if added:
        found.append(Effect("kpis_added", "新增指标", "KPIs added", len(added), added))
    if gone:
        zh, en = "删除指标:引用它们的看板与报表将无数据", "KPIs vanish: boards and reports that name them show nothing"
        found.append(Effect("kpis_vanish", zh, en, len(gone), gone, "warning"))
    if computed:
        shown = [await _before_and_after(tx, new.kpis[key], current.kpis[key]) for key in computed[:_MOST_SHOWN]]
        zh, en = "指标的计算方法改变(含历史数据)", "KPIs are computed otherwise, for the past, too"
        found.append(Effect("kpis_computed_otherwise", zh, en, len(computed), shown, "warning"))
    if told:
        zh, en = "指标的说明文字改变,数值不变", "KPIs are described otherwise; their figures stay"
        found.append(Effect("kpis_described_otherwise", zh, en, len(told), told))
    return found


def _by(definition: Definition) -> list[object]:
    return [getattr(definition, name) for name in _COMPUTED]


async def _before_and_after(tx: Tx, new: Definition, current: Definition) -> str:
    settled = Settled(tx.now, 7, 60, "UTC")
    before, after = [await _value(tx, definition, settled) for definition in (current, new)]
    return f"{new.key}: {before} → {after}"


async def _value(tx: Tx, definition: Definition, settled: Settled) -> str:
    """Over all there is; a figure that is split by something in its first part."""
    found = await figures(tx, [definition], Window(), settled, Filter())
    if not found or found[0].value is None:
        return "–"
    return f"{found[0].value:g} (n = {found[0].n})"
