"""Which events each service must have taken in, exactly once.

Kept here so that verify needs no service installed; tests/ctl holds it equal to the services' own tables.
"""

from collections.abc import Mapping
from types import MappingProxyType

from redress.capa.v1 import events as capa
from redress.catalog import CATALOG, TYPE_OF
from redress.gateway.v1 import events as gateway
from redress.intake.v1 import events as intake
from redress.notify.v1 import events as notify
from redress.workflow.v1 import events as workflow

_CASE_MOVES = (workflow.CaseOpened, workflow.CaseStageEntered, workflow.CaseStageReturned)
_TASK_NEWS = (workflow.TaskAssigned, workflow.TaskOverdue, workflow.TaskEscalated)
_CAPA_STEPS = (capa.CapaLinked, capa.CapaApproved, capa.CapaImplemented, capa.CapaReopened)
_ACTIONS = (capa.ActionAssigned, capa.ActionExtended, capa.ActionDone)

_LISTENS = {
    "intake": (workflow.CaseClosed, workflow.CaseReopened, capa.CapaClosed),
    "workflow": (
        *(intake.ComplaintRegistered, intake.ComplaintUpdated, intake.ComplaintRegraded, intake.ComplaintMerged),
        *(intake.ComplaintLinked, intake.ContactReceived),
        *(gateway.IdentityRegistered, gateway.IdentityChanged, gateway.IdentityDisabled),
        *(capa.ContainmentDone, capa.RcaOpened, capa.RcaCompleted, capa.RcaLinked, capa.RcaWithdrawn),
        *(capa.CapaOpened, *_CAPA_STEPS, capa.CapaEffectivenessConcluded, capa.CapaClosed),
        *(*_ACTIONS, capa.KnowledgePublished, capa.KnowledgeUsed, capa.CostPosted),
        notify.SurveyAnswered,
    ),
    "capa": (*_CASE_MOVES, workflow.CaseClosed, workflow.CaseReopened),
    "notify": (*_CASE_MOVES, workflow.CaseClosed, workflow.CaseReopened, *_TASK_NEWS),
    "analytics": (
        *(intake.ComplaintRegistered, intake.ComplaintUpdated, intake.ComplaintRegraded, intake.ComplaintMerged),
        *(intake.ComplaintLinked, intake.ContactReceived),
        *(*_CASE_MOVES, workflow.CasePaused, workflow.CaseResumed, workflow.CaseDueChanged),
        *(workflow.CaseClosed, workflow.CaseReopened, workflow.ResponseSent, *_TASK_NEWS, workflow.TaskCompleted),
        *(capa.ContainmentDone, capa.CapaOpened, *_CAPA_STEPS, capa.CapaEffectivenessConcluded, capa.CapaClosed),
        *(*_ACTIONS, capa.CostPosted, notify.DeliverySent, notify.SurveySent, notify.SurveyAnswered),
    ),
}

SUBSCRIPTIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {consumer: frozenset(TYPE_OF[payload] for payload in payloads) for consumer, payloads in _LISTENS.items()}
)
"""Consumer -> event types."""


def owner_of(event_type: str) -> str:
    return CATALOG[event_type].owner
