from datetime import UTC, datetime, timedelta

from analytics.projections.visits import Exit, Known, Visit, changed_ends

START = datetime(2026, 11, 2, tzinfo=UTC)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def visit(stage: str, number: int, hours: float, sequence: int) -> Visit:
    return Visit("c", stage, number, at(hours), sequence)


def ends(known: Known) -> dict[tuple[str, int], tuple[datetime, str]]:
    return {(v.stage, v.visit): (t_exit, outcome) for v, t_exit, outcome in changed_ends(known)}


def test_an_exit_ends_the_visit_before_it_and_not_the_one_after() -> None:
    visits = [visit("diagnosis", 1, 1, 2), visit("diagnosis", 2, 5, 6)]
    exits = [Exit("diagnosis", 4, at(3), "returned"), Exit("diagnosis", 8, at(7), "done")]
    assert ends(Known(visits, exits)) == {
        ("diagnosis", 1): (at(3), "returned"),
        ("diagnosis", 2): (at(7), "done"),
    }


def test_an_exit_that_is_not_known_yet_leaves_the_visit_to_the_next_one_until_it_is() -> None:
    first, later = visit("diagnosis", 1, 1, 2), Exit("diagnosis", 8, at(7), "done")
    assert ends(Known([first], [later])) == {("diagnosis", 1): (at(7), "done")}
    assert ends(Known([first], [later, Exit("diagnosis", 4, at(3), "returned")])) == {
        ("diagnosis", 1): (at(3), "returned")
    }


def test_reopening_ends_the_visit_to_whichever_stage_the_case_stood_in() -> None:
    visits = [visit("knowledge", 1, 5, 6), visit("diagnosis", 2, 9, 8)]
    assert ends(Known(visits, [Exit("", 8, at(9), "returned")])) == {("knowledge", 1): (at(9), "returned")}


def test_the_last_stage_after_the_close_ends_with_its_last_task() -> None:
    known = Known([visit("knowledge", 1, 5, 6)], [], closed_seq=5, done=[("knowledge", at(7)), ("knowledge", at(6))])
    assert ends(known) == {("knowledge", 1): (at(7), "done")}


def test_a_task_done_before_the_close_ends_no_visit() -> None:
    assert ends(Known([visit("diagnosis", 1, 1, 2)], [], closed_seq=5, done=[("diagnosis", at(2))])) == {}


def test_an_end_that_is_known_already_is_not_written_again() -> None:
    known = Visit("c", "intake", 1, at(0), 1, at(1), "done")
    assert ends(Known([known], [Exit("intake", 2, at(1), "done")])) == {}
