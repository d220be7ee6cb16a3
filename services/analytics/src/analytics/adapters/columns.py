"""What the tables are described with."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeEngine

metadata = sa.MetaData()
TIME = TIMESTAMP(timezone=True)


def columns(kind: type[TypeEngine[Any]] | TypeEngine[Any], *names: str) -> Sequence[sa.Column[Any]]:
    return [sa.Column(name, kind) for name in names]


def derived(name: str, kind: Any, sql: str) -> sa.Column[Any]:
    return sa.Column(name, kind, sa.Computed(sql, persisted=True))
