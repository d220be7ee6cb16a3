from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Annotated

import typer

from redress.nats_users import NO_DOMAIN, NatsUser, Partner
from redress.nats_users import users as table
from redressctl import nats_accounts
from redressctl.examples import examples

_EXAMPLES = examples(
    "redressctl nats users > accounts.conf",
    "redressctl nats users --format helm --partner acme=redress.workflow.case.closed.v1",
)
group = typer.Typer(help="What NATS has to know of us.", no_args_is_help=True, epilog=_EXAMPLES)


class Format(StrEnum):
    conf = "conf"
    helm = "helm"


@group.callback()
def _group() -> None:
    """What NATS has to know of us."""


@group.command(epilog=_EXAMPLES)
def users(
    output: Annotated[Format, typer.Option("--format", help="A plain nats.conf, or values of the NATS chart.")] = (
        Format.conf
    ),
    partner: Annotated[
        list[str] | None, typer.Option(help="NAME=TYPE,TYPE: reads these event types and nothing else. Repeat it.")
    ] = None,
    second: Annotated[
        list[str] | None, typer.Option(help="Give this user a twin, USER-b, to change its password without a gap.")
    ] = None,
    kept_in: Annotated[
        str, typer.Option("--secret", help="With --format helm: the Secret that holds the passwords.")
    ] = ("redress-nats"),
    domain: Annotated[str, typer.Option(help="Of JetStream, where it has one.")] = "",
) -> None:
    """Print the NATS users of services, provisioning and partners, each with the least it needs.

    Nothing is connected to, and no password is printed. docs/nats.md says what each user may do and why.
    """
    try:
        found = table([_partner(text) for text in partner or ()], domain=domain or NO_DOMAIN)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    found += _twins(found, second or ())
    typer.echo(nats_accounts.conf(found) if output == Format.conf else nats_accounts.helm(found, kept_in), nl=False)


def _partner(text: str) -> Partner:
    name, _, types = text.partition("=")
    return Partner(name, tuple(kind.strip() for kind in types.split(",") if kind.strip()))


def _twins(found: Sequence[NatsUser], names: Sequence[str]) -> Iterator[NatsUser]:
    by_name = {one.user: one for one in found}
    for name in names:
        if name not in by_name:
            raise typer.BadParameter(f"there is no user {name}; there are {', '.join(by_name)}")
        yield replace(by_name[name], user=f"{name}-b")
