"""What became of a message, and the words in which its sender is told at once, where the vendor lets us answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from intake.domain.channels.hook import HookAnswer
from intake.domain.channels.message import Message

REGISTERED, ATTACHED, PARKED, EXISTING = "registered", "attached", "parked", "existing"
HANDSHAKE, REFUSED = "handshake", "refused"
OUTCOMES = (REGISTERED, ATTACHED, PARKED, EXISTING, HANDSHAKE, REFUSED)
_WORDS = {
    (REGISTERED, "zh"): "您的反馈已受理,编号 {number}。",
    (REGISTERED, "en"): "Your complaint is registered under {number}.",
    (ATTACHED, "zh"): "已补充到 {number}。",
    (ATTACHED, "en"): "Added to {number}.",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    outcome: str
    reason: str = ""
    complaint_id: str = ""
    number: str = ""
    language: str = "en"
    fresh: bool = True
    """False where the same message was taken before: the answer is the same."""

    @property
    def counted(self) -> str:
        return self.outcome if self.fresh else EXISTING

    def words(self) -> str:
        """Empty where there is nothing to tell: what is parked waits for a person."""
        told = _WORDS.get((self.outcome, self.language)) or _WORDS.get((self.outcome, "en"), "")
        return told.format(number=self.number) if self.number else ""


Answering = Callable[[Sequence[Outcome]], HookAnswer]


@dataclass(frozen=True, slots=True)
class Received:
    """Proven to come from the vendor: its messages, and how they are answered once it is known what became of them."""

    messages: Sequence[Message]
    answer: Answering
