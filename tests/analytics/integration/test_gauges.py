"""/metrics shows what the store says: the same as REST, the same in every replica, bounded."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest

from analytics.adapters import gauge_rows
from analytics.app import queries
from analytics.app.queries import Formulas
from analytics.entrypoints.refresh import Refresh
from analytics.kpi.catalogue import read_catalogue
from analytics.kpi.catalogue_rules import STAGE_KEYS
from analytics.metrics import BusinessFigures
from chassis.call import Call
from chassis.db import Database
from chassis.ids import new_id
from gateway.routes.figures_csv import table
from gateway.routes.render import public
from redress.analytics.v1 import analytics_pb2 as pb
from redress.capa.v1 import events as capa

CATALOGUE = read_catalogue(json.loads(files("analytics.definitions").joinpath("kpis.v2.json").read_text("utf-8")))

FORMULAS = Formulas(fcr_days=7, time_zone="Asia/Shanghai")
NOW = datetime.now(UTC).replace(microsecond=0)
GRADES = ("urgent", "important", "routine")
Key = tuple[str, tuple[tuple[str, str], ...]]


class Replica:
    def __init__(self, db: Database, every_seconds: float = 0.0) -> None:
        self.shown = BusinessFigures()
        self.refresh = Refresh(db, FORMULAS, self.shown, every_seconds, share=1e9)
        self.registry = CollectorRegistry()
        self.registry.register(self.shown)

    def samples(self) -> dict[Key, float]:
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in self.registry.collect()
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float | None:
        return value_in(self.samples(), name, **labels)


def value_in(samples: dict[Key, float], name: str, **labels: str) -> float | None:
    return samples.get((name, tuple(sorted(labels.items()))))


def some_cases(told: Any) -> list[Any]:
    cases = []
    for n in range(12):
        case = told(received=NOW - timedelta(days=n * 4, hours=1), number=f"C26-{n:07}").register().open(2)
        case.acknowledge(seconds=30).respond(hours=1).enter("diagnosis", "intake", hours=1 + n)
        cases.append(case.close(hours=20, justified=n % 2 == 0) if n % 3 else case)
        if n % 3:
            case.survey(process=1 + n % 5, result=n % 4 and 5, hours=21)
    return cases


async def test_what_metrics_shows_is_what_rest_answers(
    told: Any, react: Any, analytics_db: Database, call_as: Callable[..., Call]
) -> None:
    await react(analytics_db, [event for case in some_cases(told) for event in case.events])
    replica = Replica(analytics_db)
    await replica.refresh.once()
    samples = replica.samples()
    async with analytics_db.read() as tx:
        assert replica.refresh.seen is not None
        for window, since in (("all", None), ("30d", 30), ("7d", 7)):
            # At the moment the gauges were computed, or an age would differ by what the test takes.
            tx.now = replica.refresh.seen
            period = {} if since is None else {"from": tx.now - timedelta(days=since), "to": tx.now}
            reply = await queries.get_kpis(FORMULAS, tx, call_as("manager"), pb.GetKpisRequest(**period))
            for figure in reply.values:
                if figure.key in {"open", *STAGE_KEYS} or (figure.key == "open_age" and since):
                    continue
                labels = {"kpi": figure.key, "clock": figure.clock, "window": window, "dimension": figure.dimension}
                labels["profile"] = "valid"
                assert value_in(samples, "redress_kpi_n", **labels) == figure.n
                shown_beside = figure.pending if CATALOGUE.kpis[figure.key].pending else None
                assert value_in(samples, "redress_kpi_pending", **labels) == shown_beside
                shown = value_in(samples, "redress_kpi_value", **labels)
                assert shown == (figure.value if figure.HasField("value") else None)
                for bound in ("low", "high"):
                    shown = value_in(samples, "redress_kpi_interval", bound=bound, **labels)
                    assert shown == (getattr(figure, f"ci_{bound}") if figure.HasField(f"ci_{bound}") else None)
                said = value_in(samples, "redress_kpi_significant", **labels)
                assert said == (float(figure.significant) if figure.HasField("significant") else None)
        stages = await queries.get_stage_times(FORMULAS, tx, call_as("manager"), pb.GetKpisRequest())
    for stage in stages.stages:
        assert replica.value("redress_stage_seconds", stage=stage.stage, quantile="0.9") == stage.p90_seconds
        assert replica.value("redress_stage_first_pass_ratio", stage=stage.stage) == stage.first_pass_yield
    week = {"kpi": "csat_change", "clock": "none", "window": "7d", "profile": "valid", "dimension": "process"}
    assert replica.value("redress_kpi_value", **week) is not None


async def test_figures_are_shown_over_all_valid_and_over_justified_ones(
    told: Any, react: Any, analytics_db: Database, call_as: Callable[..., Call]
) -> None:
    await react(analytics_db, [event for case in some_cases(told) for event in case.events])
    replica = Replica(analytics_db)
    await replica.refresh.once()
    async with analytics_db.read() as tx:
        asked = pb.GetKpisRequest(keys=["mttr", "csat"], justified_only=True)
        reply = await queries.get_kpis(FORMULAS, tx, call_as("manager"), asked)
    for figure in reply.values:
        labels = {"kpi": figure.key, "clock": figure.clock, "window": "all", "dimension": figure.dimension}
        assert replica.value("redress_kpi_n", profile="justified", **labels) == figure.n
    mttr = {"kpi": "mttr", "clock": "calendar", "window": "all", "dimension": ""}
    assert replica.value("redress_kpi_n", profile="valid", **mttr) == 8
    assert replica.value("redress_kpi_n", profile="justified", **mttr) == 4


async def test_the_table_for_spreadsheets_has_the_same_figures(
    told: Any, react: Any, analytics_db: Database, call_as: Callable[..., Call]
) -> None:
    await react(analytics_db, [event for case in some_cases(told) for event in case.events])
    async with analytics_db.read() as tx:
        period = {"from": tx.now - timedelta(days=7), "to": tx.now}
        reply = await queries.get_kpis(FORMULAS, tx, call_as("manager"), pb.GetKpisRequest(**period))
        definitions = await queries.list_kpis(FORMULAS, tx, call_as("manager"), pb.ListKpisRequest())
    written = csv.DictReader(io.StringIO(table(public(reply)["values"], public(definitions)["kpis"])))
    for row, figure in zip(written, reply.values, strict=True):
        assert (row["key"], row["dimension"], int(row["n"])) == (figure.key, figure.dimension, figure.n)
        for name in ("value", "p50", "p90", "ci_low", "ci_high", "baseline_value"):
            assert row[name] == (repr(getattr(figure, name)) if figure.HasField(name) else "")
        assert row["label_en"] == CATALOGUE.kpis[figure.key].label["en"]


def test_the_page_of_figures_says_what_the_catalogue_says() -> None:
    page = (Path(__file__).parents[3] / "docs" / "kpis.md").read_text()
    figures_only = page[page.index("| key |") : page.index("## Panels")]
    rows = {line.split("`")[1]: line for line in figures_only.splitlines() if line.startswith("| `")}
    assert rows.keys() == CATALOGUE.kpis.keys()
    for key, definition in CATALOGUE.kpis.items():
        assert definition.formula in rows[key]
        assert definition.label["zh"] in rows[key]


async def test_counts_of_state_agree_with_the_catalogue(told: Any, react: Any, analytics_db: Database) -> None:
    await react(analytics_db, [event for case in some_cases(told) for event in case.events])
    replica = Replica(analytics_db)
    await replica.refresh.once()
    assert replica.value("redress_complaints_open", stage="diagnosis", grade="routine") == 4
    assert replica.value("redress_complaints_overdue", grade="routine") == 4 - 1
    assert replica.value("redress_complaints_received", grade="routine") == 12
    assert replica.value("redress_complaints_closed", outcome="resolved", path="fast") == 8
    all_time = {"clock": "none", "window": "all", "profile": "valid", "dimension": ""}
    assert replica.value("redress_kpi_value", kpi="received", **all_time) == 12
    assert replica.value("redress_kpi_value", kpi="closed", **all_time) == 8


async def test_two_replicas_show_equal_numbers(told: Any, react: Any, analytics_db: Database) -> None:
    one, other = Replica(analytics_db), Replica(analytics_db, every_seconds=3600)
    await react(analytics_db, told(received=NOW).register().open().events)
    await one.refresh.once()
    await other.refresh.once()
    assert one.samples() == other.samples()
    await react(analytics_db, told(received=NOW, number="C26-2").register().open().events)
    await one.refresh.once()
    await other.refresh.once()
    assert one.samples() == other.samples()
    assert other.value("redress_complaints_received", grade="routine") == 2


async def test_nothing_is_computed_while_nothing_changes(told: Any, react: Any, analytics_db: Database) -> None:
    replica = Replica(analytics_db)
    await react(analytics_db, told(received=NOW).register().open().events)
    await replica.refresh.once()
    computed_at = replica.refresh.seen
    await replica.refresh.once()
    assert replica.refresh.seen == computed_at
    await react(analytics_db, told(received=NOW, number="C26-2").register().events)
    await replica.refresh.once()
    assert replica.refresh.seen != computed_at


async def test_a_store_at_rest_is_computed_a_fifth_as_often(told: Any, react: Any, analytics_db: Database) -> None:
    await react(analytics_db, told(received=NOW).register().open().events)

    async def due(age: float, cost: float) -> bool:
        async with analytics_db.tx() as tx:
            await gauge_rows.keep(tx, [], cost)
            await tx.execute("UPDATE gauges SET computed_at = $1", tx.now - timedelta(seconds=age))
            return await gauge_rows.take_turn(tx, timedelta(seconds=5), 0.05, timedelta(seconds=60))

    assert not await due(age=4, cost=0.1)
    assert not await due(age=19, cost=1.0), "1 s is more than 5 % of 19 s"
    assert await due(age=21, cost=1.0), "facts changed"
    assert not await due(age=59, cost=0.1), "nothing changed since"
    assert await due(age=61, cost=0.1)
    assert not await due(age=99, cost=1.0)
    assert await due(age=101, cost=1.0)


async def test_series_are_bounded_whatever_names_come(told: Any, react: Any, analytics_db: Database) -> None:
    cases = []
    for n in range(120):
        case = told(
            received=NOW - timedelta(days=1), number=f"C26-{n:07}", grade=("urgent", "important", "routine")[n % 3]
        )
        case.product_family = f"family {n}"
        case.register().open().respond(hours=1).enter(f"stage{n}", "intake", hours=1)
        case.enter(f"further{n}", f"stage{n}", hours=2).close(hours=3, path=("full", "fast")[n % 2])
        if n % 2:
            case.reopen(stage=f"stage{n}", visit=2, hours=4)
        for category in ("prevention", "appraisal", "internal_failure", "external_failure"):
            case.say(capa.CostPosted(
                cost_id=new_id(), date=NOW.date(), category=category, sub_type="x", amount_minor=1,
                currency=f"{chr(65 + n % 26)}{chr(65 + n // 26)}X", case_id=case.case_id, capa_id=None, estimated=False,
            ), new_id())  # fmt: skip
        cases.append(case)
    await react(analytics_db, [event for case in cases for event in case.events])
    replica = Replica(analytics_db)
    await replica.refresh.once()
    samples = replica.samples()
    assert len(samples) < 2000
    assert sum(value for (name, _), value in samples.items() if name == "redress_complaints_open") == 60
    exposed = generate_latest(replica.registry).decode()
    assert "family" not in exposed
    assert not any(case.case_id in exposed for case in cases)
