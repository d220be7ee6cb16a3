"""As docker-entrypoint.sh of the official image, in so far as charts rely on it. Standard library only."""

import os
import subprocess
import sys
from pathlib import Path

_SCRIPTS = Path("/docker-entrypoint-initdb.d")
_SOCKETS = "/var/run/postgresql"


def main() -> None:
    data = Path(os.environ["PGDATA"])
    if not (data / "PG_VERSION").exists():
        _first_start(data)
    listen = f"listen_addresses={os.environ['POD_ADDRESS']}"
    command = [
        "postgres",
        "-D",
        str(data),
        "-c",
        listen,
        "-c",
        f"unix_socket_directories={_SOCKETS}",
        "-c",
        "fsync=off",
    ]
    os.execvp("postgres", [*command, *sys.argv[1:]])  # noqa: S606, S607


def _first_start(data: Path) -> None:
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    password = Path("/tmp/password")  # noqa: S108 - the pod's own
    password.write_text(os.environ["POSTGRES_PASSWORD"])
    access = ["-A", "scram-sha-256", "--auth-local=trust", f"--pwfile={password}"]
    locale = ["-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    _run("initdb", "--no-sync", "-D", str(data), "-U", "postgres", *access, *locale)
    password.unlink()
    with (data / "pg_hba.conf").open("a") as rules:
        rules.write("host all all all scram-sha-256\n")
    _run(
        "pg_ctl",
        "-D",
        str(data),
        "-w",
        "-o",
        f"-c listen_addresses= -c fsync=off -c unix_socket_directories={_SOCKETS}",
        "start",
    )
    for script in sorted(_SCRIPTS.glob("*.sql")):
        _run("psql", "-X", "-v", "ON_ERROR_STOP=1", "--no-password", "-d", "postgres", "-f", str(script))
    _run("pg_ctl", "-D", str(data), "-w", "-m", "fast", "stop")


def _run(*command: str) -> None:
    subprocess.run(command, check=True)  # noqa: S603


if __name__ == "__main__":
    main()
