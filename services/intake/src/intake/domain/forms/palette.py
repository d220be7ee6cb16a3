"""All that a builder of forms must know to offer: types, widgets, limits, conditions, facts to bind, elements."""

from typing import Any

from intake.domain.forms.binding import BINDS, CONSTANTS, NEEDED
from intake.domain.forms.conditions_read import DEEPEST, MOST_COMPARISONS, ROLES
from intake.domain.forms.document import MOST_FIELDS
from intake.domain.forms.field_read import MOST_OPTIONS
from intake.domain.forms.field_types import PARTS, TYPES, FieldType
from intake.domain.forms.layout import CONTAINERS
from intake.domain.forms.layout import DEEPEST as DEEPEST_LAYOUT


def palette() -> dict[str, Any]:
    return {
        "types": [_shown(kind) for kind in TYPES.values()],
        "binds": [{"fact": fact, "types": sorted(types), "needed": fact in NEEDED} for fact, types in BINDS.items()],
        "values": list(CONSTANTS),
        "roles": list(ROLES),
        "layout": {"containers": list(CONTAINERS), "leaves": ["Control", "Label"], "deepest": DEEPEST_LAYOUT},
        "limits": {
            "fields": MOST_FIELDS,
            "options": MOST_OPTIONS,
            "comparisons": MOST_COMPARISONS,
            "nested_conditions": DEEPEST,
        },
        "new_form": _new_form(),
    }


def _shown(kind: FieldType) -> dict[str, Any]:
    return {
        "type": kind.name,
        "label": {"zh": kind.zh, "en": kind.en},
        "limits": sorted(kind.limits),
        "widgets": list(kind.widgets),
        "operators": list(kind.operators),
        "personal": kind.personal,
        "parts": [
            {"part": part, "label": {"zh": zh, "en": en}, "max_length": longest}
            for part, (zh, en, longest) in PARTS.get(kind.name, {}).items()
        ],
        "binds": [fact for fact, types in BINDS.items() if kind.name in types],
    }


def _new_form() -> dict[str, Any]:
    """The least that can be published, to begin with."""
    return {
        "label": {"zh": "新表单", "en": "New form"},
        "fields": [
            {
                "key": "customer",
                "type": "customer",
                "label": {"zh": "客户", "en": "Customer"},
                "required": True,
                "binds": "customer",
            },
            {
                "key": "product",
                "type": "product",
                "label": {"zh": "产品", "en": "Product"},
                "required": True,
                "binds": "product",
            },
            {
                "key": "description",
                "type": "long_text",
                "label": {"zh": "问题描述", "en": "What happened"},
                "required": True,
                "binds": "description",
            },
        ],
    }
