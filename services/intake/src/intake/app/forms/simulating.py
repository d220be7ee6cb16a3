"""What a draft would do to answers that were given: the newest records of its form, and samples of whoever edits it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.db import Tx
from chassis.errors import FieldError
from intake.adapters import personal
from intake.adapters.forms import Checked
from intake.app.forms.filling import FIRST_STAGE, Filled, filled
from intake.app.forms.published import compiled
from intake.app.forms.records import answers_of
from intake.domain.forms.completeness import completeness
from intake.domain.forms.form import Form

MOST_RECORDS = 500
_ANYBODY = frozenset(("public", "channel", "customer_service", "engineer", "quality", "manager", "admin"))
_NEWEST = f"""SELECT c.*, {", ".join(personal.COLUMNS)},
  f.form, f.form_version, f.stage, f.data, f.sealed AS form_sealed, f.person_id AS form_person,
  fp.sealed_key AS form_key, d.document
 FROM complaint_forms f JOIN complaints c USING (complaint_id) {personal.JOIN}
 JOIN published_definitions d ON d.kind = 'form' AND d.name = f.form AND d.version = f.form_version
 LEFT JOIN persons fp ON fp.person_id = f.person_id
 WHERE f.form = $1 ORDER BY f.filled_at DESC, f.complaint_id DESC LIMIT $2"""  # noqa: S608 - our own names only


@dataclass(frozen=True, slots=True)
class Trial:
    name: str
    faults: Sequence[FieldError]
    completeness: int


@dataclass(frozen=True, slots=True)
class Tried:
    """The records in order of their age, newest first."""

    trials: Sequence[Trial]
    before: float | None
    """Mean completeness in per cent as they stand, and by the draft; None without records."""
    after: float | None

    @property
    def failing(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.faults]

    @property
    def fields(self) -> list[tuple[str, int]]:
        """Field -> records that fail by it, most first."""
        count = Counter(name for trial in self.failing for name in {fault.field for fault in trial.faults})
        return sorted(count.items(), key=lambda one: (-one[1], one[0]))


async def tried(tx: Tx, draft: Form, most: int) -> Tried:
    """Against the newest `most` records of the form with the draft's name. Nothing is changed."""
    checked, trials, before = Checked(draft), [], []
    for row in await tx.fetch(_NEWEST, draft.name, most):
        old = compiled(row["form"], row["form_version"], row["document"]).form
        answers = _answers(tx, old, row)
        before.append(completeness(old, answers, row["stage"]).score)
        trials.append(trial(row["number"], _tried(tx, checked, answers, row["stage"]), answers))
    after = [one.completeness for one in trials]
    return Tried(trials, _mean(before), _mean(after))


def sample(tx: Tx, draft: Form, name: str, data: Mapping[str, Any], stage: str, roles: frozenset[str]) -> Trial:
    return trial(name, filled(Checked(draft), data, stage=stage or FIRST_STAGE, roles=roles, now=tx.now), data)


def trial(name: str, given: Filled, answers: Mapping[str, Any]) -> Trial:
    score = completeness(given.form, answers, given.stage).score if given.faults else given.completeness.score
    return Trial(name, given.faults, score)


def _tried(tx: Tx, checked: Checked, answers: Mapping[str, Any], stage: str) -> Filled:
    return filled(checked, answers, stage=stage, roles=_ANYBODY, now=tx.now)


def _answers(tx: Tx, form: Form, row: Any) -> dict[str, Any]:
    complaint = personal.opened(tx.sealer, row)
    record = {**row, "sealed": row["form_sealed"], "person_id": row["form_person"], "sealed_key": row["form_key"]}
    return answers_of(tx.sealer, form, record, complaint)


def _mean(scores: Sequence[int]) -> float | None:
    return round(sum(scores) / len(scores), 1) if scores else None
