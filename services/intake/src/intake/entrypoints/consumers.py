"""Event type -> reaction."""

from chassis.consumers import Reactions, each
from intake.app.reactions import close, note_capa, reopen
from redress.capa.v1.events import CapaClosed
from redress.workflow.v1.events import CaseClosed, CaseReopened

REACTIONS: Reactions = {
    CaseClosed: close,
    CaseReopened: reopen,
    CapaClosed: each(note_capa),
}
