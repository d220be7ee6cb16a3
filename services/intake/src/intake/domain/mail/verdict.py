"""Is this mail a complaint? If not, why it is put aside for a person to see (RFC 3834 automatic answers, RFC 3464
delivery reports, RFC 8098 read receipts, RFC 5965 feedback reports, RFC 2919 lists)."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from intake.domain.mail.mail import Mail

NUMBER = re.compile(r"(?<![A-Za-z0-9])C[0-9]{2}-[0-9]{7,}(?![0-9])")
_DAEMON = re.compile(r"^(mailer-daemon|postmaster|mail-daemon|mdaemon)@", re.IGNORECASE)
_UNDELIVERED = re.compile(
    r"undeliver|returned mail|delivery (status notification|failure|report)|failure notice|mail delivery failed"
    r"|mail system error|could not be delivered|non remis|unzustellbar|退信|投递失败|无法投递",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"^\W*(auto(matic)?[- ]?(reply|response|answer)|automatische antwort|out of (the )?office|abwesenheit"
    r"|自动回复|自動回覆)",
    re.IGNORECASE,
)
_UUID = re.compile(
    r"<([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:\.[\w-]{1,200})?@([^>\s]+)>", re.IGNORECASE
)
_LIST_HEADERS = ("list-id", "list-post", "list-unsubscribe", "mailing-list", "x-mailing-list")
_SPAM_HEADERS = ("x-spam-flag", "x-spam", "x-spam-status")


@dataclass(frozen=True, slots=True)
class Own:
    """How we know letters of ours: the domain of their Message-ID, the address they come from."""

    domain: str = ""
    address: str = ""

    @classmethod
    def of(cls, address: str) -> "Own":
        return cls(address.rpartition("@")[2].lower(), address.lower())


@dataclass(frozen=True, slots=True)
class Verdict:
    reason: str
    """Empty: register it."""
    detail: str = ""


def judged(mail: Mail, own: Own) -> Verdict:
    """The first rule that fires; what a rule says is told to whoever looks at the parked mail."""
    for reason, rule in _RULES:
        if detail := rule(mail, own):
            return Verdict(reason, detail)
    return Verdict("")


def numbers_named(mail: Mail) -> list[str]:
    """Complaint numbers in the subject. Anybody can write one there: they only propose."""
    return NUMBER.findall(mail.subject)


def _unreadable(mail: Mail, _own: Own) -> str:
    return mail.broken


def _own_letter(mail: Mail, own: Own) -> str:
    if "x-redress-delivery" in mail.headers:
        return "is a letter that we sent"
    # Colleagues share our domain; only letters of ours have a UUID there.
    ours = own.domain and any(domain.lower() == own.domain for _, domain in _UUID.findall(mail.message_id))
    from_us = own.address and mail.sender_address.lower() == own.address
    return "comes from ourselves" if ours or from_us else ""


def _bounce(mail: Mail, _own: Own) -> str:
    if "report-type=delivery-status" in _report(mail) or "message/delivery-status" in mail.part_kinds:
        return "is a delivery report (RFC 3464)"
    if "x-failed-recipients" in mail.headers:
        return "names recipients that it could not reach"
    automatic = _DAEMON.match(mail.sender_address) or _null_path(mail)
    return "says that a letter was not delivered" if automatic and _UNDELIVERED.search(mail.subject) else ""


def _report(mail: Mail) -> str:
    kind, _, report = mail.kind.partition(";")
    return f"report-type={report}" if kind == "multipart/report" else ""


def _null_path(mail: Mail) -> bool:
    """The empty reverse path is reserved for notifications (RFC 5321 §4.5.5)."""
    return "<>" in (path.strip() for path in mail.headers.get("return-path", ()))


def _read_receipt(mail: Mail, _own: Own) -> str:
    told = "disposition-notification" in _report(mail) or "message/disposition-notification" in mail.part_kinds
    return "is a read receipt (RFC 8098)" if told else ""


def _feedback_report(mail: Mail, _own: Own) -> str:
    if "feedback-report" in _report(mail) or "message/feedback-report" in mail.part_kinds:
        return "is a feedback report (RFC 5965)"
    return "is a report made by a machine" if mail.kind.startswith("multipart/report") else ""


def _spam(mail: Mail, _own: Own) -> str:
    for name in _SPAM_HEADERS:
        if any(value.lower().startswith(("yes", "spam", "true")) for value in mail.headers.get(name, ())):
            return f"was flagged as spam by {name.title()}"
    return ""


def _auto_reply(mail: Mail, _own: Own) -> str:
    submitted = mail.first("auto-submitted").lower()
    if submitted and not submitted.startswith("no"):
        return f"was sent by a machine (Auto-Submitted: {submitted[:40]})"
    if {"x-autoreply", "x-autorespond", "x-autoresponder"} & mail.headers.keys():
        return "is an automatic answer"
    if mail.first("precedence").lower() in ("auto_reply", "junk", "bulk") and not _of_list(mail):
        return f"was sent by a machine (Precedence: {mail.first('precedence')[:20]})"
    if _null_path(mail) or _DAEMON.match(mail.sender_address):
        return "comes from a mail system, not from a person"
    return "is an automatic answer, as its subject says" if _AWAY.search(mail.subject) else ""


def _of_list(mail: Mail) -> str:
    return next((name for name in _LIST_HEADERS if name in mail.headers), "")


def _mailing_list(mail: Mail, _own: Own) -> str:
    if name := _of_list(mail):
        return f"comes from a mailing list ({name.title()})"
    return "comes from a mailing list (Precedence)" if mail.first("precedence").lower() == "list" else ""


def _answers_us(mail: Mail, own: Own) -> str:
    named = " ".join((*mail.headers.get("in-reply-to", ()), *mail.headers.get("references", ())))
    ours = own.domain and any(domain.lower() == own.domain for _, domain in _UUID.findall(named))
    return "answers a letter of ours" if ours else ""


def _too_large(mail: Mail, _own: Own) -> str:
    return mail.oversized


def _no_sender(mail: Mail, _own: Own) -> str:
    if mail.sender_address:
        return ""
    return "names nobody who could be answered" if mail.headers else "has no headers"


def _no_text(mail: Mail, _own: Own) -> str:
    return "" if any(map(str.isalnum, mail.text)) else "holds no text to read"


_RULES: tuple[tuple[str, Callable[[Mail, Own], str]], ...] = (
    ("unreadable", _unreadable),
    ("own_letter", _own_letter),
    ("bounce", _bounce),
    ("read_receipt", _read_receipt),
    ("feedback_report", _feedback_report),
    ("spam", _spam),
    ("auto_reply", _auto_reply),
    ("mailing_list", _mailing_list),
    ("too_large", _too_large),
    ("no_sender", _no_sender),
    ("reply", _answers_us),
    ("no_text", _no_text),
)
REASONS = (*(reason for reason, _ in _RULES), "loop", "unfit")
"""Why a mail may be parked; `unfit`: no rule fired, but it could not be registered as it is; `loop`: its sender sends
more than a person writes."""
