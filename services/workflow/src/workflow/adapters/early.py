"""What we heard about a case or an action before it existed here; kept until it does."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chassis.db import Tx


@dataclass(frozen=True)
class EarlyFact:
    subject: str
    kind: str
    sequence: int
    data: dict[str, Any]


async def keep(tx: Tx, facts: Iterable[EarlyFact]) -> None:
    """The newest of its kind stays."""
    newest: dict[tuple[str, str], EarlyFact] = {}
    for fact in sorted(facts, key=lambda fact: fact.sequence):
        newest[fact.subject, fact.kind] = fact
    for fact in newest.values():
        await tx.execute(
            "INSERT INTO early_facts AS e (subject, kind, sequence, data) VALUES ($1::uuid, $2, $3, $4)"
            " ON CONFLICT (subject, kind) DO UPDATE SET sequence = excluded.sequence, data = excluded.data"
            " WHERE e.sequence < excluded.sequence",
            fact.subject,
            fact.kind,
            fact.sequence,
            fact.data,
        )


async def of(tx: Tx, subjects: list[str]) -> dict[str, list[EarlyFact]]:
    rows = await tx.fetch(
        "SELECT subject::text, kind, sequence, data FROM early_facts WHERE subject = ANY($1::uuid[]) ORDER BY sequence",
        subjects,
    )
    found: dict[str, list[EarlyFact]] = {}
    for row in rows:
        found.setdefault(row["subject"], []).append(EarlyFact(**row))
    return found


async def forget(tx: Tx, subjects: list[str]) -> None:
    if subjects:
        await tx.execute("DELETE FROM early_facts WHERE subject = ANY($1::uuid[])", subjects)


async def overtaken(tx: Tx, limit: int) -> list[str]:
    """Subjects that exist by now: their first event and this one were handled side by side by two replicas."""
    rows = await tx.fetch(
        "SELECT DISTINCT e.subject::text FROM early_facts AS e"
        " WHERE EXISTS (SELECT 1 FROM cases WHERE case_id = e.subject)"
        " OR EXISTS (SELECT 1 FROM tasks WHERE kind = 'action' AND ref = e.subject::text) LIMIT $1",
        limit,
    )
    return [row["subject"] for row in rows]
