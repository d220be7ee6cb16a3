"""The command tree. One module per command; each registers itself nowhere: the table stands here."""

import inspect

import typer

from redressctl.commands import (
    audit,
    backup,
    config,
    demo,
    dlq,
    events,
    load,
    nats,
    privacy,
    prometheus,
    restore,
    status,
    up,
    verify,
)
from redressctl.examples import examples

_EPILOG = """Exit codes: 0 all is as it should be · 1 something differs, failed or is not well · 2 wrong arguments, \
settings or credentials · 130 interrupted.

A stack is found by its data directory (--dir, .data when absent), any other installation by --url and --key \
(or REDRESS_URL and REDRESS_KEY). `redressctl --install-completion` completes commands and options in your shell."""

app = typer.Typer(
    name="redressctl",
    help="Run, drive, verify, back up and mend a Redress installation.",
    epilog=_EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command, lines in (
    (up.up, up.EXAMPLES),
    (status.status, status.EXAMPLES),
    (demo.demo, demo.EXAMPLES),
    (load.load, load.EXAMPLES),
    (verify.verify, verify.EXAMPLES),
    (backup.backup, backup.EXAMPLES),
    (restore.restore, restore.EXAMPLES),
    (prometheus.prometheus, prometheus.EXAMPLES),
):
    app.command(epilog=examples(*lines))(command)
_GROUPS = {"config": config, "dlq": dlq, "events": events, "audit": audit, "nats": nats, "privacy": privacy}
for name, module in _GROUPS.items():
    app.add_typer(module.group, name=name)

_IN_GROUPS = [each for module in (dlq, config, nats, privacy) for each in module.group.registered_commands]
for each in (*app.registered_commands, *_IN_GROUPS):
    # Or typer keeps the line ends of the source, wherever the terminal breaks lines itself.
    paragraphs = inspect.getdoc(each.callback) or ""
    each.help = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs.split("\n\n"))
