"""From the facts of a delivery to the words its reader gets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from notify.domain.kinds import Language, language_of
from notify.domain.moments import moment
from notify.domain.template import TemplateSet

Links = Callable[[Language], Mapping[str, Mapping[str, str]]]
_LINKED = {"status": "status_link", "survey": "survey_invitation"}


@dataclass(frozen=True)
class Recipient:
    """Who gets a delivery. `number` is the complaint's, empty for a colleague."""

    name: str
    address: str | None
    language: str
    number: str = ""


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str
    language: Language


@dataclass(frozen=True)
class Letterhead:
    """What is the same in all letters of an organisation."""

    organisation: str
    zone: tzinfo


def write_letter(
    kind: str,
    facts: Mapping[str, Any],
    recipient: Recipient,
    templates: TemplateSet,
    head: Letterhead,
    language: str | None = None,
    links: Links | None = None,
) -> Letter:
    """The letter in `language`, else in the recipient's own. `facts` as the reactions and digests left them.

    `links`: makes the pieces that hold links, by name, for a letter in that language.
    """
    chosen = language_of(language or recipient.language)
    pen = _Pen(templates, head.zone, chosen)
    fields = {"name": recipient.name, "organisation": head.organisation, "number": recipient.number}
    fields |= pen.linked(links(chosen) if links else {})
    subject, text = templates.letter(kind, chosen).render(fields | _FIELDS[kind](facts, pen))
    return Letter(subject, text, chosen)


@dataclass(frozen=True)
class _Pen:
    templates: TemplateSet
    zone: tzinfo
    language: Language

    def word(self, group: str, code: str) -> str:
        return self.templates.word(group, code, self.language)

    def time(self, iso: str | None) -> str:
        if iso is None:
            return self.word("phrase", "to_be_announced")
        return moment(datetime.fromisoformat(iso), self.zone, self.language)

    def piece(self, name: str, fields: Mapping[str, str]) -> str:
        return self.templates.letter(name, self.language).render(fields)[1]

    def linked(self, pieces: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        """By the field of the letter; empty where there is no link, or these templates know of none."""
        return {
            field: self.piece(name, pieces[name]) if name in pieces and self.templates.has(name) else ""
            for field, name in _LINKED.items()
        }


def _receipt(facts: Mapping[str, Any], pen: _Pen) -> dict[str, str]:
    return {
        "number": facts["number"],
        "due": pen.time(facts["due_at"]),
        "response_due": pen.time(facts["response_due_at"]),
    }


def _case_closed(facts: Mapping[str, Any], pen: _Pen) -> dict[str, str]:
    outcome = pen.word("outcome", facts["outcome"])
    remedy = facts.get("remedy")
    return {"outcome": f"{outcome} ({pen.word('remedy', remedy)})" if remedy else outcome}


def _merged(facts: Mapping[str, Any], pen: _Pen) -> dict[str, str]:
    return {"joined": facts["joined"] or pen.word("phrase", "no_number")}


def _digest(facts: Mapping[str, Any], pen: _Pen) -> dict[str, str]:
    tasks: Sequence[Mapping[str, Any]] = facts["tasks"]
    lines = [pen.piece("task_line", _task(task, pen)) for task in tasks]
    if more := facts["count"] - len(tasks):
        lines.append(pen.piece("more_tasks", {"more": str(more)}))
    return {"count": str(facts["count"]), "tasks": "\n".join(lines)}


def _task(task: Mapping[str, Any], pen: _Pen) -> dict[str, str]:
    return {
        "number": task["number"] or pen.word("phrase", "no_number"),
        "task": pen.word("task", task["kind"]),
        "due": pen.time(task["due_at"]),
    }


_FIELDS = {
    "receipt": _receipt,
    "case_closed": _case_closed,
    "merged": _merged,
    "task_assigned": _digest,
    "task_overdue": _digest,
    "escalation": _digest,
}
