"""The plan of a chaos run follows from its seed."""

from itertools import islice

from tests.chaos.fault import both, can_overlap, fault
from tests.chaos.plan import chosen_kinds, every_kind, plan_of, short_plan, until_time


def names(seed: int, count: int) -> list[tuple[str, str]]:
    return [(kind.name, one.name) for kind, one in islice(plan_of(every_kind(), seed), count)]


def test_equal_seeds_give_equal_plans_and_others_another() -> None:
    assert names(5, 60) == names(5, 60)
    assert names(5, 60) != names(6, 60)


def test_a_round_holds_every_kind_once() -> None:
    kinds = every_kind()
    assert len(kinds) >= 12
    assert sorted(kind for kind, _ in names(3, len(kinds))) == sorted(kind.name for kind in kinds)


def test_every_service_and_server_is_killed_and_stopped() -> None:
    found = {one.name for kind in every_kind() for one in kind.variants}
    for part in ("intake", "workflow", "capa", "notify", "analytics", "gateway", "NATS", "PostgreSQL"):
        assert f"kill -9 {part}" in found
        assert f"SIGSTOP {part}" in found


def test_the_short_plan_needs_nothing_of_the_machine() -> None:
    planned = list(short_plan())
    assert all(not kind.needs for kind, _ in planned)
    assert {"store reverted", "kill -9 PostgreSQL", "kill -9 NATS"} <= {one.name for _, one in planned}


def test_no_fault_begins_when_the_time_is_over() -> None:
    assert list(until_time(iter("abcd"), 10, iter([0.0, 4.0, 9.9, 10.0]))) == ["a", "b", "c"]


def test_a_pattern_chooses_kinds_or_single_faults() -> None:
    assert [kind.name for kind in chosen_kinds("^NATS disk full$")] == ["NATS disk full"]
    assert {one.name for kind in chosen_kinds("kill -9 NATS") for one in kind.variants} == {"kill -9 NATS"}


def test_what_handles_the_same_part_cannot_overlap() -> None:
    def strike(_ground: object) -> str:
        return ""

    killed, frozen = fault("killed", strike, "postgres"), fault("frozen", strike, "postgres")
    reset, alone = fault("reset", strike, "link"), fault("alone", strike, alone=True)
    assert not can_overlap(killed, frozen)
    assert not can_overlap(reset, alone)
    assert can_overlap(killed, reset)
    assert both(killed, reset).touches == {"postgres", "link"}
