"""The columns that a grading table may have, and what may stand in their cells (DOMAIN §10)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from intake.domain.complaint import ANSWERS

Label = tuple[str, str]
"""In Chinese and English."""
YES_NO = ("yes", "no")
ON_WORDS = ("is", "is_not")
ON_NUMBERS = ("at_least", "above", "at_most", "below", "is", "is_not")
OPERATORS: Mapping[str, Label] = {
    "is": ("等于", "is"),
    "is_not": ("不等于", "is not"),
    "at_least": ("不小于", "is at least"),
    "above": ("大于", "is above"),
    "at_most": ("不大于", "is at most"),
    "below": ("小于", "is below"),
}
WORD_LABELS: Mapping[str, Label] = {"yes": ("是", "yes"), "no": ("否", "no"), "unknown": ("未知", "unknown")}
GRADE_LABELS: Mapping[str, Label] = {
    "urgent": ("紧急", "urgent"),
    "important": ("重要", "important"),
    "routine": ("一般", "routine"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """`words` is empty for a number; `computed` ones come from the records or from other facts, not from an answer."""

    dimension: Literal["safety", "scope", "urgency", "state"]
    label: Label
    words: tuple[str, ...] = ()
    unit: str = ""
    computed: bool = True

    @property
    def operators(self) -> tuple[str, ...]:
        return ON_WORDS if self.words else ON_NUMBERS


def _asked(dimension: Literal["safety", "scope", "urgency"], zh: str, en: str) -> Column:
    return Column(dimension, (zh, en), ANSWERS, computed=False)


COLUMNS: Mapping[str, Column] = {
    "injury_or_fire": _asked("safety", "人身伤害、起火或召回类", "Injury, fire or recall class"),
    "legal": _asked("safety", "法律或监管", "Legal or regulatory"),
    "main_function_lost": _asked("safety", "主要功能丧失", "Main function lost"),
    "several_affected": _asked("scope", "批量或多个客户", "Batch or several customers"),
    "core_business_stopped": _asked("urgency", "客户核心业务停摆", "Customer's core business stopped"),
    "key_account": _asked("urgency", "重点客户", "Key account"),
    "media": _asked("urgency", "媒体关注", "Media"),
    "same_lot": Column("scope", ("同批次投诉数", "Complaints of the same lot"), unit="complaints"),
    "quantity": Column("scope", ("受影响数量", "Affected pieces"), unit="pieces", computed=False),
    "repeat_r1": Column("scope", ("重复投诉 R1", "Repeat R1"), YES_NO),
    "rate_exceeded": Column("scope", ("同类投诉 R2 超过比率阈值", "R2 above its rate threshold"), YES_NO),
    "customer_deadline": Column("urgency", ("客户限期", "Customer deadline"), YES_NO),
    "deadline_hours": Column(
        "urgency", ("距客户限期的小时数", "Hours from receipt to the customer's deadline"), unit="hours"
    ),
    "unanswered": Column("state", ("关键问题未回答", "A decisive question is unanswered"), YES_NO),
    "safety_not_asked": Column("state", ("来源无法回答安全问题", "The source could not be asked"), YES_NO),
}
WORDS: Mapping[str, tuple[str, ...]] = {name: column.words for name, column in COLUMNS.items() if column.words}
NUMBERS = tuple(name for name, column in COLUMNS.items() if not column.words)


@dataclass(frozen=True, slots=True)
class Parameter:
    least: float
    most: float
    default: float
    unit: str
    label: Label
    whole: bool = True


_DAYS = 3_650
PARAMETERS: Mapping[str, Parameter] = {
    "same_lot_k": Parameter(2, 10_000, 3, "complaints", ("同批次阈值 k", "Same lot at or above k")),
    "repeat_window_days": Parameter(1, _DAYS, 365, "days", ("重复判定窗口", "Look-back for repeats")),
    "duplicate_window_days": Parameter(0, _DAYS, 7, "days", ("重单判定窗口", "Look-back for duplicates")),
    "rate_window_days": Parameter(1, 366, 30, "days", ("比率窗口", "Window of the rate")),
    "rate_baseline_days": Parameter(1, _DAYS, 180, "days", ("比率基线", "Baseline of the rate")),
    "rate_min_history_days": Parameter(1, _DAYS, 60, "days", ("基线最短历史", "Shortest past that tells a rate")),
    "rate_min_count": Parameter(1, 100_000, 5, "complaints", ("窗口内最少件数", "Fewest complaints in the window")),
    "duplicate_similarity": Parameter(0.1, 1.0, 0.9, "", ("重单文本相似度", "Similarity of duplicates"), whole=False),
    "rate_factor": Parameter(0.1, 1_000.0, 2.0, "times", ("超过基线的倍数", "Times the baseline's rate"), whole=False),
}
