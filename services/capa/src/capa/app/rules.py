"""The rules that are published, and what new ones change for the analyses and checks that run."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from google.protobuf.message import Message

from capa.domain.blame import blames_a_person
from capa.domain.rules import Rules
from capa.domain.rules_document import read_rules
from chassis.call import Call
from chassis.commands import UseCase
from chassis.db import Tx
from chassis.definition_store import Published
from chassis.definitions import Effect, Kind
from chassis.errors import Conflict

NAME = "default"
MOST_ANSWERS = 5_000
_EXAMPLES = 5
Reply = TypeVar("Reply", bound=Message)


def ruled(rules: Published[Rules], use_case: Callable[..., Awaitable[Reply]]) -> UseCase[Any, Reply]:
    """The use case under the rules that hold in its transaction."""

    async def run(tx: Tx, call: Call, request: Any) -> Reply:
        return await use_case(tx, call, request, rules=await rules.current(tx))

    return run


async def check_rules(tx: Tx, new: Rules, current: Rules | None) -> None:
    """Raises Conflict for a set of categories that open analyses are filled in by."""
    gone = sorted(current.category_sets.keys() - new.category_sets.keys()) if current else []
    rows = await tx.fetch(
        "SELECT category_set, count(*) AS n FROM rcas WHERE state = 'open' AND category_set = ANY($1::text[])"
        " GROUP BY category_set ORDER BY category_set",
        gone,
    )
    if rows:
        listed = ", ".join(f"{row['category_set']} ({row['n']})" for row in rows)
        raise Conflict(
            "category_set_in_use",
            f"open analyses are filled in by sets that these rules no longer have: {listed}",
            possible=["complete or withdraw these analyses first", "keep the sets until then"],
        )


async def effects(tx: Tx, new: Rules, current: Rules | None) -> list[Effect]:
    if current is None:
        return []
    return [
        *_categories(new, current),
        *await _cost_kinds(tx, new, current),
        *await _judged(tx, new, current),
        *await _checks(tx, new, current),
    ]


def _categories(new: Rules, current: Rules) -> list[Effect]:
    before, after = _named(current.category_sets), _named(new.category_sets)
    if before == after:
        return []
    changed = [f"+ {name}" for name in sorted(after - before)] + [f"- {name}" for name in sorted(before - after)]
    return [Effect("categories_change", "鱼骨图与 5-Why 的分类改变", "categories change", len(changed), changed)]


async def _cost_kinds(tx: Tx, new: Rules, current: Rules) -> list[Effect]:
    gone = sorted(_named(current.cost_sub_types) - _named(new.cost_sub_types))
    if not gone:
        return []
    n = await tx.fetchval("SELECT count(*) FROM costs WHERE category || '.' || sub_type = ANY($1::text[])", gone)
    zh = f"取消的成本子类:已有 {n} 条记录保留,不再接受新的记录"
    en = f"cost sub-types go: {n} posted lines stay, new ones are refused"
    return [Effect("cost_sub_types_go", zh, en, n, gone, "warning" if n else "info")]


async def _judged(tx: Tx, new: Rules, current: Rules) -> list[Effect]:
    """Roots that were accepted, judged by the new words; they stay roots."""
    if new.blame == current.blame:
        return []
    rows = await tx.fetch("SELECT answer FROM whys WHERE is_root ORDER BY at DESC LIMIT $1", MOST_ANSWERS)
    refused = [row["answer"] for row in rows if blames_a_person(row["answer"], new.blame)]
    zh = f"最近 {len(rows)} 个已确认根本原因中,{len(refused)} 个按新规则会被退回(归咎于人);它们保持不变"
    en = f"of the last {len(rows)} root causes {len(refused)} would be refused for blaming a person; they stay"
    return [Effect("roots_judged", zh, en, len(refused), [text[:120] for text in refused[:_EXAMPLES]])]


async def _checks(tx: Tx, new: Rules, current: Rules) -> list[Effect]:
    if new.exposure == current.exposure:
        return []
    n = await tx.fetchval("SELECT count(*) FROM capas WHERE state IN ('verifying', 'insufficient_exposure')")
    zh, en = f"{n} 项验证中的 CAPA 将按新的暴露量要求判定", f"{n} CAPAs under verification are judged by the new limits"
    return [Effect("checks_change", zh, en, n, severity="warning" if n else "info")]


def _named(groups: Any) -> set[str]:
    return {f"{group}.{name}" for group, names in groups.items() for name in names}


CAPA_RULES = Kind("capa-rules", read_rules, check_rules, effects, only=NAME)
