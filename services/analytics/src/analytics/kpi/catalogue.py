"""The KPI catalogue as data: one definition each, from which REST, /metrics and the docs come."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from analytics.kpi.catalogue_rules import faults_of
from analytics.kpi.definition import Definition, Panel
from chassis.errors import FieldError, Invalid

_UNUSABLE = "this catalogue of KPIs cannot be used"


class _Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str = ""
    version: int
    kpis: list[Definition]
    panels: list[Panel]


@dataclass(frozen=True)
class Catalogue:
    """One version of all definitions: by key, in the order of the document."""

    version: int
    kpis: Mapping[str, Definition]
    panels: Mapping[str, Panel]


def read_catalogue(document: object) -> Catalogue:
    """Raises Invalid naming the first fault of shape, or every fault of sense."""
    try:
        found = msgspec.convert(document, _Document)
    except msgspec.ValidationError as error:
        text, _, place = str(error).partition(" - at `$")
        raise Invalid(_UNUSABLE, [FieldError(place.strip("`.") or "document", text)]) from error
    faults = faults_of(found.kpis, found.panels)
    if faults:
        raise Invalid(_UNUSABLE, [FieldError(place, text) for place, text in faults])
    kpis = {definition.key: definition for definition in found.kpis}
    return Catalogue(found.version, kpis, {panel.key: panel for panel in found.panels})
