"""Daily partitions of outbox and inbox, made weeks ahead by `migrate` (runtime roles may not change the schema).

A DEFAULT partition catches what no day covers, and a metric tells of it. A day is dropped only when it is past its
retention and, in the outbox, holds no unsent row.
"""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, text

_AHEAD = 28
_BEHIND = 1


def maintain(connection: Connection, today: date, retention_days: dict[str, int]) -> None:
    for table, days in retention_days.items():
        _create(connection, table, today)
        _drop_old(connection, table, today - timedelta(days=days))


def _name(table: str, day: date) -> str:
    return f"{table}_{day:%Y%m%d}"


def _create(connection: Connection, table: str, today: date) -> None:
    connection.execute(text(f"CREATE TABLE IF NOT EXISTS {table}_default PARTITION OF {table} DEFAULT"))
    for offset in range(-_BEHIND, _AHEAD + 1):
        day = today + timedelta(days=offset)
        begin, end = _midnight(day), _midnight(day + timedelta(days=1))
        if _exists(connection, _name(table, day)) or _default_holds(connection, table, begin, end):
            continue
        connection.execute(
            text(
                f"CREATE TABLE {_name(table, day)} PARTITION OF {table}"
                f" FOR VALUES FROM ('{begin.isoformat()}') TO ('{end.isoformat()}')"
            )
        )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _exists(connection: Connection, name: str) -> bool:
    return connection.scalar(text("SELECT to_regclass(:name) IS NOT NULL"), {"name": name}) is True


def _default_holds(connection: Connection, table: str, begin: datetime, end: datetime) -> bool:
    """Rows of that day lie in DEFAULT already: PostgreSQL would refuse the partition; they stay where they are."""
    column = "created_at" if table == "outbox" else "event_time"
    query = f"SELECT EXISTS (SELECT 1 FROM {table}_default WHERE {column} >= :begin AND {column} < :end)"  # noqa: S608
    return connection.scalar(text(query), {"begin": begin, "end": end}) is True


def _drop_old(connection: Connection, table: str, before: date) -> None:
    names = connection.scalars(
        text(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = to_regclass(:table) AND c.relname ~ '_[0-9]{8}$' AND right(c.relname, 8) < :before"
        ),
        {"table": table, "before": f"{before:%Y%m%d}"},
    ).all()
    for name in names:
        unsent = f"SELECT EXISTS (SELECT 1 FROM {name} WHERE stream_seq IS NULL)"  # noqa: S608
        if table != "outbox" or not connection.scalar(text(unsent)):
            connection.execute(text(f"DROP TABLE {name}"))
