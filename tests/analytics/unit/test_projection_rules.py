from analytics.adapters.tables import metadata
from analytics.adapters.upsert import _statement
from analytics.entrypoints.consumers import REACTIONS
from analytics.projections.rules import Newest, rounds
from analytics.projections.schema import CONTACTS, FACTS, PROJECTIONS
from redress.catalog import TYPE_OF

# What has no effect on a figure; whoever adds an event to the catalogue decides here or reacts to it.
NOT_A_FACT = {
    "redress.workflow.sla.warning.v1",
    "redress.workflow.sla.breached.v1",
    "redress.capa.rca.opened.v1",
    "redress.capa.rca.completed.v1",
    "redress.capa.rca.withdrawn.v1",
    "redress.capa.rca.linked.v1",
    "redress.capa.knowledge.published.v1",
    "redress.capa.knowledge.used.v1",
    "redress.notify.delivery.failed.v1",
    "redress.intake.person.erased.v1",
}


def test_every_event_of_the_catalogue_is_a_fact_or_named_as_none() -> None:
    heard = {TYPE_OF[payload] for payload in REACTIONS}
    others = {event_type for event_type in TYPE_OF.values() if event_type.split(".")[1] != "gateway"} - heard
    assert others == NOT_A_FACT


def test_every_column_of_a_projection_is_a_column_of_its_table() -> None:
    for projection in PROJECTIONS:
        columns = metadata.tables[projection.table].c
        assert {*projection.key, *projection.columns} <= set(columns.keys())


def test_every_guard_is_itself_said_with_what_it_guards() -> None:
    for projection in PROJECTIONS:
        for rule in projection.columns.values():
            assert not isinstance(rule, Newest) or rule.guard in projection.columns


def test_distinct_keys_make_one_round_in_the_order_of_keys() -> None:
    rows = [{"contact_id": key} for key in ("c", "a", "b")]
    assert list(rounds(CONTACTS, rows)) == [[{"contact_id": "a"}, {"contact_id": "b"}, {"contact_id": "c"}]]


def test_a_key_named_twice_takes_a_second_round() -> None:
    rows = [{"contact_id": "a", "at": 1}, {"contact_id": "b", "at": 2}, {"contact_id": "a", "at": 3}]
    first, second = rounds(CONTACTS, rows)
    assert [row["at"] for row in first] == [1, 2]
    assert [row["at"] for row in second] == [3]


def test_state_is_written_only_under_its_guard() -> None:
    sql = _statement(FACTS.table, ("complaint_id", "stage", "stage_seq"))
    assert "stage = CASE WHEN t.stage_seq IS NULL OR excluded.stage_seq > t.stage_seq THEN excluded.stage" in sql
