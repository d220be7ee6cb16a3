"""Which schema a version can work with."""

from pathlib import Path

from chassis.revisions import Revisions, revisions_of

OURS = Revisions("0003", frozenset({"0001", "0002", "0003"}))


def test_at_head_or_at_a_revision_it_does_not_know_a_version_can_work() -> None:
    assert OURS.judged("0003") == "ok"
    assert OURS.judged("0004") == "ok"
    assert "newer than this version" in OURS.told("0004")
    assert "newer" not in OURS.told("0003")


def test_behind_its_head_or_on_a_schema_that_was_never_migrated_it_cannot() -> None:
    assert OURS.judged("0002") == "schema is at 0002, not at 0003; run migrate"
    assert OURS.judged(None).endswith("run migrate")


def test_a_service_knows_all_its_revisions() -> None:
    found = revisions_of(Path(__file__).parents[1] / "probe")
    assert found == Revisions("0001", frozenset({"0001"}))
