import pytest
from pydantic import ValidationError

from analytics.settings import Settings
from stack.keys import new_signing_key


def test_a_time_zone_that_does_not_exist_keeps_it_from_starting_instead_of_failing_every_figure() -> None:
    common = {"dsn": "postgresql://", "nats_url": "nats://", "signing_key": new_signing_key(), "trusted_issuers": {}}
    assert Settings(**common, time_zone="Europe/Berlin").time_zone == "Europe/Berlin"  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="IANA"):
        Settings(**common, time_zone="Mars/Olympus")  # type: ignore[arg-type]
