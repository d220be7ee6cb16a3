"""Reasons must say something: they are what an auditor reads (DOMAIN §11, 21 CFR 820.35(a))."""

import unicodedata

from chassis.errors import FieldError, Invalid

LEAST_WIDTH = 6
"""Columns of text: three Chinese characters or six Latin letters."""
_PLACEHOLDERS = frozenset(
    (
        *("n/a", "na", "n a", "none", "null", "nil", "test", "testing", "asdf", "asdfgh", "qwerty", "unknown"),
        *("reason", "because", "whatever", "123456", "no reason", "tbd", "todo"),
        *(
            "无",
            "没有",
            "不知道",
            "测试",
            "测试一下",
            "暂无",
            "同上",
            "略",
            "原因",
            "无原因",
            "没有原因",
            "不详",
            "待补充",
        ),
    )
)
_ENDINGS = frozenset(".!?。!?…")


def given(reason: str, field: str = "reason") -> str:
    """The trimmed reason; raises Invalid for one that is too short or only fills the field."""
    text = reason.strip()
    bare = "".join(char for char in text.lower() if char not in _ENDINGS).strip()
    if bare in _PLACEHOLDERS or len(set(bare)) < 2:
        raise Invalid("a reason is needed", [FieldError(field, "says nothing; name the actual reason")])
    if _width(text) < LEAST_WIDTH:
        raise Invalid("a reason is needed", [FieldError(field, "too short; write what the next reader must know")])
    return text


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
