from datetime import UTC, datetime, timedelta

from notify.domain.digest import LISTED_TASKS, Notice, gather

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def notice(n: int, person: str = "p1", kind: str = "task_assigned", due: int | None = None) -> Notice:
    return Notice(
        notice_id=f"n{n:03}",
        kind=kind,
        person_id=person,
        task_id=f"t{n:03}",
        case_id=f"c{n:03}",
        number=f"C26-{n:07}",
        task_kind="diagnose",
        due_at=None if due is None else NOW + timedelta(hours=due),
    )


def test_a_person_gets_one_mail_for_each_kind() -> None:
    notices = [notice(1), notice(2, "p2"), notice(3), notice(4, kind="task_overdue")]
    digests = {(d.person_id, d.kind): d.notice_ids for d in gather(notices)}
    assert digests == {
        ("p1", "task_assigned"): ("n001", "n003"),
        ("p2", "task_assigned"): ("n002",),
        ("p1", "task_overdue"): ("n004",),
    }


def test_tasks_are_listed_by_deadline_and_those_without_one_last() -> None:
    (digest,) = gather([notice(1), notice(2, due=8), notice(3, due=2)])
    assert [task["number"] for task in digest.facts["tasks"]] == ["C26-0000003", "C26-0000002", "C26-0000001"]


def test_a_digest_of_a_single_task_names_it_and_its_case() -> None:
    (single,) = gather([notice(1)])
    assert (single.task_id, single.case_id) == ("t001", "c001")
    (several,) = gather([notice(1), notice(2)])
    assert (several.task_id, several.case_id) == (None, None)


def test_a_task_that_was_assigned_twice_is_listed_once() -> None:
    first, again = notice(1), notice(1)
    (digest,) = gather([first, again])
    assert digest.facts["count"] == 1
    assert len(digest.notice_ids) == 2


def test_a_long_digest_is_cut_and_still_counts_all() -> None:
    (digest,) = gather([notice(n) for n in range(LISTED_TASKS + 7)])
    assert len(digest.facts["tasks"]) == LISTED_TASKS
    assert digest.facts["count"] == LISTED_TASKS + 7
    assert len(digest.notice_ids) == LISTED_TASKS + 7


def test_a_digest_carries_no_more_than_number_kind_and_deadline() -> None:
    (digest,) = gather([notice(1, due=1)])
    assert digest.facts["tasks"] == [
        {"number": "C26-0000001", "kind": "diagnose", "due_at": (NOW + timedelta(hours=1)).isoformat()}
    ]
