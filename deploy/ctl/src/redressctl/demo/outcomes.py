"""How cases end: a mix as a company sees it, the same on every run."""

from dataclasses import dataclass
from typing import Any

from redressctl.demo.wording import phrases


@dataclass(frozen=True)
class Ending:
    code: str
    remedy: str | None = None
    accepted: bool | None = None
    justified: bool | None = None

    def outcome(self, language: str) -> dict[str, Any]:
        said = phrases(language)
        reason = said["rejected"] if self.accepted is False else said["outcome_reasons"][self.code]
        given = {"code": self.code, "remedy": self.remedy, "accepted": self.accepted, "justified": self.justified}
        return {name: value for name, value in given.items() if value is not None} | {"reason": reason}


def _resolved(remedy: str, accepted: bool = True) -> Ending:
    return Ending("resolved", remedy, accepted, justified=True)


INVESTIGATED = (
    _resolved("repair"),
    _resolved("replacement"),
    _resolved("repair"),
    _resolved("refund"),
    _resolved("price_cut", accepted=False),
    _resolved("repair"),
    _resolved("compensation"),
)
NOT_INVESTIGATED = (
    _resolved("information"),
    _resolved("apology"),
    Ending("not_justified", justified=False),
    _resolved("repair"),
    _resolved("compensation", accepted=False),
    Ending("no_trouble_found", justified=False),
    _resolved("information"),
    Ending("withdrawn"),
    _resolved("replacement"),
    Ending("referred_outside"),
)


def rating(turn: int) -> dict[str, Any]:
    """What a call-back brings: every seventh customer is not reached, the others give 3 to 5, now and then 2."""
    if turn % 7 == 6:
        return {"reached": False, "satisfied": None}
    return {"reached": True, "satisfied": (5, 4, 4, 5, 3, 2)[turn % 6]}
