"""What PostgreSQL alone gives: pgbench committing one row of a complaint's size at a time on the same server."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stack.binaries import postgres_binaries
from stack.databases import Databases

CLIENTS = (1, 2, 4, 8, 16)
_DATABASE = "redress_bench_scratch"
_TABLE = """
CREATE DATABASE redress_bench_scratch;
\\connect redress_bench_scratch
CREATE TABLE complaint (
  id uuid PRIMARY KEY DEFAULT uuidv7(), number bigint GENERATED ALWAYS AS IDENTITY UNIQUE, version int NOT NULL,
  channel text NOT NULL, language text NOT NULL, customer_name text NOT NULL, customer_email text NOT NULL,
  product_family text NOT NULL, product_model text NOT NULL, serial text NOT NULL, description text NOT NULL,
  defect_code text NOT NULL, grade text NOT NULL, answers jsonb NOT NULL, t_registered timestamptz NOT NULL);
"""
_DESCRIPTION = "The compressor knocks so loudly whenever the temperature drops that nobody can sleep. " * 3
_INSERT = f"""\\set n random(1, 100000000)
INSERT INTO complaint (version, channel, language, customer_name, customer_email, product_family, product_model, serial,
  description, defect_code, grade, answers, t_registered)
VALUES (1, 'api', 'en', 'Customer ' || :n, 'customer-' || :n || '@customers.example', 'heat pump', 'HP-12', 'SN' || :n,
  '{_DESCRIPTION}' || :n, 'noise', 'routine', '{{"legal": "no", "injury_or_fire": "no", "several_affected": "no"}}',
  now());
"""


def rows_per_s(databases: Databases, clients: int, seconds: float, script_dir: Path) -> float:
    """One-row commits per second of `clients` connections. Needs `scratch`."""
    script = script_dir / "one_row.sql"
    script.write_text(_INSERT)
    server = databases.server
    done = subprocess.run(  # noqa: S603 - argv is ours
        [
            *(str(postgres_binaries() / "pgbench"), "-n", "-M", "prepared", "-f", str(script)),
            *("-c", str(clients), "-j", str(min(clients, 2)), "-T", str(max(1, round(seconds)))),
            *("-h", server.host, "-p", str(server.port), "-U", server.user, _DATABASE),
        ],
        env={"PGPASSWORD": server.password},
        capture_output=True,
        text=True,
        check=True,
    )
    return tps_of(done.stdout)


@contextmanager
def scratch(databases: Databases) -> Iterator[None]:
    databases.run(_TABLE)
    try:
        yield
    finally:
        databases.drop(_DATABASE)


def tps_of(output: str) -> float:
    found = re.search(r"^tps = ([0-9.]+)", output, re.MULTILINE)
    if found is None:
        raise ValueError(f"pgbench said no tps: {output[-300:]}")
    return float(found[1])
