"""Letters' templates: planned with samples, published, and what letters on their way keep."""

from copy import deepcopy
from typing import Any

import pytest

from chassis.db import Database
from chassis.errors import Invalid
from notify.app import react
from notify.app.letter_templates import letter_templates
from notify.app.mailroom import Mailroom
from notify.app.send import send_round


@pytest.fixture
async def db(service_db: Any) -> Database:
    """Of its own: what is published cannot be taken back."""
    made: Database = service_db("notify")
    return made


@pytest.fixture
def shelf(db: Database, room: Mailroom, shelf: Any) -> Any:
    return shelf(db, letter_templates(room.head))


async def shorter(shelf: Any) -> dict[str, Any]:
    document = deepcopy(await shelf.published("letter-templates", "default"))
    document["templates"]["receipt"]["en"]["text"] = "Dear $name, we shall see to $number. $organisation"
    return document


async def test_a_plan_shows_the_letter_as_it_would_read_and_what_it_no_longer_says(shelf: Any) -> None:
    plan = await shelf.plan("letter-templates", "default", await shorter(shelf))
    changed, silent = plan.effects
    assert list(changed.examples) == [
        "We have received your complaint C26-0000001\n\nDear Ada Lovelace, we shall see to C26-0000001. Acme"
    ]
    assert (silent.severity, list(silent.examples)) == ("warning", ["due", "response_due", "status"])
    assert (plan.version, plan.next_version) == (3, 4)


async def test_a_letter_on_its_way_keeps_the_words_it_was_made_with(
    db: Database, room: Mailroom, post: Any, store: Any, events: Any, shelf: Any, neighbours: Any, make_room: Any
) -> None:
    opened = events.opened()
    neighbours.intake.know(opened.data.case_id, "zhang@example.com")
    async with db.tx() as tx:
        await react.case_opened(room, tx, [opened])
    document = await shorter(shelf)
    plan = await shelf.plan("letter-templates", "default", document)
    assert plan.effects[-1].what == "letters_stay"
    await shelf.publish("letter-templates", "default", document)
    await send_round(db, make_room(), post)
    (row,) = await store.deliveries()
    assert (row["state"], row["template_version"]) == ("sent", 3)
    async with db.tx() as tx:
        assert (await make_room().templates.current(tx)).version == 4


async def test_a_letter_that_could_not_be_sent_is_not_published(shelf: Any) -> None:
    document = await shorter(shelf)
    document["templates"]["receipt"]["en"]["text"] += " $telephone"
    with pytest.raises(Invalid) as refused:
        await shelf.publish("letter-templates", "default", document)
    assert [fault.field for fault in refused.value.fields] == ["templates.receipt.en.text"]
