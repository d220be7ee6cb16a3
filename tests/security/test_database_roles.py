"""What the roles of the services may do in PostgreSQL, tried as those roles."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from stack.databases import ServiceDsns
from stack.services import ALL_SERVICES
from stack.stack import Stack

REFUSED = asyncpg.InsufficientPrivilegeError
Dsns = Callable[[str], ServiceDsns]


@pytest.fixture(scope="module")
def dsns_of(stack: Stack) -> Dsns:
    databases = stack.postgres.databases
    known = {service: databases.create_service_database(service) for service in ALL_SERVICES}
    return known.__getitem__


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.mark.parametrize("service", ALL_SERVICES)
async def test_no_role_reaches_another_database(dsns_of: Dsns, service: str) -> None:
    mine = dsns_of(service)
    others = [dsns_of(other).database for other in ALL_SERVICES if other != service] + ["postgres", "template1"]
    for dsn in (mine.runtime, mine.migrate):
        for database in others:
            with pytest.raises(REFUSED):
                await asyncpg.connect(dsn.replace(f"/{mine.database}", f"/{database}"))


@pytest.mark.parametrize("service", ALL_SERVICES)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET reason = 'never mind'",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "ALTER TABLE audit DISABLE TRIGGER ALL",
        "ALTER TABLE audit DROP COLUMN hash",
        "DROP TABLE audit",
        "ALTER TABLE audit OWNER TO CURRENT_USER",
        "GRANT UPDATE ON audit TO CURRENT_USER; UPDATE audit SET reason = ''",
        "CREATE TRIGGER hush BEFORE INSERT ON audit EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE RULE hush AS ON INSERT TO audit DO INSTEAD NOTHING",
        "SET session_replication_role = replica",
    ],
)
async def test_no_service_changes_its_audit_trail_or_takes_off_its_protection(
    dsns_of: Dsns, service: str, statement: str
) -> None:
    async with connected(dsns_of(service).runtime) as connection:
        with pytest.raises(REFUSED):
            await connection.execute(statement)


@pytest.mark.parametrize("service", ALL_SERVICES)
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (a int)",
        "CREATE TEMPORARY TABLE mine (a int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE outbox ADD COLUMN a int",
        "DROP TABLE idempotency",
        "TRUNCATE outbox",
        "DROP EXTENSION plpgsql",
        "CREATE DATABASE mine",
        "CREATE ROLE mine",
        "ALTER SYSTEM SET fsync = off",
        "SELECT * FROM pg_authid",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY audit TO PROGRAM 'cat'",
        "COPY audit TO '/tmp/audit'",
    ],
)
async def test_no_service_changes_the_schema_or_reaches_the_machine(
    dsns_of: Dsns, service: str, statement: str
) -> None:
    async with connected(dsns_of(service).runtime) as connection:
        with pytest.raises((REFUSED, asyncpg.FeatureNotSupportedError)):
            await connection.execute(statement)


@pytest.mark.parametrize("service", ALL_SERVICES)
async def test_no_role_becomes_another(stack: Stack, dsns_of: Dsns, service: str) -> None:
    mine = dsns_of(service)
    roles = [f"{other}{end}" for other in ALL_SERVICES for end in ("", "_owner")] + [
        stack.postgres.databases.server.user
    ]
    for dsn, name in ((mine.runtime, service), (mine.migrate, f"{service}_owner")):
        async with connected(dsn) as connection:
            for role in roles:
                if role != name:
                    with pytest.raises(REFUSED):
                        await connection.execute(f'SET ROLE "{role}"')


async def test_no_role_of_ours_has_a_right_over_the_server(stack: Stack) -> None:
    rights = "rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls"
    query = f"SELECT rolname, {rights} FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> CURRENT_USER"
    async with connected(stack.postgres.databases.server.dsn()) as connection:
        found = await connection.fetch(query)
        members = await connection.fetch(
            "SELECT roleid::regrole, member::regrole FROM pg_auth_members WHERE member::regrole::text !~ '^pg_'"
        )
    assert {row["rolname"] for row in found} == {f"{s}{end}" for s in ALL_SERVICES for end in ("", "_owner")}
    assert all(not any(list(row.values())[1:]) for row in found), found
    assert members == []


@pytest.mark.parametrize("service", ALL_SERVICES)
async def test_the_owner_migrated_and_the_service_does_not_own_what_it_uses(dsns_of: Dsns, service: str) -> None:
    async with connected(dsns_of(service).runtime) as connection:
        owners = await connection.fetch("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
        assert [row["tableowner"] for row in owners] == [f"{service}_owner"]
        # And what it needs, it may: the refusals above are no accident of a broken login.
        async with connection.transaction():
            assert await connection.fetchval("SELECT count(*) FROM outbox") is not None
            assert await connection.fetchval("SELECT has_table_privilege('audit', 'INSERT')")
