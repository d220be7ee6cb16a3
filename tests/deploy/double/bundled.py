"""Images of PostgreSQL and NATS, for manifests that bring their own: the embedded servers, told as images are."""

import os
import shutil
import sys
from pathlib import Path
from signal import Signals

from stack.binaries import nats_server, postgres_binaries
from tests.deploy.double.images import Image

_ENTRYPOINT = Path(__file__).with_name("postgres_entrypoint.py")


def postgres_image() -> Image:
    """What its entrypoint does with a new PGDATA: initdb, a server on a socket for the scripts, then the server."""
    path = os.pathsep.join((str(postgres_binaries()), "/usr/bin", "/bin"))
    return Image(
        entrypoint=(sys.executable, "-I", "-S", str(_ENTRYPOINT)),
        environment={"PATH": path, "PGHOST": "/var/run/postgresql", "PGUSER": "postgres"},
        stop_signal=Signals.SIGINT,
    )


def nats_image() -> Image:
    """Its configuration says a port only: all pods share this machine's ports, so the pod's address is added."""
    path = os.pathsep.join((str(Path(nats_server()).parent), "/usr/bin", "/bin"))
    assert shutil.which("nats-server", path=path)
    return Image(environment={"PATH": path}, appended=("--addr", "$(POD_ADDRESS)"))
