"""What stands for an image: the programs of this machine that it would bring, and what its Dockerfile would say."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals

USER = 10001
"""Of our images; the Dockerfile says so."""


@dataclass(frozen=True)
class Image:
    entrypoint: Sequence[str] = ()
    command: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    user: int = USER
    appended: Sequence[str] = ()
    """Arguments that only this machine needs."""
    stop_signal: Signals = Signals.SIGTERM


class Images:
    """By reference; one that is not named here cannot be pulled."""

    def __init__(self, known: Mapping[str, Image]) -> None:
        self._known = dict(known)

    def add(self, reference: str, image: Image) -> None:
        self._known[reference] = image

    def find(self, reference: str) -> Image | None:
        return self._known.get(reference)


def python_image() -> Image:
    """Ours: Python and the service, found in the virtual environment of this checkout."""
    path = os.pathsep.join((str(Path(sys.prefix) / "bin"), "/usr/local/bin", "/usr/bin", "/bin"))
    return Image(environment={"PATH": path, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", "HOME": "/"})


def redress_images(services: Sequence[str], tag: str, image: Image) -> Images:
    return Images({f"redress-{service}:{tag}": image for service in services})
