"""Events of intake, built from what was decided. No names, no addresses, no free text."""

from intake.domain.registration import Registration
from redress.intake.v1.events import ComplaintRegistered


def registered(new: Registration) -> ComplaintRegistered:
    given, graded = new.submission, new.graded
    assert given.t_aware is not None
    return ComplaintRegistered(
        complaint_id=new.complaint_id,
        number=new.number,
        channel=given.channel,
        language=given.language,  # type: ignore[arg-type]
        product_family=given.product_family,
        product_model=given.product_model,
        lot=given.lot,
        defect_code=given.defect_code,
        failure_location=given.failure_location,
        signature=new.codes.signature,
        grade=graded.grade,
        grade_row=graded.row,
        grading_table=graded.table,
        grading_version=graded.version,
        questions=graded.questions,
        proposals=len(new.proposals),
        key_account=graded.inputs["key_account"],  # type: ignore[arg-type]
        historical=given.historical,
        reachable=given.customer_email is not None,
        t_occurred=given.t_occurred,
        t_aware=given.t_aware,
        t_received=given.received,
        t_registered=new.t_registered,
        t_closed=given.t_closed,
    )
