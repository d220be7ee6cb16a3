"""Published forms: which one is meant, whether it is still in use, and its document read and compiled once."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from chassis.db import Tx
from chassis.definitions import Document
from chassis.errors import Conflict, FieldError, Invalid, NotFound
from intake.adapters.forms import NOT_ASKED, Checked, unusable_patterns
from intake.domain.forms.conditions import Situation
from intake.domain.forms.document import parse
from intake.domain.forms.form import Form

KIND = "form"
DEFAULT = "general"
"""The profile of complaints that came without a form."""
_LONGEST = 256 * 1024
_ONE = """SELECT d.name, d.version, d.document, d.published_at, d.published_by, r.retired_at, r.reason
 FROM published_definitions d LEFT JOIN LATERAL (SELECT retired_at, reason FROM form_retirements r
  WHERE r.name = d.name AND r.version >= (SELECT max(version) FROM published_definitions n
   WHERE n.kind = 'form' AND n.name = d.name) ORDER BY r.version DESC LIMIT 1) r ON true
 WHERE d.kind = 'form' AND d.name = $1 AND ($2 = 0 OR d.version = $2) ORDER BY d.version DESC LIMIT 1"""


class FormRetired(Conflict):
    """What was filled in with it is still read."""


@dataclass(frozen=True)
class Ready:
    """A published version, with what checks its answers."""

    checked: Checked
    published_at: datetime
    published_by: str
    retired_at: datetime | None
    retired_reason: str

    @property
    def form(self) -> Form:
        return self.checked.form


def read_document(document: Document) -> Form:
    """A form whose patterns run. Raises Invalid with one FieldError per fault."""
    form = parse(document)
    if len(msgspec.json.encode(document)) > _LONGEST:
        raise Invalid("this form cannot be used", [FieldError("document", f"at most {_LONGEST} bytes")])
    faults = [
        FieldError(f"fields.{key}.pattern", "is no pattern that runs in linear time, without look-around")
        for key in unusable_patterns(form)
    ]
    faults = faults or _bad_examples(form)
    if faults:
        raise Invalid("this form cannot be used", faults)
    return form


def _bad_examples(form: Form) -> list[FieldError]:
    """An example must be an answer that the field takes: people are shown it."""
    shown = Checked(form)
    anywhere = Situation(None, None)
    given = {field.key: field.example for field in form.fields if field.example is not None}
    found = shown.faults(given, anywhere) if given else ()
    return [
        FieldError(f"fields.{key}.example", text)
        for key, text in found
        if key.split(".")[0] in given and text != NOT_ASKED
    ]


async def read_form(tx: Tx, name: str, version: int = 0) -> Ready:
    """That version, or the newest; also of a form that is retired. Raises NotFound."""
    row = await tx.fetchrow(_ONE, name, version)
    if row is None:
        raise NotFound(f"there is no form {name[:63]}" + (f" of version {version}" if version else ""))
    return ready(row)


async def form_in_use(tx: Tx, name: str, version: int = 0) -> Ready:
    """As `read_form`. Raises FormRetired where nobody may fill it in any more."""
    found = await read_form(tx, name, version)
    if found.retired_at is not None:
        raise FormRetired("form_retired", f"the form {name} was retired: {found.retired_reason}")
    return found


def ready(row: Any) -> Ready:
    """Of a row with the columns that `read_form` selects."""
    return Ready(
        compiled(row["name"], row["version"], row["document"]),
        row["published_at"],
        row["published_by"],
        row["retired_at"],
        row["reason"] or "",
    )


# By the text itself: a version never changes, whatever database it came from.
@lru_cache(maxsize=128)
def compiled(name: str, version: int, document: str) -> Checked:
    return Checked(parse({"name": name, "version": version, **msgspec.json.decode(document)}))
