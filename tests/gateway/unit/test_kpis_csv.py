import csv
import io

from gateway.app.principal import STAFF
from gateway.entrypoints.http import create_app
from gateway.routes.documentation import SECURITY
from gateway.routes.figures_csv import COLUMNS, table
from gateway.routes.render import public
from redress.analytics.v1 import analytics_pb2 as pb

LABELS = [{"key": "csat", "label": {"zh": "客户满意度", "en": "Customer satisfaction (CSAT)"}}]


def rows_of(*values: pb.KpiValue) -> list[dict[str, str]]:
    reply = public(pb.GetKpisReply(values=values))
    return list(csv.DictReader(io.StringIO(table(reply["values"], LABELS))))


def test_every_field_of_a_figure_is_a_column_under_its_name() -> None:
    (row,) = rows_of(pb.KpiValue(key="csat", n=10, value=0.9, dimension="process", significant=False))
    assert list(row) == ["label_zh", "label_en", *COLUMNS]
    assert (row["label_zh"], row["n"], row["value"], row["dimension"]) == ("客户满意度", "10", "0.9", "process")
    assert (row["significant"], row["p50"], row["baseline_from"]) == ("False", "", "")


def test_a_time_is_written_with_its_zone() -> None:
    value = pb.KpiValue(key="csat")
    value.baseline_from.FromJsonString("2026-11-01T00:00:00Z")
    assert rows_of(value)[0]["baseline_from"] == "2026-11-01T00:00:00+00:00"


def test_a_dimension_never_becomes_a_formula() -> None:
    rows = rows_of(*(pb.KpiValue(key="coq", dimension=text) for text in ("=1+1", "@x", "-x", "CNY/prevention")))
    assert [row["dimension"] for row in rows] == ["'=1+1", "'@x", "'-x", "CNY/prevention"]


def test_a_negative_figure_stays_a_number() -> None:
    assert rows_of(pb.KpiValue(key="csat", value=-12.5))[0]["value"] == "-12.5"


def test_the_table_is_for_those_who_have_proved_who_they_are() -> None:
    operation = create_app().openapi()["paths"]["/v1/kpis.csv"]["get"]
    assert operation["security"] == SECURITY
    assert operation["x-roles"] == sorted(STAFF)
    assert "text/csv" in operation["responses"]["200"]["content"]
    named = {parameter["name"] for parameter in operation["parameters"]}
    assert {"from", "to", "keys", "panel", "baseline_from", "product_family"} <= named
