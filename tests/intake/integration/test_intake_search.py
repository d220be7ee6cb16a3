"""Full text and filters: the same complaints are found whichever way they are looked for."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chassis.call import Call
from chassis.errors import Forbidden, Invalid
from intake.adapters import search_blocks, search_postings
from intake.adapters.search_statement import FILTERS
from intake.app.search import ways
from intake.app.search.indexing import Indexer
from intake.app.search.search import search_complaints
from redress.intake.v1 import search_pb2 as pb

Given = Callable[..., Any]
CallAs = Callable[..., Call]

TEXTS = (
    "The pump leaks at the shaft seal",
    "Pumps were leaking, seals are fine",
    "高速行驶时仪表黑屏,重启后恢复",
    "水泵 漏水,黑色油渍",
    "The display is black",
)


WORDS: dict[str, tuple[int, ...]] = {
    "leak": (1, 0),
    "LEAKED pump": (1, 0),
    "seal shaft": (0,),
    "黑屏": (2,),
    "仪表黑屏": (2,),
    "黑": (3, 2),
    "泵漏": (),  # both pairs are there, but a blank lies between
    "ｐｕｍｐ leaks": (1, 0),
    "z-100 black": (4,),
    "nowhere": (),
    "leak nowhere": (),
}


async def search(intake: Any, call: Call, limit: int = 50, **wanted: Any) -> list[str]:
    """Descriptions, over all pages."""
    found: list[str] = []
    request = pb.SearchComplaintsRequest(filter=pb.ComplaintFilter(**wanted))
    request.page.limit = limit
    while True:
        page = await intake.run(search_complaints, call, request)
        found += [complaint.description for complaint in page.complaints]
        if not page.next_cursor:
            return found
        request.page.cursor = page.next_cursor


@pytest.fixture(params=["fresh", "indexed", "posted"])
async def filled(request: Any, intake: Any, given: Given, call_as: CallAs) -> Any:
    """The texts, oldest first: not indexed yet, indexed, or in the lists of their terms."""
    call = call_as("customer_service")
    for n, text in enumerate(TEXTS):
        await intake.one(call, given(description=text, lot=f"L{n % 2}", product_model="Z-100", defect_code=f"d{n}"))
    if request.param != "fresh":
        assert (await Indexer(intake.db).batch()).indexed == len(TEXTS)
    if request.param == "posted":
        async with intake.db.tx() as tx:
            await search_postings.post(tx, 0, len(TEXTS))
            await search_blocks.forget(tx, len(TEXTS))
            await tx.execute("UPDATE search_state SET posted_doc = next_doc")
    return intake


async def test_all_words_are_found_newest_first(filled: Any, call_as: CallAs) -> None:
    call = call_as("engineer")
    for limit in (50, 1):
        found = {words: await search(filled, call, limit, words=words) for words in WORDS}
        assert found == {words: [TEXTS[n] for n in expected] for words, expected in WORDS.items()}


async def test_filters_and_words_hold_together(filled: Any, call_as: CallAs, monkeypatch: pytest.MonkeyPatch) -> None:
    call = call_as("engineer")
    for walked in (3_000, 0):
        monkeypatch.setattr(ways, "WALKED", walked)
        assert await search(filled, call, lot="L1", words="leak") == [TEXTS[1]]
        assert await search(filled, call, lot="L1") == [TEXTS[3], TEXTS[1]]
        assert await search(filled, call, 1, lot="L0", product_model="Z-100", state="open") == [
            TEXTS[n] for n in (4, 2, 0)
        ]
        assert await search(filled, call, lot="L7") == []
        assert await search(filled, call, lot="L1", late=True) == []
        assert await search(filled, call, lot="L1", state="merged") == []


async def test_ranges_and_answers_are_filters(intake: Any, given: Given, call_as: CallAs, now: Any) -> None:
    call = call_as("customer_service")
    await intake.one(call, given(description="old one", t_received=now - timedelta(days=40), media="yes"))
    await intake.one(call, given(description="new one", t_received=now - timedelta(days=2)))
    since = now - timedelta(days=10)
    assert await search(intake, call, received_from=since) == ["new one"]
    assert await search(intake, call, received_to=since, media="yes") == ["old one"]
    assert await search(intake, call, late=True) == ["new one", "old one"]
    assert await search(intake, call, registered_to=since, words="one") == []
    assert await search(intake, call, registered_from=since, words="one") == ["new one", "old one"]


async def test_every_filter_of_the_contract_is_asked_of_the_complaint(
    intake: Any, given: Given, call_as: CallAs
) -> None:
    names = {field.name for field in pb.ComplaintFilter.DESCRIPTOR.fields} - {"words"}
    assert names <= set(FILTERS)
    await intake.one(call_as("customer_service"), given())
    texts = [f.name for f in pb.ComplaintFilter.DESCRIPTOR.fields if f.type == f.TYPE_STRING and f.name != "words"]
    for name in texts:
        assert await search(intake, call_as("engineer"), **{name: "nothing of the kind"}) == []


async def test_a_channel_finds_what_it_registered(intake: Any, given: Given, call_as: CallAs) -> None:
    own = call_as("channel", actor="key:1")
    await intake.one(own, given(description="leak of ours"))
    await intake.one(call_as("channel", actor="key:2"), given(description="leak of theirs"))
    await Indexer(intake.db).batch()
    assert await search(intake, own, words="leak") == ["leak of ours"]
    with pytest.raises(Forbidden):
        await search(intake, call_as("partner"), words="leak")


@pytest.mark.parametrize("words", ["", "…!", "a " * 300, " ".join(f"w{n}" for n in range(40))])
async def test_words_that_cannot_be_looked_for_are_refused_by_name(intake: Any, call_as: CallAs, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        await search(intake, call_as("engineer"), words=words)
    assert [fault.field for fault in refused.value.fields] == ["words"]


async def test_a_page_goes_on_where_the_last_ended_while_more_are_registered(
    filled: Any, given: Given, call_as: CallAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways, "WALKED", 0)
    call = call_as("customer_service")
    request = pb.SearchComplaintsRequest(filter=pb.ComplaintFilter(product_model="Z-100"))
    request.page.limit = 2
    found: list[str] = []
    while True:
        page = await filled.run(search_complaints, call, request)
        found += [complaint.description for complaint in page.complaints]
        if not page.next_cursor:
            break
        request.page.cursor = page.next_cursor
        await filled.one(call, given(description=f"later {len(found)}", product_model="Z-100"))
        await Indexer(filled.db).batch()
    assert found == list(reversed(TEXTS))
