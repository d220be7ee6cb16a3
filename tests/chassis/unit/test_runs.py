from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import utc_now
from chassis.envelope import Received
from chassis.runs import runs

NOW = utc_now()


def event(n: int, kind: str, subject: str) -> Received[None]:
    return Received(str(n), kind, subject, n, NOW, None, None)


def test_interleaved_types_of_different_subjects_make_one_run_each() -> None:
    batch = [event(2 * i + j, kind, f"case {i}") for i in range(5) for j, kind in enumerate(("opened", "closed"))]
    assert [(run[0].type, len(run)) for run in runs(batch)] == [("opened", 5), ("closed", 5)]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=60))
def test_nothing_is_lost_and_each_subject_keeps_its_order(kinds: list[tuple[str, str]]) -> None:
    batch = [event(n, kind, subject) for n, (kind, subject) in enumerate(kinds)]
    made = runs(batch)
    flat = [e for run in made for e in run]
    assert sorted(e.sequence for e in flat) == list(range(len(batch)))
    assert all(len({e.type for e in run}) == 1 for run in made)
    by_subject: dict[str, list[int]] = defaultdict(list)
    for e in flat:
        by_subject[e.subject].append(e.sequence)
    assert all(order == sorted(order) for order in by_subject.values())
