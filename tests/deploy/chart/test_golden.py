"""A change of what is rendered is seen by whoever reviews it."""

from tests.deploy.chart import golden

_RENEW = "python -m tests.deploy.chart.golden renews it; read the difference first"


def test_the_least_installation_renders_as_committed() -> None:
    assert golden.rendered().splitlines() == golden.RENDERED.read_text().splitlines(), _RENEW


def test_nothing_changes_that_an_upgrade_cannot_change() -> None:
    """Deployments, StatefulSets and headless Services would have to be deleted first: UPGRADING.md must say so."""
    assert golden.selectors().splitlines() == golden.SELECTORS.read_text().splitlines(), _RENEW
