"""Containers as containers: by docker or podman on this machine's network, from images that were built before."""

import os
from pathlib import Path

from tests.deploy.double.process import Container
from tests.deploy.engine import ask, has_image, remove_containers, run_container

_OF_THE_ENGINE = ("/tmp", "/etc/passwd", "/etc/nsswitch.conf")  # noqa: S108
"""What the engine or the image brings itself."""


class InEngine:
    """`run` marks the containers of one test run."""

    def __init__(self, engine: str, run: str) -> None:
        self._engine, self._run = engine, run

    def argv(self, container: Container, name: str, folder: Path) -> list[str]:
        mounts = [one for one in container.volumes if one["target"] not in _OF_THE_ENGINE]
        return run_container(
            self._engine,
            container.image,
            container.argv,
            container.environment,
            run=self._run,
            name=name,
            user=f"{container.user}:{container.group}",
            volumes={one["source"]: one["target"] + (":ro" if one["read_only"] else "") for one in mounts},
            read_only_root=container.read_only_root,
        )

    def environment(self, container: Container) -> dict[str, str]:
        """The engine's own, and the values that its argv names."""
        return {**os.environ, **container.environment}

    def end(self, name: str) -> None:
        ask(self._engine, "kill", name)

    def end_all(self) -> None:
        remove_containers(self._engine, self._run)


def missing(engine: str | None, images: list[str]) -> str:
    """Why containers cannot be run here; empty when they can."""
    if engine is None:
        return "no container engine answers: the rendered chart is run as processes only"
    absent = [image for image in images if not has_image(engine, image)]
    return (
        f"{engine} has no {', '.join(absent)}: `make images`, and REDRESS_TEST_IMAGE_TAG for their tag"
        if absent
        else ""
    )
