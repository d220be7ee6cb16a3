"""The letters as they are published, and what a new version says otherwise."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from chassis.db import Tx
from chassis.definitions import Effect, Kind
from notify.domain.kinds import KINDS, LANGUAGES, Language
from notify.domain.letter import Letter, Letterhead, Recipient, write_letter
from notify.domain.template import TemplateSet, read_templates

NAME = "default"
_DUE = "2026-11-24T10:00:00+00:00"
_TASKS = {"count": 3, "tasks": [{"number": "C26-0000001", "kind": "diagnose", "due_at": _DUE}]}
_SAMPLES: dict[str, dict[str, Any]] = {
    "receipt": {"number": "C26-0000001", "due_at": _DUE, "response_due_at": _DUE},
    "case_closed": {"outcome": "resolved", "remedy": "repair"},
    "merged": {"joined": "C26-0000001"},
    "task_assigned": _TASKS,
    "task_overdue": _TASKS,
    "escalation": _TASKS,
}
_LINKS = {
    "status_link": {"url": "https://…/status/…", "days": "180"},
    "survey_invitation": {"url": "https://…/survey/…", "days": "30"},
}
_NAMES = {"zh": "张三", "en": "Ada Lovelace"}


def letter_templates(head: Letterhead) -> Kind[TemplateSet]:
    return Kind("letter-templates", read_templates, effects=partial(effects, head), only=NAME)


async def effects(head: Letterhead, tx: Tx, new: TemplateSet, current: TemplateSet | None) -> list[Effect]:
    found = list(_rewritten(head, new, current))
    waiting = await tx.fetchval("SELECT count(*) FROM deliveries WHERE next_attempt_at IS NOT NULL")
    if waiting:
        zh, en = f"{waiting} 封待发信件保留其模板版本", f"{waiting} letters on their way keep their version"
        found.append(Effect("letters_stay", zh, en, waiting))
    return found


def _rewritten(head: Letterhead, new: TemplateSet, current: TemplateSet | None) -> Iterator[Effect]:
    for kind in sorted(KINDS):
        for language in LANGUAGES:
            after = _sample(kind, language, new, head)
            before = _sample(kind, language, current, head) if current else None
            if after is None or after == before:
                continue
            zh, en = f"信件 {kind}({language})的内容改变", f"letter {kind} ({language}) reads differently"
            yield Effect("letter_changes", zh, en, 1, [f"{after.subject}\n\n{after.text}"])
            yield from _fell_silent(kind, language, new, current)


def _fell_silent(kind: str, language: Language, new: TemplateSet, current: TemplateSet | None) -> Iterator[Effect]:
    """What the letter named and names no more: a customer may miss it."""
    gone = sorted(_named(kind, language, current) - _named(kind, language, new)) if current else []
    if gone:
        named = ", ".join(gone)
        zh, en = f"信件 {kind}({language})不再包含:{named}", f"letter {kind} ({language}) no longer names {named}"
        yield Effect("letter_fell_silent", zh, en, len(gone), gone, "warning")


def _named(kind: str, language: Language, templates: TemplateSet) -> set[str]:
    if not templates.has(kind):
        return set()
    wording = templates.letter(kind, language)
    return {*wording.subject.get_identifiers(), *wording.text.get_identifiers()}


def _sample(kind: str, language: Language, templates: TemplateSet, head: Letterhead) -> Letter | None:
    """None for a letter that these templates do not have."""
    if not templates.has(kind):
        return None
    reader = Recipient(_NAMES[language], None, language, "C26-0000001")
    return write_letter(kind, _SAMPLES[kind], reader, templates, head, links=lambda _language: _LINKS)
