"""What the registers know, as far as a new complaint needs it: codes and their spellings, which form no signature."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from intake.domain.complaint import Submission
from intake.domain.master_data.registers import FIELDS
from intake.domain.texts import is_catch_all, normalised

Changes = Mapping[str, list[Any]]
"""Field -> [as given, as registered]."""
_SUGGESTIONS, _ALIKE = 3, 0.6


@dataclass(frozen=True, slots=True)
class Account:
    """Of a customer, what a complaint of theirs goes by."""

    language: str | None
    key_account: bool


@dataclass(frozen=True, slots=True)
class Unit:
    """Of a serial number."""

    product_model: str | None
    lot: str | None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """An empty register knows nothing and marks nothing as unknown."""

    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Field -> spelling, normalised -> code; aliases are spellings, too."""
    catch_all: frozenset[str] = frozenset()
    """Defect codes, normalised, that a catalogue says describe no problem."""
    has_accounts: bool = False
    has_serials: bool = False

    def code_of(self, name: str, text: str) -> str | None:
        """The code that a text of this field means."""
        return self.codes.get(name, {}).get(normalised(text))

    def is_unknown(self, name: str, text: str) -> bool:
        return bool(self.codes.get(name)) and self.code_of(name, text) is None and not is_catch_all(text)

    def forms_no_signature(self, defect_code: str | None) -> bool:
        return bool(defect_code and self.catch_all) and normalised(defect_code or "") in self.catch_all

    def suggestions(self, name: str, text: str) -> list[str]:
        """Codes spelled alike, the most alike first."""
        known = self.codes.get(name, {})
        alike = get_close_matches(normalised(text), known, n=_SUGGESTIONS * 2, cutoff=_ALIKE)
        return list(dict.fromkeys(known[spelling] for spelling in alike))[:_SUGGESTIONS]

    def completed(
        self, given: Submission, account: Account | None = None, unit: Unit | None = None
    ) -> tuple[Submission, Changes]:
        """The complaint under the registers' codes, with what the unit and the account answer where the reporter did
        not: model and lot, language, key account. Nothing that was given is overruled but its spelling."""
        new: dict[str, Any] = {}
        for name in FIELDS:
            text = getattr(given, name)
            code = self.code_of(name, text) if text else None
            if code is not None and code != text:
                new[name] = code
        if unit is not None:
            new |= {n: v for n in ("product_model", "lot") if not getattr(given, n) and (v := getattr(unit, n))}
        if account is not None:
            new |= _of_account(given, account)
        return (replace(given, **new) if new else given), {n: [getattr(given, n), value] for n, value in new.items()}


def _of_account(given: Submission, account: Account) -> dict[str, Any]:
    new: dict[str, Any] = {}
    if not given.language and account.language:
        new["language"] = account.language
    if given.key_account in ("", "unknown"):
        new["key_account"] = "yes" if account.key_account else "no"
    return new


def spellings(codes: Iterable[tuple[str, str]], aliases: Iterable[tuple[str, str, str]]) -> dict[str, dict[str, str]]:
    """(field, code) and (field, spelling, code) by field; a code is never read as another's alias."""
    found: dict[str, dict[str, str]] = {name: {} for name in FIELDS}
    for name, code in codes:
        found[name][normalised(code)] = code
    for name, spelling, code in aliases:
        found[name].setdefault(spelling, code)
    return found
