"""Letters with placeholders (`$name`, `${name}`), checked when they are read so that none fails when it is sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Template
from typing import Any

from chassis.document import Reader
from chassis.errors import FieldError, Invalid
from notify.domain.kinds import FIELDS, KINDS, LANGUAGES, OPTIONAL, Language

_GAP = re.compile(r"\n{3,}")
_LONGEST = 10_000
_EMPTY = Template("")


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


def read_templates(document: object) -> TemplateSet:
    """Raises Invalid naming every missing letter or language, malformed `$` and placeholder that nobody fills."""
    reader = Reader()
    raw = reader.mapping(document, "")
    found = _templates(reader, raw)
    if reader.faults:
        raise Invalid("these letters cannot be sent", [FieldError(place, text) for place, text in reader.faults])
    return found


def _templates(reader: Reader, raw: Mapping[str, Any]) -> TemplateSet:
    reader.only(raw, "", "name version templates words")
    letters = dict(reader.items(raw, "templates", ""))
    reader.only(letters, "templates", " ".join(FIELDS))
    for name in sorted(FIELDS.keys() - OPTIONAL - letters.keys()):
        reader.fault(f"templates.{name}", "is missing")
    return TemplateSet(
        version=reader.whole(raw, "version", "", least=1, most=10**6),
        letters={
            (name, language): wording
            for name, letter in letters.items()
            for language, wording in _letter(reader, name, letter).items()
        },
        words={group: _words(reader, group, codes) for group, codes in reader.items(raw, "words", "")},
    )


def _letter(reader: Reader, name: str, raw: Mapping[str, Any]) -> dict[Language, Wording]:
    place = f"templates.{name}"
    reader.only(raw, place, f"fields {' '.join(LANGUAGES)}")
    declared = frozenset(reader.keys(raw, "fields", place))
    if unknown := declared - FIELDS.get(name, frozenset()):
        reader.fault(f"{place}.fields", f"{', '.join(sorted(unknown))}: nothing fills that")
    return {language: _wording(reader, name, language, raw, declared) for language in LANGUAGES}


def _wording(reader: Reader, name: str, language: str, letter: Mapping[str, Any], declared: frozenset[str]) -> Wording:
    place = f"templates.{name}.{language}"
    raw = reader.mapping(letter.get(language), place)
    reader.only(raw, place, "subject text" if name in KINDS else "text")
    subject = reader.text(raw, "subject", place) if name in KINDS else ""
    return Wording(
        subject=_checked(reader, f"{place}.subject", subject, declared),
        text=_checked(reader, f"{place}.text", _lines(reader, raw, place), declared),
    )


def _lines(reader: Reader, raw: Mapping[str, Any], place: str) -> str:
    """A text, or a list of its lines."""
    given = raw.get("text")
    lines = [given] if isinstance(given, str) else given
    if isinstance(lines, list) and lines and all(isinstance(line, str) for line in lines):
        text = "\n".join(lines)
        if text.strip() and len(text) <= _LONGEST:
            return text
    reader.fault(f"{place}.text", f"must be a text or a list of lines, {_LONGEST} characters at most")
    return ""


def _words(reader: Reader, group: str, raw: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    words = {}
    for code in raw:
        zh, en = reader.label(raw, f"words.{group}", code)
        words[code] = {"zh": zh, "en": en}
    return words


def _checked(reader: Reader, place: str, text: str, declared: frozenset[str]) -> Template:
    template = Template(text)
    if not template.is_valid():
        reader.fault(place, "has a $ that begins no placeholder")
        return _EMPTY
    if unknown := set(template.get_identifiers()) - declared:
        reader.fault(place, f"names {', '.join(sorted(unknown))}, which its fields do not declare")
    return template
