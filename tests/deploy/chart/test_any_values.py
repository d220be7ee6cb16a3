"""Whatever the schema takes is rendered or refused with a sentence; no template breaks on it."""

import helm_python as helm
from hypothesis import HealthCheck, Phase, given, settings

from tests.deploy.chart import kubernetes_schema
from tests.deploy.chart.custom_resources import is_custom
from tests.deploy.chart.profiles import minimal
from tests.deploy.chart.release import Values, merged, render
from tests.deploy.chart.schema_values import changes


@settings(
    max_examples=20, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
@given(changes())
def test_values_that_the_schema_takes_are_rendered_or_refused_with_a_sentence(given_values: Values) -> None:
    try:
        release = render(merged(minimal(), given_values))
    except helm.HelmValuesError:
        return  # Conditions that only the whole schema knows.
    except helm.HelmRenderError as refused:
        if "execution error at" in str(refused):
            return
        raise
    native = [document for document in release.documents if not is_custom(document)]
    assert [wrong for d in native for wrong in kubernetes_schema.complaints(d, "1.36")] == []
