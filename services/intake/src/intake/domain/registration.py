"""One new complaint, decided: checked, matched, graded, numbered; ready to be written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from intake.domain.complaint import Submission
from intake.domain.grading import Decide, Graded, grade
from intake.domain.grading_table import GradingTable
from intake.domain.identity import Digest, customer_keys
from intake.domain.master_data.catalogue import Catalogue
from intake.domain.repeats import Known, Proposal, Similarity, comparable
from intake.domain.signature import Coded, coded
from intake.domain.surroundings import Surroundings

_EMPTY = Catalogue()


@dataclass(frozen=True, slots=True)
class Matched:
    """A checked submission with what it is matched by."""

    submission: Submission
    codes: Coded
    customer_keys: Sequence[str]


@dataclass(frozen=True, slots=True)
class Registration:
    complaint_id: str
    number: str
    submission: Submission
    codes: Coded
    customer_keys: Sequence[str]
    graded: Graded
    proposals: Sequence[Proposal]
    registered_by: str
    t_registered: datetime

    @property
    def state(self) -> str:
        return "closed" if self.submission.t_closed else "open"


def matched(submission: Submission, digest: Digest, catalogue: Catalogue = _EMPTY) -> Matched:
    """A code that the catalogue marks as catching all counts as not given."""
    names_nothing = catalogue.forms_no_signature(submission.defect_code)
    codes = coded(
        product_family=submission.product_family,
        defect_code=None if names_nothing else submission.defect_code,
        failure_location=submission.failure_location,
        lot=submission.lot,
    )
    given = {"ref": submission.customer_ref, "email": submission.customer_email, "phone": submission.customer_phone}
    return Matched(submission, codes, customer_keys(digest, **given))


def number_of(serial: int, registered: datetime) -> str:
    """C26-0001234: the year of registration and a sequence that only grows; gaps are allowed."""
    return f"C{registered.year % 100:02d}-{serial:07d}"


@dataclass(frozen=True, slots=True)
class Registrar:
    """The rules that are the same for every complaint of a group."""

    table: GradingTable
    decide: Decide
    similarity: Similarity
    catalogue: Catalogue = _EMPTY

    def decided(
        self, new: Matched, around: Surroundings, *, complaint_id: str, serial: int, by: str, now: datetime
    ) -> Registration:
        submission, codes = new.submission, new.codes
        known = Known(
            complaint_id=complaint_id,
            number=number_of(serial, now),
            text=comparable(submission.description),
            base=codes.base,
            t_occurred=submission.t_occurred,
            t_received=submission.received,
        )
        proposals = around.proposals(known, new.customer_keys, codes, self.similarity)
        circumstances = around.circumstances(codes, submission.received.date(), proposals)
        around.add(known, new.customer_keys, codes)
        return Registration(
            complaint_id,
            known.number,
            submission,
            codes,
            new.customer_keys,
            grade(submission, circumstances, table=self.table, decide=self.decide),
            proposals,
            by,
            now,
        )
