"""Whom the directory knows before it could ask the database."""

from typing import Any, cast

import pytest

from chassis.db import Database
from chassis.errors import Unauthenticated, Unavailable
from gateway.adapters.api_keys import new_key
from gateway.app.directory import Directory


class _Nobody(Directory):
    async def _load_key(self, key_id: str) -> Any:
        return "nobody"


@pytest.fixture
def directory() -> Directory:
    return _Nobody(cast(Database, None), "pepper", ttl_s=30)


async def test_the_first_key_is_not_called_wrong_while_it_could_not_be_put_in_place(directory: Directory) -> None:
    directory.first_key_pending = True
    with pytest.raises(Unavailable):
        await directory.by_key("whatever an operator chose")
    directory.first_key_pending = False
    with pytest.raises(Unauthenticated):
        await directory.by_key("whatever an operator chose")


async def test_other_keys_are_judged_meanwhile(directory: Directory) -> None:
    directory.first_key_pending = True
    with pytest.raises(Unauthenticated):
        await directory.by_key(new_key()[1])
