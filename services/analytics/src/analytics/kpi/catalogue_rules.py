"""Rules between the parts of a catalogue: what would leave a panel, a gauge or a statement without sense."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from analytics.kpi.definition import Definition, Measure, Panel
from analytics.kpi.expressions import SPLIT_BY, columns_of
from analytics.kpi.expressions import faults_of as faults_in

Fault = tuple[str, str]
STAGE_KEYS = ("stage_dwell", "stage_time", "rework_rate", "first_pass_yield")
"""Time per stage is read from these, each split by the stage."""
_KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")
_DIMENSION = re.compile(r"[A-Za-z0-9_/]{0,63}")
EXPRESSIONS = ("value", "at", "when", "pending", "by")
_MOST_KPIS, _MOST_MEASURES, _LONGEST = 200, 8, 2_000


def faults_of(kpis: Sequence[Definition], panels: Sequence[Panel]) -> list[Fault]:
    """Place and text of every fault."""
    known = {definition.key for definition in kpis}
    return [
        *_names("kpis", [definition.key for definition in kpis]),
        *_names("panels", [panel.key for panel in panels]),
        *(fault for n, definition in enumerate(kpis) for fault in _kpi(f"kpis[{n}]", definition, known)),
        *(fault for n, panel in enumerate(panels) for fault in _panel(f"panels[{n}]", panel, known)),
        *_stages(kpis),
    ]


def _names(place: str, keys: list[str]) -> Iterator[Fault]:
    if len(keys) > _MOST_KPIS:
        yield place, f"at most {_MOST_KPIS}"
    for key, times in Counter(keys).items():
        if times > 1:
            yield place, f"{key} occurs {times} times"
        if not _KEY.fullmatch(key):
            yield place, f"{key!r} is no key: small letters, digits, underscores"


def _kpi(place: str, kpi: Definition, known: Iterable[str]) -> Iterator[Fault]:
    yield from _label(place, kpi.label)
    for name in ("formula", "concluding_event", "source"):
        if not 0 < len(getattr(kpi, name).strip()) <= _LONGEST:
            yield f"{place}.{name}", f"must be a text of at most {_LONGEST} characters"
    for other in kpi.beside:
        if other not in known:
            yield f"{place}.beside", f"{other} is not in the catalogue"
    if (kpi.kind == "change") != (kpi.baseline_days > 0) or kpi.baseline_days > 3_650:
        yield f"{place}.baseline_days", "a change compares with 1 to 3650 days before; nothing else does"
    if not 0 < len(kpi.measures) <= _MOST_MEASURES:
        yield f"{place}.measures", f"must be 1 to {_MOST_MEASURES}"
    for n, measure in enumerate(kpi.measures):
        yield from _measure(f"{place}.measures[{n}]", measure)


def _measure(place: str, measure: Measure) -> Iterator[Fault]:
    for name in EXPRESSIONS:
        text = getattr(measure, name)
        if text is not None:
            yield from ((f"{place}.{name}", fault) for fault in faults_in(text))
    if measure.by is not None and (other := columns_of(measure.by) - SPLIT_BY):
        yield f"{place}.by", f"{', '.join(sorted(other))}: figures are split by {', '.join(sorted(SPLIT_BY))}"
    if not _DIMENSION.fullmatch(measure.dimension):
        yield f"{place}.dimension", "must be letters, digits, underscores and slashes"


def _panel(place: str, panel: Panel, known: Iterable[str]) -> Iterator[Fault]:
    yield from _label(place, panel.label)
    for key in panel.keys:
        if key not in known:
            yield f"{place}.keys", f"{key} is not in the catalogue"


def _stages(kpis: Sequence[Definition]) -> Iterator[Fault]:
    by_key = {definition.key: definition for definition in kpis}
    for key in STAGE_KEYS:
        kpi = by_key.get(key)
        if kpi is None:
            yield "kpis", f"{key} is missing: time per stage is shown by it"
        elif [(measure.rows, measure.by) for measure in kpi.measures] != [("visits", "visited_stage")]:
            yield "kpis", f"{key} must have one measure over visits, by visited_stage"


def _label(place: str, label: dict[str, str]) -> Iterator[Fault]:
    if label.keys() != {"zh", "en"} or not all(text.strip() and len(text) <= _LONGEST for text in label.values()):
        yield f"{place}.label", "must have zh and en"
