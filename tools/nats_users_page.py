"""deploy/helm/redress/files/nats/users.yaml: the table of NATS users, for the chart's own NATS."""

from pathlib import Path

import yaml

from redress.nats_users import users

_HEAD = """# Generated from proto/redress/nats_users.py: `make generate`. Passwords are never in it.
# docs/nats.md says what each user may do and why; `redressctl nats users` prints them as a server's configuration.
"""


def page(into: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    table = [
        {"user": one.user, "service": one.service, "publish": list(one.publish), "subscribe": list(one.subscribe)}
        for one in users()
    ]
    (into / "users.yaml").write_text(_HEAD + yaml.safe_dump(table, sort_keys=False, width=200))
