"""What no table may do: leave a complaint ungraded, or a danger that nobody asked about routine (DOMAIN §10)."""

from collections.abc import Iterator

from intake.domain.complaint import QUESTIONS_ASKED
from intake.domain.grading_table import GradingTable

Fault = tuple[str, str]
ALWAYS_ASKED = ("injury_or_fire", "legal", "several_affected", "core_business_stopped")
"""Rows 1-3 of the default table."""


def faults_of(table: GradingTable) -> list[Fault]:
    return [*_ungraded(table), *_unasked(table), *_unanswered(table)]


def _ungraded(table: GradingTable) -> Iterator[Fault]:
    if not table.rows or table.rows[-1].when:
        yield "rows", "the last row must hold for everything"


def _unasked(table: GradingTable) -> Iterator[Fault]:
    asked = {column for question in table.questions for column in question.columns}
    urgent = {c.column for row in table.rows if row.grade == "urgent" for c in row.when if c.column in QUESTIONS_ASKED}
    for column in [*ALWAYS_ASKED, *sorted(urgent - {*ALWAYS_ASKED})]:
        if column not in asked:
            yield "questions", f"{column} decides about urgent: some question must ask it"


def _unanswered(table: GradingTable) -> Iterator[Fault]:
    """A row that is routine comes after the one that catches every complaint with a question open."""
    for row in table.rows:
        if row.grade != "routine" and len(row.when) == 1 and row.tests("unanswered", "is", "yes"):
            return
        if row.grade == "routine" and not row.tests("unanswered", "is", "no"):
            yield f"rows.{row.id}", "routine before a row for `unanswered is yes`: a missing answer is never routine"
