"""The one table of events: type, owner, payload. AsyncAPI and the JSON Schemas are generated from it.

The type is the NATS subject: `redress.<owner>.<aggregate>.<fact>.v<n>`. One stream per owner holds `redress.<owner>.>`.
"""

import builtins
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from redress.capa.v1 import events as capa
from redress.gateway.v1 import events as gateway
from redress.intake.v1 import events as intake
from redress.notify.v1 import events as notify
from redress.workflow.v1 import events as workflow

OWNERS = ("intake", "workflow", "capa", "notify", "gateway")


@dataclass(frozen=True)
class EventType:
    type: str
    payload: builtins.type[Any]
    summary: str

    @property
    def owner(self) -> str:
        return self.type.split(".")[1]

    @property
    def aggregate(self) -> str:
        return self.type.split(".")[2]


def stream_of(owner: str) -> str:
    """JetStream name of an owner's stream, e.g. REDRESS_INTAKE."""
    return f"REDRESS_{owner.upper()}"


_TABLE = [
    EventType("redress.intake.complaint.registered.v1", intake.ComplaintRegistered, "A complaint exists and is graded"),
    EventType("redress.intake.complaint.updated.v1", intake.ComplaintUpdated, "Facts were added or corrected"),
    EventType("redress.intake.complaint.regraded.v1", intake.ComplaintRegraded, "The grade changed, with a reason"),
    EventType("redress.intake.complaint.merged.v1", intake.ComplaintMerged, "Judged a duplicate of another complaint"),
    EventType("redress.intake.complaint.linked.v1", intake.ComplaintLinked, "A repeat proposal was judged"),
    EventType("redress.intake.person.erased.v1", intake.PersonErased, "Who was behind these complaints is forgotten"),
    EventType("redress.intake.contact.received.v1", intake.ContactReceived, "The customer came back"),
    EventType("redress.workflow.case.opened.v1", workflow.CaseOpened, "A case began, with its stage and first task"),
    EventType("redress.workflow.case.stage_entered.v1", workflow.CaseStageEntered, "A gate was passed"),
    EventType("redress.workflow.case.stage_returned.v1", workflow.CaseStageReturned, "Sent back to an earlier stage"),
    EventType("redress.workflow.case.paused.v1", workflow.CasePaused, "The working clock stopped, with a reason"),
    EventType("redress.workflow.case.resumed.v1", workflow.CaseResumed, "The working clock runs again"),
    EventType("redress.workflow.case.due_changed.v1", workflow.CaseDueChanged, "The deadline moved"),
    EventType("redress.workflow.case.closed.v1", workflow.CaseClosed, "The customer's outcome is recorded"),
    EventType("redress.workflow.case.reopened.v1", workflow.CaseReopened, "Open again; the first close is kept"),
    EventType("redress.workflow.task.assigned.v1", workflow.TaskAssigned, "Someone has a further task"),
    EventType("redress.workflow.task.completed.v1", workflow.TaskCompleted, "A task is done"),
    EventType("redress.workflow.task.overdue.v1", workflow.TaskOverdue, "A task passed its deadline"),
    EventType("redress.workflow.task.escalated.v1", workflow.TaskEscalated, "An overdue task went up a level"),
    EventType("redress.workflow.sla.warning.v1", workflow.SlaWarning, "A deadline is near"),
    EventType("redress.workflow.sla.breached.v1", workflow.SlaBreached, "A deadline passed"),
    EventType("redress.workflow.response.sent.v1", workflow.ResponseSent, "A human answered the customer"),
    EventType("redress.capa.containment.done.v1", capa.ContainmentDone, "Customers are protected from the fault"),
    EventType("redress.capa.rca.opened.v1", capa.RcaOpened, "A root cause analysis began"),
    EventType("redress.capa.rca.completed.v1", capa.RcaCompleted, "Root causes are confirmed"),
    EventType("redress.capa.rca.withdrawn.v1", capa.RcaWithdrawn, "An analysis no longer stands"),
    EventType("redress.capa.rca.linked.v1", capa.RcaLinked, "Cases joined an existing analysis"),
    EventType("redress.capa.capa.opened.v1", capa.CapaOpened, "A CAPA began"),
    EventType("redress.capa.capa.linked.v1", capa.CapaLinked, "Cases joined an existing CAPA"),
    EventType("redress.capa.capa.approved.v1", capa.CapaApproved, "The plan was approved by someone else"),
    EventType("redress.capa.capa.implemented.v1", capa.CapaImplemented, "Every action is done"),
    EventType(
        "redress.capa.capa.effectiveness_concluded.v1", capa.CapaEffectivenessConcluded, "The check has a verdict"
    ),
    EventType("redress.capa.capa.reopened.v1", capa.CapaReopened, "Back to investigation"),
    EventType("redress.capa.capa.closed.v1", capa.CapaClosed, "Proven effective, or cancelled with a reason"),
    EventType("redress.capa.action.assigned.v1", capa.ActionAssigned, "An action has an owner and a deadline"),
    EventType("redress.capa.action.extended.v1", capa.ActionExtended, "An action's deadline moved"),
    EventType("redress.capa.action.done.v1", capa.ActionDone, "An action is done, with evidence"),
    EventType("redress.capa.cost.posted.v1", capa.CostPosted, "A quality cost line"),
    EventType("redress.capa.knowledge.published.v1", capa.KnowledgePublished, "A case became knowledge"),
    EventType("redress.capa.knowledge.used.v1", capa.KnowledgeUsed, "Knowledge helped another case"),
    EventType("redress.notify.delivery.sent.v1", notify.DeliverySent, "A message went out"),
    EventType("redress.notify.delivery.failed.v1", notify.DeliveryFailed, "A message was given up"),
    EventType("redress.notify.survey.sent.v1", notify.SurveySent, "The customer was asked for satisfaction"),
    EventType("redress.notify.survey.answered.v1", notify.SurveyAnswered, "The customer answered the survey"),
    EventType("redress.gateway.identity.registered.v1", gateway.IdentityRegistered, "A person may sign in"),
    EventType("redress.gateway.identity.changed.v1", gateway.IdentityChanged, "Roles or department changed"),
    EventType("redress.gateway.identity.disabled.v1", gateway.IdentityDisabled, "A person may no longer sign in"),
]

CATALOG = MappingProxyType({entry.type: entry for entry in _TABLE})
TYPE_OF = MappingProxyType({entry.payload: entry.type for entry in _TABLE})
