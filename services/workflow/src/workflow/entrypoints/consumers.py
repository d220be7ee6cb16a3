"""Which event leads to what."""

from collections.abc import Mapping

from chassis.consumers import Reaction
from redress.capa.v1 import events as capa
from redress.gateway.v1 import events as gateway
from redress.intake.v1 import events as intake
from redress.notify.v1 import events as notify
from workflow.app import actions, complaints, members
from workflow.app.deliveries import deliver
from workflow.app.forgetting import forget_texts
from workflow.app.noted import note
from workflow.app.opening import open_cases
from workflow.app.satisfaction import hear_answers

REACTIONS: Mapping[type, Reaction] = {
    intake.ComplaintRegistered: open_cases,
    intake.ComplaintRegraded: complaints.regrade_cases,
    intake.ComplaintUpdated: complaints.correct_cases,
    intake.ComplaintMerged: complaints.close_merged,
    intake.ComplaintLinked: note,
    intake.ContactReceived: note,
    intake.PersonErased: forget_texts,
    capa.ContainmentDone: deliver,
    capa.RcaOpened: deliver,
    capa.RcaCompleted: deliver,
    capa.RcaWithdrawn: deliver,
    capa.RcaLinked: deliver,
    capa.CapaOpened: deliver,
    capa.CapaLinked: deliver,
    capa.CapaApproved: deliver,
    capa.CapaImplemented: deliver,
    capa.CapaReopened: deliver,
    capa.CapaClosed: actions.close_capas,
    capa.CapaEffectivenessConcluded: note,
    capa.ActionAssigned: actions.assign_actions,
    capa.ActionExtended: actions.extend_actions,
    capa.ActionDone: actions.finish_actions,
    capa.KnowledgePublished: deliver,
    capa.KnowledgeUsed: note,
    capa.CostPosted: note,
    notify.SurveyAnswered: hear_answers,
    gateway.IdentityRegistered: members.know_persons,
    gateway.IdentityChanged: members.know_persons,
    gateway.IdentityDisabled: members.disable_persons,
}
