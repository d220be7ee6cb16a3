"""The index of terms: filled after the commit, kept up with corrections, emptied by erasure, asked for candidates."""

from collections.abc import Callable
from typing import Any

import pytest

from chassis.call import Call
from intake.adapters import search_blocks, search_postings
from intake.app.search.candidates import candidates, counts
from intake.app.search.indexing import Indexer
from intake.app.search.lexicons import lexicon_of
from redress.intake.v1 import intake_pb2 as pb

Given = Callable[..., Any]
CallAs = Callable[..., Call]


@pytest.fixture
def indexer(intake: Any) -> Indexer:
    return Indexer(intake.db)


async def _terms(intake: Any, text: str) -> list[int]:
    async with intake.db.read() as tx:
        return (await lexicon_of(tx)).terms(text)


async def _post_all(intake: Any) -> None:
    async with intake.db.tx() as tx:
        state = await tx.fetchrow("SELECT * FROM search_state")
        await search_postings.post(tx, state["posted_doc"], state["next_doc"])
        await search_blocks.forget(tx, state["next_doc"])
        await tx.execute("UPDATE search_state SET posted_doc = next_doc")


async def _overlaps(intake: Any, text: str) -> list[tuple[str, float]]:
    async with intake.db.read() as tx:
        return await candidates(tx, (await lexicon_of(tx)).terms(text), 10)


@pytest.mark.parametrize("posted", [False, True])
async def test_candidates_share_the_rarest_terms_best_first(
    intake: Any, given: Given, call_as: CallAs, indexer: Indexer, posted: bool
) -> None:
    call = call_as("customer_service")
    one = await intake.one(call, given(description="Shaft seal leaks oil"))
    two = await intake.one(call, given(description="The display stays black, oil"))
    assert (await indexer.batch()).indexed == 2
    if posted:
        await _post_all(intake)
    found = await _overlaps(intake, "leaking shaft seals lose oil")
    assert found == [(one.complaint_id, 4.0), (two.complaint_id, 2.0)]  # oil; leak, of its defect code


async def test_a_complaint_is_indexed_once(intake: Any, given: Given, call_as: CallAs, indexer: Indexer) -> None:
    await intake.one(call_as("customer_service"), given())
    assert [(await indexer.batch()).indexed for _ in range(3)] == [1, 0, 0]


async def test_a_correction_moves_the_complaint_to_its_new_terms(
    intake: Any, given: Given, call_as: CallAs, indexer: Indexer
) -> None:
    call = call_as("customer_service")
    one = await intake.one(call, given(lot="L1"))
    await indexer.batch()
    await _post_all(intake)
    await intake.run(
        intake.update, call, pb.UpdateComplaintRequest(complaint_id=one.complaint_id, if_version=1, lot="L2")
    )
    assert (await indexer.batch()).changed == 1
    async with intake.db.read() as tx:
        lexicon = await lexicon_of(tx)
        lots = [lexicon.facet("lot", lot) for lot in ("L1", "L2")]
        assert list((await counts(tx, lots)).values()) == [0, 1]


async def test_erased_terms_leave_the_postings_and_coded_ones_stay(
    intake: Any, given: Given, call_as: CallAs, indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await intake.one(call_as("customer_service"), given(description="private words", lot="L1"))
    await indexer.batch()
    await _post_all(intake)

    async def nothing(_tx: Any, _ids: Any) -> dict[str, str]:
        return {}

    monkeypatch.setattr("intake.app.search.changes.descriptions", nothing)
    async with intake.db.tx() as tx:
        await tx.execute("DELETE FROM complaint_terms WHERE complaint_id = $1", one.complaint_id)
    await indexer.batch()
    assert await _overlaps(intake, "private words") == []
    async with intake.db.read() as tx:
        lexicon = await lexicon_of(tx)
        known = await counts(tx, [*lexicon.terms("private words"), lexicon.facet("lot", "L1")])
    assert list(known.values()) == [0, 0, 1]


async def test_a_rebuild_gives_the_same_index(intake: Any, given: Given, call_as: CallAs, indexer: Indexer) -> None:
    for n in range(3):
        await intake.one(call_as("customer_service"), given(description=f"seal number {n} leaks"))
    await indexer.batch()
    await _post_all(intake)
    rows = "SELECT complaint_id, terms, coded FROM complaint_terms ORDER BY complaint_id"
    before = await intake.fetch(rows)
    async with intake.db.tx() as tx:
        await tx.execute("UPDATE search_state SET rebuilding = true")
    while (await indexer.batch()).more:
        pass
    await indexer.batch()
    assert await intake.fetch(rows) == before
