"""Every kind of definition and its owner."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "process": "workflow",
        "calendar": "workflow",
        "grading-table": "intake",
        "form": "intake",
        "kpi-catalogue": "analytics",
        "letter-templates": "notify",
        "capa-rules": "capa",
    }
)
