"""SQL of surveys and their answers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from chassis.db import Tx
from notify.domain.survey import Answer, Survey, Via

_OF_CASES = """
SELECT survey_id, case_id, closing, event_id, state, reason FROM surveys WHERE case_id = ANY($1::uuid[])
ORDER BY survey_id FOR UPDATE
"""

_ADD = """
INSERT INTO surveys (survey_id, case_id, closing, event_id, state, reason, created_at)
SELECT s.*, $7::timestamptz
FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[], $5::text[], $6::text[]) AS s
"""

_CHANGE = """
UPDATE surveys s SET event_id = c.event_id, state = c.state, version = version + 1
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS c(survey_id, event_id, state) WHERE s.survey_id = c.survey_id
"""

# A letter given up and sent later after all has asked the customer after all.
_SENT = """
UPDATE surveys SET state = 'sent', reason = '', sent_at = $2, version = version + 1
WHERE survey_id = ANY($1::uuid[]) AND state IN ('waiting', 'skipped')
RETURNING survey_id, case_id, closing, version
"""

_UNSENT = """
UPDATE surveys s SET state = 'skipped', reason = u.reason, version = version + 1
FROM unnest($1::uuid[], $2::text[]) AS u(survey_id, reason)
WHERE s.survey_id = u.survey_id AND s.state = 'waiting'
"""

_SWITCHED_OFF = "UPDATE surveys SET state = 'skipped', reason = $1, version = version + 1 WHERE state = 'waiting'"

_ONE = """
SELECT s.survey_id, s.case_id, c.number, closing, state, reason, created_at, sent_at, answered_at,
       process_rating, result_rating, comment, via, recorded_by, version
FROM surveys s LEFT JOIN known_cases c USING (case_id) LEFT JOIN survey_answers a USING (survey_id)
WHERE s.survey_id = $1
"""

_ANSWERED = """
UPDATE surveys SET state = 'answered', reason = '', answered_at = $2, sent_at = coalesce(sent_at, $2),
  version = version + $3
WHERE survey_id = $1 RETURNING survey_id, case_id, closing, sent_at, version
"""

_ANSWER = """
INSERT INTO survey_answers (survey_id, process_rating, result_rating, comment, via, recorded_by)
VALUES ($1, $2, $3, $4, $5, $6)
"""

_HOLD_ALL = "SELECT FROM surveys WHERE survey_id = ANY($1::uuid[]) ORDER BY survey_id FOR UPDATE"
_HOLD_BY_ID = "SELECT case_id, closed FROM known_cases WHERE case_id = $1 FOR UPDATE"
_HOLD_BY_NUMBER = "SELECT case_id, closed FROM known_cases WHERE number = $1 FOR UPDATE"


@dataclass(frozen=True)
class CaseKnown:
    case_id: str
    closed: bool


async def of_cases(tx: Tx, case_ids: Collection[str]) -> dict[str, list[Survey]]:
    """Locked until the transaction ends: an answer, or the note of a sending, comes before what is decided or after."""
    found: dict[str, list[Survey]] = {case_id: [] for case_id in case_ids}
    for row in await tx.fetch(_OF_CASES, list(case_ids)):
        found[str(row["case_id"])].append(_survey(row))
    return found


async def add(tx: Tx, surveys: Sequence[Survey]) -> None:
    """A second one about a closing raises UniqueViolation: the loser of that race looks again and comes back."""
    if surveys:
        fields = ("survey_id", "case_id", "closing", "event_id", "state", "reason")
        await tx.execute(_ADD, *[[getattr(survey, field) for survey in surveys] for field in fields], tx.now)


async def change(tx: Tx, surveys: Sequence[Survey]) -> None:
    if surveys:
        fields = ("survey_id", "event_id", "state")
        await tx.execute(_CHANGE, *[[getattr(survey, field) for survey in surveys] for field in fields])


async def sent(tx: Tx, survey_ids: Sequence[str]) -> list[Record]:
    """Of those that nobody had sent or answered before: id, case, closing, version."""
    return await tx.fetch(_SENT, survey_ids, tx.now) if survey_ids else []


async def unsent(tx: Tx, reasons: Mapping[str, str]) -> None:
    """Their letters will not go out, for these reasons."""
    if reasons:
        await tx.execute(_UNSENT, list(reasons), list(reasons.values()))


async def switched_off(tx: Tx, reason: str) -> None:
    await tx.execute(_SWITCHED_OFF, reason)


async def show(tx: Tx, survey_id: str) -> Record | None:
    return await tx.fetchrow(_ONE, survey_id)


async def hold(tx: Tx, survey_id: str) -> Record | None:
    """State and time of sending; locked until the transaction ends."""
    return await tx.fetchrow("SELECT state, sent_at FROM surveys WHERE survey_id = $1 FOR UPDATE", survey_id)


async def hold_all(tx: Tx, survey_ids: Sequence[str]) -> None:
    """Locks them in the order in which a closing does: neither waits for the other in a circle."""
    if survey_ids:
        await tx.execute(_HOLD_ALL, survey_ids)


async def answer(tx: Tx, survey_id: str, given: Answer, via: Via, recorded_by: str | None, *, changes: int) -> Record:
    """`changes`: by how much the version rises. Returns case, closing, time of sending and version."""
    row = await tx.fetchrow(_ANSWERED, survey_id, tx.now, changes)
    assert row is not None
    ratings = (given.process_rating, given.result_rating)
    await tx.execute(_ANSWER, survey_id, *ratings, given.comment, via, recorded_by)
    return row


async def hold_case(tx: Tx, name: str) -> CaseKnown | None:
    """The case with this id or number; call-backs about it wait for each other until the transaction ends."""
    row = await tx.fetchrow(_HOLD_BY_ID if _is_id(name) else _HOLD_BY_NUMBER, name)
    return CaseKnown(str(row["case_id"]), row["closed"]) if row else None


async def count_by_state(tx: Tx) -> Mapping[str, int]:
    return {row["state"]: row["n"] for row in await tx.fetch("SELECT state, count(*) AS n FROM surveys GROUP BY state")}


def _is_id(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return False
    return True


def _survey(row: Record) -> Survey:
    event_id = str(row["event_id"]) if row["event_id"] else None
    return Survey(str(row["survey_id"]), str(row["case_id"]), row["closing"], event_id, row["state"], row["reason"])
