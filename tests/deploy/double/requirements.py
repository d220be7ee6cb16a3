"""What the double needs of a machine; without it its tests skip and say so."""

import subprocess
import sys
from functools import cache
from pathlib import Path

_TRY = (
    "import importlib.util as u; s = u.spec_from_file_location('container', {path!r});"
    " m = u.module_from_spec(s); s.loader.exec_module(m); m.own_namespaces(10001, 10001)"
)


@cache
def missing() -> str:
    """Empty when all is here."""
    if sys.platform != "linux":
        return "the double of a cluster needs Linux: namespaces and the addresses of 127/8"
    path = str(Path(__file__).with_name("container.py"))
    tried = subprocess.run([sys.executable, "-I", "-S", "-c", _TRY.format(path=path)], capture_output=True, text=True)  # noqa: S603
    if tried.returncode != 0:
        return (
            f"the double of a cluster needs user namespaces, which this kernel refuses: {tried.stderr.strip()[-120:]}"
        )
    return ""
