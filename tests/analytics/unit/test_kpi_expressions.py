"""A catalogue that people write: what its expressions may be made of, and what belongs together."""

import json
from collections.abc import Callable
from copy import deepcopy
from importlib.resources import files
from typing import Any

import pytest

from analytics.kpi.catalogue import read_catalogue
from analytics.kpi.expressions import columns_of, faults_of
from chassis.errors import Invalid

SHIPPED = json.loads(files("analytics.definitions").joinpath("kpis.v2.json").read_text("utf-8"))


@pytest.mark.parametrize(
    "expression",
    [
        "pg_sleep(10)",
        "(SELECT secret FROM keys); DROP TABLE facts",
        "1 -- and nothing else",
        "1 /* or */",
        "current_setting('data_directory')",
        "count(*) OVER ()",
        '"grade"',
        "pg_catalog.lo_export(1, 'x')",
        "grade::regclass",
        ":nobody",
        "E'\\x41'",
        "$1",
        "(grade",
        "1) , (2",
        "x" * 3000,
    ],
)
def test_nothing_but_computing_can_be_said(expression: str) -> None:
    assert list(faults_of(expression))


@pytest.mark.parametrize(
    ("expression", "columns"),
    [
        ("date_part('epoch', t_closed_final - t_start)", {"t_closed_final", "t_start"}),
        ("coalesce(f.stage, 'none') || '/' || grade", {"stage", "grade"}),
        ("t_received + make_interval(mins => :acknowledge_minutes) <= :as_of", {"t_received"}),
        ("(date::timestamp AT TIME ZONE :time_zone)", {"date"}),
        ("(SELECT 1 FROM facts)", {"facts"}),
        ("current_user", {"current_user"}),
        ("outcome IN ('resolved', 'it''s')", {"outcome"}),
    ],
)
def test_the_columns_of_an_expression_are_known(expression: str, columns: set[str]) -> None:
    assert not list(faults_of(expression))
    assert columns_of(expression) == columns


@pytest.mark.parametrize(
    ("spoil", "place"),
    [
        (lambda d: d["kpis"].pop(0), "panels[1].keys"),
        (lambda d: d["kpis"].append(d["kpis"][0]), "kpis"),
        (lambda d: d["kpis"][0].update(label={"en": "only"}), "kpis[0].label"),
        (lambda d: d["kpis"][0].update(surprise=1), "kpis[0]"),
        (lambda d: d["kpis"][0].update(kind="magic"), "kpis[0].kind"),
        (lambda d: d["kpis"][0]["measures"][0].update(value="pg_sleep(9)"), "kpis[0].measures[0].value"),
        (lambda d: d["kpis"][0]["measures"][0].update(by="description"), "kpis[0].measures[0].by"),
        (lambda d: d["kpis"][0]["measures"][0].update(dimension="' || x"), "kpis[0].measures[0].dimension"),
        (lambda d: d.update(kpis=[k for k in d["kpis"] if k["key"] != "stage_dwell"]), "kpis"),
        (lambda d: d["kpis"][0].update(baseline_days=3), "kpis[0].baseline_days"),
    ],
)
def test_a_fault_of_a_catalogue_is_named_with_its_place(spoil: Callable[[Any], Any], place: str) -> None:
    document = deepcopy(SHIPPED)
    spoil(document)
    with pytest.raises(Invalid) as refused:
        read_catalogue(document)
    assert place in {fault.field for fault in refused.value.fields}


@pytest.mark.parametrize("document", [None, {}, {"version": 1, "kpis": {}, "panels": 3}])
def test_what_is_no_catalogue_at_all_is_refused(document: Any) -> None:
    with pytest.raises(Invalid) as refused:
        read_catalogue(document)
    assert refused.value.fields
