"""What becomes of a case when intake corrects its complaint."""

from workflow.domain.case import CLOSED, Act, CaseFile
from workflow.domain.sla import REGRADE
from workflow.domain.stages import settle
from workflow.domain.timing import retime


def regrade(file: CaseFile, grade: str, reason_code: str, sequence: int, act: Act) -> bool:
    """The current deadline follows the new grade, the original stays (DOMAIN §2). False for old news."""
    case = file.case
    if sequence <= case.grade_sequence:
        return False
    old, case.grade, case.grade_sequence = case.grade, grade, sequence
    file.note("complaint_regraded", act, old_grade=old, grade=grade, reason_code=reason_code)
    if case.state == CLOSED or case.historical:
        file.change()
        return True
    file.write(REGRADE, act, reason=reason_code, grade=grade)
    retime(file, act)
    file.tell("CaseDueChanged", act, due_at=case.due_at, due_current_at=case.due_current_at, reason="regrade")
    settle(file, act)
    return True


def correct(file: CaseFile, product_family: str, sequence: int, act: Act, changed: list[str]) -> bool:
    """Facts were corrected at intake; False for old news."""
    if sequence <= file.case.facts_sequence:
        return False
    file.case.facts_sequence = sequence
    file.case.product_family = product_family
    file.change()
    file.note("complaint_updated", act, changed=changed)
    return True
