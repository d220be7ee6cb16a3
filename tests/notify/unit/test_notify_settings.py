from typing import Any

import pytest
from pydantic import ValidationError

from notify.settings import Settings
from stack.keys import new_signing_key


def settings(**given: Any) -> Settings:
    common = {"dsn": "postgresql://", "nats_url": "nats://", "signing_key": new_signing_key(), "trusted_issuers": {}}
    return Settings(**common, **given)


def test_without_a_mail_server_no_sender_address_is_needed() -> None:
    assert settings().smtp_host == ""


@pytest.mark.parametrize(
    "given",
    [
        {"smtp_host": "mail"},
        {"smtp_host": "mail", "mail_from": "nobody"},
        {"smtp_host": "mail", "mail_from": "a@b.c", "smtp_username": "u", "smtp_password": "p"},
        {"claim_seconds": 15, "smtp_timeout_seconds": 10},
        {"time_zone": "Mars/Olympus"},
    ],
)
def test_settings_that_cannot_work_are_refused_at_start(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**given)


def test_credentials_go_with_starttls() -> None:
    given = {"smtp_host": "mail", "mail_from": "a@b.c", "smtp_username": "u", "smtp_password": "p"}
    assert settings(**given, smtp_starttls=True).smtp_username == "u"
