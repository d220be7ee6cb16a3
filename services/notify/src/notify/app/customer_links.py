"""The links that letters to customers carry: to the status of their complaint, and to the survey of its closing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chassis.links import Link, sign_link
from chassis.tokens import Signer


@dataclass(frozen=True)
class CustomerLinks:
    """`public_url`: where customers reach the gateway. Links are made when a letter is written and stored nowhere."""

    signer: Signer
    public_url: str
    status_days: int
    survey_days: int

    def of_letter(self, case_id: str, facts: Mapping[str, Any], language: str) -> dict[str, dict[str, str]]:
        """Pieces of the letter -> what they name."""
        pieces = {"status_link": self._piece("status", case_id, language, self.status_days)}
        if survey_id := facts.get("survey_id"):
            pieces["survey_invitation"] = self._piece("survey", survey_id, language, self.survey_days)
        return pieces

    def _piece(self, purpose: str, subject: str, language: str, days: int) -> dict[str, str]:
        token = sign_link(self.signer, Link(purpose, subject, language), timedelta(days=days))
        return {"url": f"{self.public_url.rstrip('/')}/{purpose}/{token}", "days": str(days)}
