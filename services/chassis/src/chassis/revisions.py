"""Which state of the schema this version can work with: its head, or one that it does not know and so is newer.

Migrations expand, migrate, contract: what version N-1 reads and writes is there in schema N as well. So pods of N-1 go
on while N's migration is in and its pods are not, and after a rollback.
"""

from dataclasses import dataclass
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory


@dataclass(frozen=True)
class Revisions:
    head: str
    known: frozenset[str]

    def newer(self, revision: str | None) -> bool:
        return revision is not None and revision not in self.known

    def judged(self, revision: str | None) -> str:
        """`ok`, or what is to be done before this version can work."""
        if revision == self.head or self.newer(revision):
            return "ok"
        return f"schema is at {revision}, not at {self.head}; run migrate"

    def told(self, revision: str | None) -> str:
        newer = f", newer than this version, whose own is {self.head}" if self.newer(revision) else ""
        return f"{revision}{newer}"


def alembic_config(package_dir: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(package_dir / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def revisions_of(package_dir: Path) -> Revisions:
    scripts = ScriptDirectory.from_config(alembic_config(package_dir))
    head = scripts.get_current_head()
    assert head is not None, "a service has at least one migration"
    return Revisions(head, frozenset(script.revision for script in scripts.walk_revisions()))
