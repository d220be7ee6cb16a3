"""What the person at the terminal is told in one sentence, with what to do next.

CtlError
├── NotReachable      nobody answers at the installation's address
├── NotAllowed        no key, or a key that may not do this
├── UnknownFile       a file whose columns no mapping fits
├── TookTooLong       something that should have happened by itself did not
└── ApiProblem        the installation refused: problem+json
"""

from collections.abc import Mapping
from typing import Any


class CtlError(Exception):
    exit_code = 1


class NotReachable(CtlError):
    pass


class NotAllowed(CtlError):
    exit_code = 2


class UnknownFile(CtlError):
    exit_code = 2


class TookTooLong(CtlError):
    pass


class ApiProblem(CtlError):
    """An answer in problem+json (RFC 9457): `slug` for machines, `possible` says what would work instead."""

    def __init__(self, request: str, status: int, problem: Mapping[str, Any]) -> None:
        self.request = request
        self.status = status
        self.slug = str(problem.get("slug", ""))
        self.detail = str(problem.get("detail") or problem.get("title") or "no explanation was given")
        self.fields = {f["field"]: f["message"] for f in problem.get("fields") or []}
        self.possible = list(problem.get("possible") or [])
        super().__init__(f"{request} was refused with {status} {self.slug}: {self.detail}{self._more()}")

    def _more(self) -> str:
        fields = "; ".join(f"{name} {message}" for name, message in self.fields.items())
        possible = ", ".join(self.possible)
        return (f" ({fields})" if fields else "") + (f"; possible: {possible}" if possible else "")
