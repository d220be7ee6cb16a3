"""Whom notify listens to."""

from functools import partial

from chassis.consumers import Reactions
from notify.app import react
from notify.app.forgetting import forget_comments
from notify.app.mailroom import Mailroom
from redress.intake.v1 import events as intake
from redress.workflow.v1 import events as workflow


def reactions(room: Mailroom) -> Reactions:
    return {
        intake.PersonErased: forget_comments,
        intake.ComplaintMerged: partial(react.complaint_merged, room),
        workflow.CaseOpened: partial(react.case_opened, room),
        workflow.CaseClosed: partial(react.case_closed, room),
        workflow.CaseStageEntered: partial(react.stage_begun, room),
        workflow.CaseStageReturned: partial(react.stage_begun, room),
        workflow.CaseReopened: partial(react.case_reopened, room),
        workflow.TaskAssigned: partial(react.task_assigned, room),
        workflow.TaskOverdue: partial(react.task_overdue, room),
        workflow.TaskEscalated: partial(react.task_escalated, room),
    }
