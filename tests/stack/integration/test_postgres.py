import asyncpg
import pytest

from stack.postgres import Postgres


async def test_a_runtime_role_writes_rows_and_changes_no_schema(postgres: Postgres) -> None:
    dsns = postgres.databases.create_service_database("intake")
    owner, runtime = await asyncpg.connect(dsns.migrate), await asyncpg.connect(dsns.runtime)
    await owner.execute("CREATE TABLE line (id bigint GENERATED ALWAYS AS IDENTITY, text text)")
    await runtime.execute("INSERT INTO line (text) VALUES ('x')")
    await runtime.execute("UPDATE line SET text = 'y'")
    assert await runtime.fetchval("SELECT text FROM line") == "y"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await runtime.execute("CREATE TABLE other ()")
    await owner.execute("REVOKE UPDATE, DELETE ON line FROM intake")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await runtime.execute("DELETE FROM line")
    await owner.close()
    await runtime.close()


@pytest.mark.parametrize("database", ["redress_capa", "postgres", "template1"])
async def test_no_role_reaches_another_services_database(postgres: Postgres, database: str) -> None:
    dsns = postgres.databases.create_service_database("workflow")
    postgres.databases.create_service_database("capa")
    for dsn in (dsns.runtime, dsns.migrate):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for database"):
            await asyncpg.connect(dsn, database=database)


async def test_creating_a_database_again_keeps_its_passwords_and_rows(postgres: Postgres) -> None:
    first = postgres.databases.create_service_database("notify")
    connection = await asyncpg.connect(first.migrate)
    await connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    assert postgres.databases.create_service_database("notify") == first
    assert await connection.fetchval("SELECT one FROM kept") == 1
    await connection.close()


async def test_a_clone_has_the_rows_and_grants_of_its_template(postgres: Postgres) -> None:
    template = postgres.databases.create_service_database("analytics", "template")
    owner = await asyncpg.connect(template.migrate)
    await owner.execute("CREATE TABLE fact (id int); INSERT INTO fact VALUES (7)")
    await owner.close()
    clone = postgres.databases.clone("analytics", template.database, "clone")
    runtime = await asyncpg.connect(clone.runtime)
    assert await runtime.fetchval("DELETE FROM fact RETURNING id") == 7
    await runtime.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(postgres.databases.create_service_database("capa").runtime, database=clone.database)


async def test_it_starts_again_after_a_kill_under_open_connections(postgres: Postgres) -> None:
    dsns = postgres.databases.create_service_database("gateway")
    connection = await asyncpg.connect(dsns.migrate)
    await connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    postgres.kill()
    postgres.start()
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await connection.fetchval("SELECT one FROM kept")
    again = await asyncpg.connect(dsns.runtime)
    assert await again.fetchval("SELECT one FROM kept") == 1
    await again.close()


async def test_paused_it_answers_nobody_and_resumed_it_goes_on(postgres: Postgres) -> None:
    connection = await asyncpg.connect(postgres.server.dsn())
    postgres.pause()
    try:
        with pytest.raises(TimeoutError):
            await connection.fetchval("SELECT 1", timeout=0.2)
    finally:
        postgres.resume()
    again = await asyncpg.connect(postgres.server.dsn())
    assert await again.fetchval("SELECT 1") == 1
    await again.close()
    connection.terminate()
