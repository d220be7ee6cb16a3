"""capa's events fulfil and withdraw deliverables; for a case that does not exist yet the row is simply there first."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.db import Tx
from chassis.envelope import Received
from chassis.ids import new_id
from redress.capa.v1 import events as capa
from workflow.adapters.cases import deliverables_of, load, save
from workflow.adapters.rows import upsert
from workflow.app.work import act_of, roster_for
from workflow.domain.case import Act, CaseFile, Deliverable, Note
from workflow.domain.deliverables import fulfil, supersedes, withdraw
from workflow.domain.stages import settle

ACTOR = "service:capa"
FULFILLED, WITHDRAWN = "fulfilled", "withdrawn"


@dataclass(frozen=True)
class News:
    """What one event means for the cases it names."""

    case_ids: list[str]
    ref: str
    kinds: tuple[str, ...] = ()
    state: str = FULFILLED
    link: str | None = None
    """rca or capa: `ref` belongs to these cases from now on."""


Read = Callable[[Any], News]


def _containment(said: capa.ContainmentDone) -> News:
    return News([said.case_id], said.case_id, ("containment",))


def _rca(said: capa.RcaOpened | capa.RcaCompleted | capa.RcaWithdrawn | capa.RcaLinked) -> News:
    completed = isinstance(said, capa.RcaCompleted) or (isinstance(said, capa.RcaLinked) and said.completed)
    withdrawn = isinstance(said, capa.RcaWithdrawn)
    kinds = ("rca_completed",) if completed or withdrawn else ()
    return News(said.case_ids, said.rca_id, kinds, WITHDRAWN if withdrawn else FULFILLED, "rca")


def _capa(said: capa.CapaOpened | capa.CapaApproved | capa.CapaImplemented | capa.CapaClosed) -> News:
    kinds: dict[type[Any], tuple[str, ...]] = {
        capa.CapaApproved: ("capa_approved",),
        capa.CapaImplemented: ("capa_implemented",),
    }
    return News(said.case_ids, said.capa_id, kinds.get(type(said), ()), link="capa")


def _capa_linked(said: capa.CapaLinked) -> News:
    reached = (("capa_approved", said.approved), ("capa_implemented", said.implemented))
    return News(said.case_ids, said.capa_id, tuple(kind for kind, done in reached if done), link="capa")


def _capa_reopened(said: capa.CapaReopened) -> News:
    return News(said.case_ids, said.capa_id, ("capa_approved", "capa_implemented"), WITHDRAWN, "capa")


def _knowledge(said: capa.KnowledgePublished) -> News:
    return News(said.case_ids, said.knowledge_id, ("knowledge_published",))


MEANING: dict[type[Any], Read] = {
    capa.ContainmentDone: _containment,
    capa.RcaOpened: _rca,
    capa.RcaCompleted: _rca,
    capa.RcaWithdrawn: _rca,
    capa.RcaLinked: _rca,
    capa.CapaOpened: _capa,
    capa.CapaApproved: _capa,
    capa.CapaImplemented: _capa,
    capa.CapaClosed: _capa,
    capa.CapaLinked: _capa_linked,
    capa.CapaReopened: _capa_reopened,
    capa.KnowledgePublished: _knowledge,
}


async def deliver(tx: Tx, events: Sequence[Received[Any]]) -> None:
    """All cases of all events in one go: links, deliverables, gates, timeline."""
    told = [(event, MEANING[type(event.data)](event.data)) for event in events]
    case_ids = sorted({case_id for _, news in told for case_id in news.case_ids})
    await _link(tx, [news for _, news in told if news.link])
    files = await load(tx, case_ids)
    orphans = await _orphans(tx, [case_id for case_id in case_ids if case_id not in files])
    act = act_of(tx, ACTOR, await roster_for(tx, files.values()))
    notes: list[Note] = []
    for event, news in told:
        for case_id in news.case_ids:
            file = files.get(case_id)
            if file is not None:
                _to_case(file, event, news, act)
            else:
                _to_orphan(orphans[case_id], case_id, event, news, act)
                notes.append(_note(case_id, "", event, news, act))
    for file in files.values():
        settle(file, act)
    await save(tx, files.values())
    await upsert(tx, Deliverable, [row for rows in orphans.values() for row in rows.values()])
    await upsert(tx, Note, notes)


def _to_case(file: CaseFile, event: Received[Any], news: News, act: Act) -> None:
    file.notes.append(_note(file.case.case_id, file.case.stage, event, news, act))
    for kind in news.kinds:
        if news.state == WITHDRAWN:
            withdraw(file, kind, news.ref, act, sequence=event.sequence)
        else:
            fulfil(file, kind, news.ref, act, sequence=event.sequence)


def _to_orphan(rows: dict[str, Deliverable], case_id: str, event: Received[Any], news: News, act: Act) -> None:
    for kind in news.kinds:
        incoming = Deliverable(
            case_id=case_id, kind=kind, state=news.state, ref=news.ref, by=act.by, at=act.at, sequence=event.sequence
        )
        if supersedes(rows.get(kind), incoming):
            rows[kind] = incoming


async def _orphans(tx: Tx, case_ids: list[str]) -> dict[str, dict[str, Deliverable]]:
    known = await deliverables_of(tx, case_ids) if case_ids else {}
    return {case_id: {row.kind: row for row in known.get(case_id, [])} for case_id in case_ids}


async def _link(tx: Tx, news: Iterable[News]) -> None:
    links = sorted({(case_id, item.link, item.ref) for item in news for case_id in item.case_ids})
    if links:
        await tx.execute(
            "INSERT INTO case_links (case_id, kind, ref) SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[])"
            " ON CONFLICT DO NOTHING",
            *map(list, zip(*links, strict=True)),
        )


def _note(case_id: str, stage: str, event: Received[Any], news: News, act: Act) -> Note:
    number = getattr(event.data, "number", None)
    return timeline_note(case_id, stage, event, act, {"ref": news.ref, "number": number})


def timeline_note(case_id: str, stage: str, event: Received[Any], act: Act, data: dict[str, Any]) -> Note:
    """A line for something that happened elsewhere, under the event's own name, e.g. "capa.approved"."""
    _, _, aggregate, fact, _ = event.type.split(".")
    return Note(
        entry_id=new_id(),
        case_id=case_id,
        at=event.time,
        kind=f"{aggregate}.{fact}",
        actor=act.by,
        stage=stage,
        text="",
        data=data,
    )
