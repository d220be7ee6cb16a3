"""The table: event type -> reaction. Reactions commute; see analytics.projections.rules."""

from analytics.app import project
from analytics.app.project import of_capa, tells
from analytics.projections import capa as say_capa
from analytics.projections import intake as say_intake
from analytics.projections import workflow as say_workflow
from analytics.projections.schema import FACTS, TASK_FACTS
from chassis.consumers import Reactions
from redress.capa.v1 import events as capa
from redress.intake.v1 import events as intake
from redress.notify.v1 import events as notify
from redress.workflow.v1 import events as workflow

REACTIONS: Reactions = {
    intake.ComplaintRegistered: tells(FACTS, say_intake.registered),
    intake.ComplaintUpdated: tells(FACTS, say_intake.updated),
    intake.ComplaintRegraded: tells(FACTS, say_intake.regraded),
    intake.ComplaintMerged: project.merge,
    intake.ComplaintLinked: project.judge_repeat,
    intake.ContactReceived: project.hear,
    workflow.CaseOpened: project.open_cases,
    workflow.CaseStageEntered: project.move,
    workflow.CaseStageReturned: project.move,
    workflow.CasePaused: tells(FACTS, say_workflow.paused),
    workflow.CaseResumed: tells(FACTS, say_workflow.resumed),
    workflow.CaseDueChanged: project.change_due,
    workflow.CaseClosed: project.close,
    workflow.CaseReopened: project.reopen,
    workflow.ResponseSent: tells(FACTS, say_workflow.responded),
    workflow.TaskAssigned: tells(TASK_FACTS, say_workflow.assigned),
    workflow.TaskCompleted: project.complete_tasks,
    workflow.TaskOverdue: tells(TASK_FACTS, say_workflow.overdue),
    workflow.TaskEscalated: tells(TASK_FACTS, say_workflow.escalated),
    capa.ContainmentDone: tells(FACTS, say_capa.contained),
    capa.CapaOpened: of_capa(say_capa.opened),
    capa.CapaLinked: project.link_capa,
    capa.CapaApproved: of_capa(say_capa.approved),
    capa.CapaImplemented: project.implement_capa,
    capa.CapaEffectivenessConcluded: project.check,
    capa.CapaReopened: of_capa(say_capa.reopened),
    capa.CapaClosed: of_capa(say_capa.closed),
    capa.ActionAssigned: project.assign_action,
    capa.ActionExtended: project.extend_action,
    capa.ActionDone: project.finish_action,
    capa.CostPosted: project.post_cost,
    notify.DeliverySent: project.acknowledge,
    notify.SurveySent: project.ask_satisfaction,
    notify.SurveyAnswered: project.hear_satisfaction,
}
