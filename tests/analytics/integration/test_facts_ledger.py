from typing import Any

from analytics.entrypoints.admin import facts
from chassis.db import Database
from chassis.ledgers import page


async def test_the_ledger_pages_through_registered_complaints_and_their_state(
    told: Any, react: Any, analytics_db: Database
) -> None:
    cases = [told(number=f"C26-{n}").register().open() for n in range(5)]
    cases[0].close(hours=1)
    early = told(number="C26-9").open()  # its registration is still on the way
    await react(analytics_db, [event for case in [*cases, early] for event in case.events])
    rows, cursor = [], ""
    async with analytics_db.read() as tx:
        while True:
            some, cursor = await page(facts, tx, cursor, 2)
            rows += some
            if not cursor:
                break
    assert {row.id: row.kind for row in rows} == {case.case_id: "open" for case in cases} | {cases[0].case_id: "closed"}
    assert [row.id for row in rows] == sorted(row.id for row in rows)
