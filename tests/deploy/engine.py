"""Containers as child processes of ours: docker or podman runs them in the foreground, so that a signal to the child is
one to the container, and its exit code the container's. Standard library only: it is its own launcher.

`python engine.py ENGINE IMAGE COMMAND…` becomes that container, with every REDRESS_ variable it was given itself.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

_ANSWERS_WITHIN_S = 20
_LABEL = "redress.test"
USER = "10001:10001"


def find_engine() -> str | None:
    """The first that answers; REDRESS_TEST_ENGINE names another or, with `none`, no one."""
    chosen = os.environ.get("REDRESS_TEST_ENGINE")
    candidates = (chosen,) if chosen else ("docker", "podman")
    return next((name for name in candidates if _answers(name)), None)


def has_image(engine: str, image: str) -> bool:
    return ask(engine, "image", "inspect", image) is not None


def ask(engine: str, *arguments: str, within_s: float = 60) -> str | None:
    """What it says on stdout; None when it refuses."""
    done = subprocess.run([engine, *arguments], capture_output=True, text=True, timeout=within_s)  # noqa: S603
    return done.stdout.strip() if done.returncode == 0 else None


def run_container(
    engine: str,
    image: str,
    command: Sequence[str],
    variables: Iterable[str],
    *,
    run: str = "",
    name: str = "",
    user: str = USER,
    volumes: Mapping[str, str] | None = None,
    read_only_root: bool = True,
    hosts: Mapping[str, str] | None = None,
) -> list[str]:
    """The argv of a container as restricted Pod Security has it: no root, no capability, nothing written but /tmp.

    `variables` are names; their values come from the environment of whoever executes the argv, so that no secret stands
    in a list of processes. The command replaces the image's entry point. `volumes`: path here -> path there[:ro].
    `hosts`: name -> address. `run` marks what `remove_containers` takes away.
    """
    entry, *arguments = command
    return [
        *(
            engine,
            "run",
            "--rm",
            "--pull",
            "never",
            "--no-healthcheck",
            "--network",
            "host",
            "--label",
            f"{_LABEL}={run}",
        ),
        *(("--name", name) if name else ()),
        *("--user", user, "--cap-drop", "all", "--security-opt", "no-new-privileges", "--tmpfs", "/tmp"),  # noqa: S108
        *(("--read-only",) if read_only_root else ()),
        *_each("--volume", (f"{here}:{there}" for here, there in (volumes or {}).items())),
        *_each("--add-host", (f"{host}:{address}" for host, address in (hosts or {}).items())),
        *_each("--env", sorted(variables)),
        *("--entrypoint", entry, image, *arguments),
    ]


def remove_containers(engine: str, run: str) -> None:
    """Those of one test run that outlived their child: a killed child does not end its container."""
    left = (ask(engine, "ps", "--all", "--quiet", "--filter", f"label={_LABEL}={run}") or "").split()
    if left:
        ask(engine, "rm", "--force", *left)


def launcher(engine: str, image: str, command: Sequence[str], *, run: str = "", name: str = "") -> list[str]:
    """For whoever names a program before its environment: a program that becomes the container."""
    return [sys.executable, str(Path(__file__).resolve()), run, name, engine, image, *command]


def _answers(engine: str) -> bool:
    try:
        return ask(engine, "version" if engine == "docker" else "info", within_s=_ANSWERS_WITHIN_S) is not None
    except (OSError, subprocess.TimeoutExpired):
        return False


def _each(option: str, values: Iterable[str]) -> Iterable[str]:
    return (part for value in values for part in (option, value))


if __name__ == "__main__":
    _run, _name, _engine, _image, *_command = sys.argv[1:]
    _variables = [_variable for _variable in os.environ if _variable.startswith("REDRESS_")]
    _argv = run_container(_engine, _image, _command, _variables, run=_run, name=_name)
    os.execvp(_argv[0], _argv)  # noqa: S606
