"""Whoever types --help finds what a command is for, what its options mean, and an example that works."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer

from redressctl.commands import app

ROOT = typer.main.get_command(app)
_ENDS = {"&&", "|", ";", ">"}


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    found = getattr(command, "commands", None)
    if found is None:
        yield path, command
        return
    for name, below in found.items():
        yield from leaves(below, (*path, name))


COMMANDS = dict(leaves(ROOT))


def example_lines(command: click.Command) -> list[str]:
    lines = (command.epilog or "").split("\n\n")[1:]
    return [click.unstyle(line).replace("[dim]$[/dim] ", "") for line in lines]


def parse(words: list[str]) -> None:
    """Raises click's UsageError; runs nothing."""
    path = max((path for path in COMMANDS if tuple(words[: len(path)]) == path), key=len)
    COMMANDS[path].make_context(" ".join(path), words[len(path) :])


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_says_what_it_is_for_and_explains_each_option(path: tuple[str, ...]) -> None:
    command = COMMANDS[path]
    assert command.help
    assert command.help.split("\n\n")[0].rstrip().endswith((".", "?")), "the purpose is a sentence"
    unexplained = [param.name for param in command.params if not getattr(param, "help", None)]
    assert not unexplained


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_an_example_and_examples_parse(
    path: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for file in ("acks.jsonl", "redress.tar", "complaints.csv", "mine.csv", "mine.json"):
        Path(file).touch()
    lines = example_lines(COMMANDS[path])
    assert lines
    assert any(line.startswith(f"redressctl {' '.join(path)}") for line in lines)
    for line in lines:
        for words in commands_of(line):
            parse(words)


def commands_of(line: str) -> Iterator[list[str]]:
    words: list[str] = []
    for word in [*shlex.split(line), ";"]:
        if word not in _ENDS:
            words.append(word)
            continue
        if words[0] == "redressctl":
            yield words[1:]
        words = []


@pytest.mark.parametrize(("typed", "offered"), [("redressctl re", {"restore"}), ("redressctl dlq di", {"discard"})])
def test_the_shell_completes_commands(typed: str, offered: set[str]) -> None:
    asked = {"_REDRESSCTL_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
    program = Path(sys.executable).with_name("redressctl")
    done = subprocess.run([program], env=os.environ | asked, capture_output=True, text=True)  # noqa: S603
    assert set(done.stdout.split()) == offered
