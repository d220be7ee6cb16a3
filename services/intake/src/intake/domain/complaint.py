"""What a complaint is made of, in the standard template's words (DOMAIN: one standard entrance; §11)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Grade = Literal["urgent", "important", "routine"]
Answer = Literal["yes", "no", "unknown"]
Language = Literal["zh", "en"]

GRADES: tuple[Grade, ...] = ("urgent", "important", "routine")
ANSWERS = ("yes", "no", "unknown")
LANGUAGES = ("zh", "en")
CHANNELS = ("api", "web", "phone", "mail", "file", "paper", "social", "chat", "sms", "authority")
ANONYMOUS_CHANNELS = frozenset({"file", "social", "chat", "sms", "authority"})
REMEDIES = ("repair", "replacement", "refund", "price_cut", "apology", "compensation", "information", "other")
QUESTIONS_ASKED = (
    "injury_or_fire",
    "legal",
    "main_function_lost",
    "several_affected",
    "core_business_stopped",
    "key_account",
    "media",
)


def stricter(one: Grade, other: Grade) -> bool:
    """True when grade `one` stands above `other`."""
    return GRADES.index(one) < GRADES.index(other)


@dataclass(frozen=True, slots=True)
class DefectItem:
    defect_code: str
    failure_location: str | None = None
    quantity: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A complaint as someone hands it in; `checked` turns it into one that may be registered."""

    channel: str
    description: str
    product_family: str
    language: str = ""
    external_id: str | None = None
    customer_name: str = ""
    customer_email: str | None = None
    customer_phone: str | None = None
    customer_ref: str | None = None
    product_model: str | None = None
    lot: str | None = None
    serial: str | None = None
    quantity: int | None = None
    defect_code: str | None = None
    failure_location: str | None = None
    defect_items: tuple[DefectItem, ...] = ()
    remedy_wanted: str | None = None
    t_occurred: datetime | None = None
    t_aware: datetime | None = None
    t_received: datetime | None = None
    t_closed: datetime | None = None
    injury_or_fire: str = ""
    legal: str = ""
    main_function_lost: str = ""
    several_affected: str = ""
    core_business_stopped: str = ""
    key_account: str = ""
    media: str = ""
    customer_deadline: datetime | None = None
    safety_not_asked: bool = False
    historical: bool = False
    identity_protected: bool = False
    channel_id: str | None = None
    taken_by: str | None = None
    answer_due: datetime | None = None

    @property
    def received(self) -> datetime:
        """Of a checked submission: when it reached any channel."""
        assert self.t_received is not None, "only a checked submission has its times"
        return self.t_received
