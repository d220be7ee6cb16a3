"""The accounts block of a NATS server: for a plain nats.conf, and as values of the official NATS chart."""

import json
from collections.abc import Iterator, Sequence

from redress.nats_users import NatsUser

ACCOUNT, SYSTEM = "REDRESS", "SYS"
_OPERATOR = "sys"
# A NATS configuration reads what stands in a variable as a value: 123456 is a number, on a boolean, both refused.
_PASSWORDS = "every password: a letter first, then letters and digits, e.g. p$(openssl rand -hex 20)"


def variable_of(user: str) -> str:
    """Environment variable that holds a user's password."""
    return f"{user.upper().replace('-', '_')}_NATS_PASSWORD"


def secret_key_of(user: str) -> str:
    """Key of the Secret that holds a user's password; the Redress chart reads the same ones."""
    return f"{user}-nats-password"


def conf(users: Sequence[NatsUser]) -> str:
    return "\n".join(_conf(users)) + "\n"


def _conf(users: Sequence[NatsUser]) -> Iterator[str]:
    yield "# Printed by `redressctl nats users`. Beside it: a jetstream block, cluster, tls. Passwords come from the"
    yield f"# environment; {_PASSWORDS}"
    yield "accounts {"
    yield f"  {ACCOUNT} {{"
    yield "    jetstream: enabled"
    yield "    users: ["
    for one in users:
        yield f"      {{ user: {json.dumps(one.user)}, password: ${variable_of(one.user)}, permissions: {{"
        yield f"          publish: {{ allow: {json.dumps(one.publish)} }}"
        yield f"          subscribe: {{ allow: {json.dumps(one.subscribe)} }} }} }}"
    yield "    ]"
    yield "  }"
    yield f"  {SYSTEM} {{ users: [ {{ user: {_OPERATOR}, password: ${variable_of(_OPERATOR)} }} ] }}"
    yield "}"
    yield f"system_account: {SYSTEM}"


def helm(users: Sequence[NatsUser], secret: str) -> str:
    """Values for the chart `nats` 1.x; JSON strings are YAML, and the chart unquotes what stands in << >>."""
    return "\n".join(_helm(users, secret)) + "\n"


def _helm(users: Sequence[NatsUser], secret: str) -> Iterator[str]:
    yield "# Printed by `redressctl nats users --format helm`: a further values file for the chart `nats`"
    yield "# of nats-io (1.x), beside deploy/examples/nats-values.yaml."
    yield f"# Secret {secret} holds the passwords; {_PASSWORDS}"
    yield "config:"
    yield "  merge:"
    yield f"    system_account: {SYSTEM}"
    yield "    accounts:"
    yield f"      {ACCOUNT}:"
    yield "        jetstream: enabled"
    yield "        users:"
    for one in users:
        yield f"          - user: {one.user}"
        yield f"            password: << ${variable_of(one.user)} >>"
        yield "            permissions:"
        yield f"              publish: {{allow: {json.dumps(one.publish)}}}"
        yield f"              subscribe: {{allow: {json.dumps(one.subscribe)}}}"
    yield f"      {SYSTEM}:"
    yield f"        users: [{{user: {_OPERATOR}, password: << ${variable_of(_OPERATOR)} >>}}]"
    yield "container:"
    yield "  env:"
    for name in (*(one.user for one in users), _OPERATOR):
        source = f"{{secretKeyRef: {{name: {secret}, key: {secret_key_of(name)}}}}}"
        yield f"    {variable_of(name)}: {{valueFrom: {source}}}"
