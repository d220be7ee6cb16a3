"""Creates the people where they are not there yet, signs them in, and knows who is who."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from redressctl.api import Api
from redressctl.demo.cast import CAST, Part
from redressctl.errors import ApiProblem, NotAllowed
from redressctl.polling import until
from redressctl.together import together


@dataclass(frozen=True)
class Person:
    part: Part
    person_id: str
    api: Api

    @property
    def name(self) -> str:
        return self.part.name


class Team:
    def __init__(self, people: Mapping[str, Person]) -> None:
        self._by_account = dict(people)
        self._by_id = {person.person_id: person for person in people.values()}
        self._turns: dict[tuple[str, str], int] = {}

    def named(self, account: str) -> Person:
        return self._by_account[account]

    def someone(self, department: str, language: str = "") -> Person:
        """The next in turn, of those who speak the language where there are any."""
        there = [person for person in self._by_account.values() if person.part.department == department]
        speaking = [person for person in there if person.part.language == language] or there
        turn = self._turns.get((department, language), 0)
        self._turns[department, language] = turn + 1
        return speaking[turn % len(speaking)]

    def assigned(self, person_id: str | None, department: str) -> Person:
        """Whom the task was given to; someone of the department when that is none of ours."""
        return self._by_id.get(person_id or "") or self.someone(department)


async def assemble(admin: Api) -> Team:
    """Idempotent. A password is derived from the admin key, so that a later run of the demo can sign in again."""
    known = {item["account"]: item for item in await admin.all("/v1/persons")}
    people = await together(_person(admin, part, known.get(part.account)) for part in CAST)
    ids = {person.person_id for person in people if person.part.department}

    async def members() -> set[str]:
        return {item["person_id"] for item in (await admin.get("/v1/members"))["items"]}

    await until(members, lambda seen: ids <= seen, "the new people becoming members of their departments")
    return Team({person.part.account: person for person in people})


async def _person(admin: Api, part: Part, known: Mapping[str, str] | None) -> Person:
    password = _password(admin.credential, part.account)
    if known is None:
        known = await admin.post("/v1/persons", _record(part) | {"password": password})
    try:
        login = await admin.as_("").post("/v1/tokens", {"account": part.account, "password": password})
    except (ApiProblem, NotAllowed) as refused:
        raise NotAllowed(
            f"{part.account} exists with another password (from a demo with another admin key): use the first key, or "
            "an installation without the demo's people."
        ) from refused
    return Person(part, known["person_id"], admin.as_(login["access_token"]))


def _record(part: Part) -> dict[str, object]:
    return {
        "account": part.account,
        "name": part.name,
        "email": part.email,
        "roles": list(part.roles),
        "department": part.department or None,
        "lead": part.lead,
        "language": part.language,
    }


def _password(admin_key: str, account: str) -> str:
    digest = hmac.digest(admin_key.encode(), f"redress-demo:{account}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
