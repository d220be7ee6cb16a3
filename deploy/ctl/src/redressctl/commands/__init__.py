"""The command tree. One module per command; each registers itself nowhere: the table stands here."""

import typer

from redressctl.commands import audit, demo, dlq, events, load, status, up, verify

app = typer.Typer(
    name="redressctl",
    help="Run, drive, verify and mend a Redress installation.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (up.up, demo.demo, load.load, verify.verify, status.status):
    app.command()(command)
for name, group in (("events", events.group), ("dlq", dlq.group), ("audit", audit.group)):
    app.add_typer(group, name=name)
