"""Which person does a complaint belong to? Who is erased, or asks what is held, is a person.

An e-mail or a telephone number tells a person. A customer number tells one only where nothing else is known: behind a
company's number stand many people. A complaint without any of them gets a person of its own.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from intake.domain.identity import EMAIL, REF


@dataclass(frozen=True, slots=True)
class Holder:
    """A person that is known by some identity."""

    person_id: str
    has_email: bool


@dataclass(frozen=True, slots=True)
class Belonging:
    person_ids: list[str] = field(default_factory=list)
    """Of each complaint, in order."""
    new_persons: list[str] = field(default_factory=list)
    new_identities: dict[str, str] = field(default_factory=dict)
    """Key -> person."""


def belonging(
    complaints: Sequence[Sequence[str]], known: Mapping[str, Holder], new_person: Callable[[], str]
) -> Belonging:
    """`complaints` are their customer keys, the surest first.

    The surest identity decides. Where it is new, the person of the telephone number is the one, unless they have
    another e-mail: families and offices share telephones. An identity stays with the person who had it first.
    """
    found = Belonging()
    holders = {key: holder.person_id for key, holder in known.items()}
    with_email = {holder.person_id for holder in known.values() if holder.has_email}
    for all_keys in complaints:
        keys = [key for key in all_keys if not key.startswith(REF)] or list(all_keys)
        person_id = _holder(keys, holders, with_email)
        if person_id is None:
            person_id = new_person()
            found.new_persons.append(person_id)
        found.person_ids.append(person_id)
        new = [key for key in keys if key not in holders]
        found.new_identities.update(dict.fromkeys(new, person_id))
        holders.update(dict.fromkeys(new, person_id))
        if any(key.startswith(EMAIL) for key in new):
            with_email.add(person_id)
    return found


def _holder(keys: Sequence[str], holders: Mapping[str, str], with_email: Set[str]) -> str | None:
    if not keys:
        return None
    surest, *others = keys
    if surest in holders:
        return holders[surest]
    return next((holders[key] for key in others if key in holders and holders[key] not in with_email), None)
