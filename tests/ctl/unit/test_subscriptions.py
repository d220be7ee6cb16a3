"""verify must wait for exactly what the services listen to."""

from typing import Any, cast

from redress.catalog import TYPE_OF
from redressctl.verify.subscriptions import SUBSCRIPTIONS


def types(reactions: Any) -> frozenset[str]:
    return frozenset(TYPE_OF[payload] for payload in reactions)


def test_intake_listens_to_what_verify_expects() -> None:
    from intake.entrypoints.consumers import REACTIONS

    assert types(REACTIONS) == SUBSCRIPTIONS["intake"]


def test_workflow_listens_to_what_verify_expects() -> None:
    from workflow.entrypoints.consumers import REACTIONS

    assert types(REACTIONS) == SUBSCRIPTIONS["workflow"]


def test_capa_listens_to_what_verify_expects() -> None:
    from capa.entrypoints.consumers import REACTIONS

    assert types(REACTIONS) == SUBSCRIPTIONS["capa"]


def test_notify_listens_to_what_verify_expects() -> None:
    from notify.entrypoints.consumers import reactions

    assert types(reactions(cast(Any, None))) == SUBSCRIPTIONS["notify"]


def test_analytics_listens_to_what_verify_expects() -> None:
    from analytics.entrypoints.consumers import REACTIONS

    assert types(REACTIONS) == SUBSCRIPTIONS["analytics"]
