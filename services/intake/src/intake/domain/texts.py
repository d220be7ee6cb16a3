"""Comparing what people type: widths, case, blanks and the many ways of writing "nothing"."""

import re
import unicodedata
from functools import lru_cache

PLACEHOLDERS = frozenset(
    {"", "-", "--", "—", ".", "..", "...", "…", "/", "?", "??", "???", "n/a", "na", "n.a.", "nil", "none", "null"}
    | {"nan", "undefined", "tbd", "todo", "test", "xx", "xxx", "xxxx"}
    | {"无", "无数据", "没有", "空", "暂无", "不详", "测试"}
)
CATCH_ALL = PLACEHOLDERS | {
    *("other", "others", "misc", "miscellaneous", "general", "unknown", "unspecified", "not specified"),
    *("uncategorised", "uncategorized", "other problem", "other problems", "other issue", "other issues"),
    *("其他", "其它", "其他问题", "其它问题", "其他故障", "其他类", "未知", "未分类", "不明", "不清楚", "杂项"),
}
_LONGEST_PLACEHOLDER = 12
_SHORT = 40
_EDGES = " \t\r\n.,;:!?。，；：！？、\"'()[]（）【】"
HAN = re.compile(r"[㐀-鿿豈-﫿]")


def normalised(text: str) -> str:
    """One spelling for what means the same: full and half width, upper and lower case, any run of blanks."""
    return _short_normalised(text) if len(text) <= _SHORT else _normalised(text)


# A file's codes, families and answers are few, and each is compared many times.
@lru_cache(maxsize=8192)
def _short_normalised(text: str) -> str:
    return _normalised(text)


def _normalised(text: str) -> str:
    wide = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return " ".join(wide.casefold().split())


def is_placeholder(text: str) -> bool:
    """True for "n/a", "无", "---" and whatever else stands where nothing is known."""
    if len(text) > _LONGEST_PLACEHOLDER:
        return False
    plain = normalised(text)
    return plain in PLACEHOLDERS or not plain.strip("-_.*/\\?~ ")


def is_catch_all(code: str) -> bool:
    """True for codes that say "none of the above": they describe no problem (DOMAIN §3)."""
    return normalised(code).strip(_EDGES) in CATCH_ALL or is_placeholder(code)


def language_of(text: str) -> str:
    """zh as soon as Chinese characters occur, else en."""
    return "zh" if HAN.search(text) else "en"
