"""SQLAlchemy's statements as asyncpg takes them."""

from typing import Any

from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql.asyncpg import dialect as _dialect
from sqlalchemy.sql.compiler import SQLCompiler

_DIALECT = _dialect()  # type: ignore[no-untyped-call]


def compiled(statement: Executable) -> tuple[str, list[Any]]:
    """SQL text with $1… and its values, in order."""
    built = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})  # type: ignore[attr-defined]
    assert isinstance(built, SQLCompiler)
    values = built.construct_params()
    return built.string, [values[name] for name in built.positiontup or ()]
