import importlib
from collections.abc import Callable
from typing import Any

import pytest

ReactionsOf = Callable[[str], dict[type[Any], Any]]


@pytest.fixture
def reactions_of() -> ReactionsOf:
    """A service's table: payload struct -> reaction."""
    return _reactions_of


def _reactions_of(service: str) -> dict[type[Any], Any]:
    table = importlib.import_module(f"{service}.entrypoints.consumers")
    return dict(table.reactions(mailroom()) if service == "notify" else table.REACTIONS)


def mailroom() -> Any:
    """notify's reactions are bound to its templates and intervals."""
    from notify.bootstrap import open_room
    from notify.entrypoints.sender import Bell

    settings = importlib.import_module("notify.settings").Settings
    return open_room(settings.model_construct(**{n: f.default for n, f in settings.model_fields.items()}), Bell())
