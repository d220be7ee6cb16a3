"""The palette: every type of field, what may be said about it, and how it may be shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from intake.domain.forms import conditions

LONGEST_SHORT, LONGEST_LONG, LONGEST_CODE = 500, 20_000, 200


@dataclass(frozen=True, slots=True)
class FieldType:
    name: str
    zh: str
    en: str
    limits: frozenset[str]
    """What a document may say about a field of this type, beside what all fields have."""
    widgets: tuple[str, ...]
    """The first is taken where the document names none."""
    operators: tuple[str, ...]
    """Conditions may compare it so."""
    personal: bool = False
    """Its answers are kept sealed, whatever the document says."""


def _type(
    name: str, zh: str, en: str, limits: str, widgets: str, operators: tuple[str, ...], *, personal: bool = False
) -> FieldType:
    return FieldType(name, zh, en, frozenset(limits.split()), tuple(widgets.split()), operators, personal)


_ANY, _WORDS, _LISTS, _NUMBERS = conditions.ON_ANY, conditions.ON_WORDS, conditions.ON_LISTS, conditions.ON_NUMBERS
_TEXT = "min_length max_length pattern"

# Free text may name anybody, and so may the name of a file: both are kept like a name.
TYPES: Mapping[str, FieldType] = MappingProxyType(
    {
        one.name: one
        for one in (
            _type("short_text", "单行文本", "Short text", _TEXT, "input", _ANY, personal=True),
            _type("long_text", "多行文本", "Long text", "min_length max_length", "textarea", _ANY, personal=True),
            _type("number", "数字", "Number", "minimum maximum whole unit", "input slider", _NUMBERS),
            _type("date", "日期", "Date", "earliest latest not_future", "input", _ANY),
            _type("time", "时间", "Time of day", "", "input", _ANY),
            _type("date_time", "日期和时间", "Date and time", "earliest latest not_future", "input", _ANY),
            _type("choice", "单选", "Single choice", "options", "radio select", _WORDS),
            _type("choices", "多选", "Multiple choice", "options max_items", "checkboxes select", _LISTS),
            _type("yes_no_unknown", "是/否/不清楚", "Yes, no or unknown", "", "radio select", _WORDS),
            _type("product", "产品选择", "Product picker", "options", "picker", _ANY),
            _type("lot", "批次选择", "Lot picker", "max_length pattern", "picker input", _ANY),
            _type("serial", "序列号", "Serial number", "max_length pattern", "input scanner", _ANY),
            _type("customer", "客户", "Customer", "", "picker", _ANY, personal=True),
            _type("address", "地址", "Address", "", "block", _ANY, personal=True),
            _type("phone", "电话", "Telephone", "", "input", _ANY, personal=True),
            _type("email", "电子邮箱", "E-mail", "", "input", _ANY, personal=True),
            _type("attachment", "附件", "Attachment", "max_items", "upload", _ANY, personal=True),
            _type("rating", "评分", "Rating", "maximum", "stars scale", _NUMBERS),
            _type("consent", "同意声明", "Consent", "", "checkbox", ("is", "is_not", *_ANY)),
        )
    }
)
YES_NO_UNKNOWN = ("yes", "no", "unknown")
PARTS: Mapping[str, Mapping[str, tuple[str, str, int]]] = MappingProxyType(
    {
        "product": {"family": ("产品系列", "Product family", 100), "model": ("型号", "Model", 200)},
        "customer": {"name": ("姓名或公司", "Name or company", 200), "ref": ("客户编号", "Customer number", 100)},
        "address": {
            "country": ("国家或地区", "Country", 100),
            "region": ("省/州", "Province or state", 100),
            "city": ("城市", "City", 100),
            "street": ("街道和门牌号", "Street and number", 300),
            "postcode": ("邮编", "Postcode", 20),
        },
    }
)
"""Types whose answers are objects: part -> Chinese, English, longest. Of each, the part named first here decides
whether it is answered; of an address, the street or the city."""
DECIDING: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"product": ("family",), "customer": ("name",), "address": ("street", "city")}
)
