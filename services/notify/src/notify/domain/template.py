"""Letters with placeholders (`$name`, `${name}`), checked when they are read so that none fails when it is sent."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Template
from typing import Any

from notify.domain.kinds import FIELDS, LANGUAGES, OPTIONAL, Language

_GAP = re.compile(r"\n{3,}")


class TemplateBroken(ValueError):
    """A template document that would fail, or say nothing, when it is rendered."""


@dataclass(frozen=True)
class Wording:
    """One letter in one language."""

    subject: Template
    text: Template

    def render(self, fields: Mapping[str, str]) -> tuple[str, str]:
        """Subject (always one line) and text. KeyError when a field of the letter is missing.

        A paragraph that is left empty leaves no gap.
        """
        text = _GAP.sub("\n\n", self.text.substitute(fields))
        return " ".join(self.subject.substitute(fields).split()), text


@dataclass(frozen=True)
class TemplateSet:
    """One version of all letters; a delivery keeps the version it was made with."""

    version: int
    letters: Mapping[tuple[str, Language], Wording]
    words: Mapping[str, Mapping[str, Mapping[str, str]]]

    def letter(self, name: str, language: Language) -> Wording:
        return self.letters[name, language]

    def has(self, name: str) -> bool:
        return (name, LANGUAGES[0]) in self.letters

    def word(self, group: str, code: str, language: Language) -> str:
        """What people call a code; a code we have no word for stands for itself."""
        return self.words.get(group, {}).get(code, {}).get(language, code)


def read_templates(document: Mapping[str, Any]) -> TemplateSet:
    """Raises TemplateBroken for a missing letter or language, a malformed `$` or a placeholder nobody fills."""
    letters = document["templates"]
    if missing := FIELDS.keys() - OPTIONAL - letters.keys():
        raise TemplateBroken(f"no template for {', '.join(sorted(missing))}")
    return TemplateSet(
        version=document["version"],
        letters={
            (name, language): _wording(name, language, letter)
            for name, letter in letters.items()
            for language in LANGUAGES
        },
        words=document["words"],
    )


def _wording(name: str, language: str, letter: Mapping[str, Any]) -> Wording:
    where = f"template {name} ({language})"
    if language not in letter:
        raise TemplateBroken(f"{where} is missing")
    declared = frozenset(letter["fields"])
    if unknown := declared - FIELDS.get(name, frozenset()):
        raise TemplateBroken(f"{where} declares {', '.join(sorted(unknown))}, which nothing fills")
    wording = letter[language]
    return Wording(
        subject=_checked(where, wording.get("subject", ""), declared),
        text=_checked(where, _lines(wording["text"]), declared),
    )


def _lines(text: str | Sequence[str]) -> str:
    return text if isinstance(text, str) else "\n".join(text)


def _checked(where: str, text: str, declared: frozenset[str]) -> Template:
    template = Template(text)
    if not template.is_valid():
        raise TemplateBroken(f"{where} has a $ that begins no placeholder")
    if unknown := set(template.get_identifiers()) - declared:
        raise TemplateBroken(f"{where} names {', '.join(sorted(unknown))}, which it does not declare")
    return template
