"""What this service exposes beside the chassis's platform metrics. Business figures are analytics' (DOMAIN §2)."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from intake.domain.channels.outcome import OUTCOMES
from intake.domain.complaint import CHANNELS
from intake.domain.mail.verdict import REASONS
from redress.intake.v1.intake_pb2 import SubmissionReceipt


class IntakeMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.group_items = Histogram(
            "redress_intake_group_items",
            "Complaints that shared one transaction",
            buckets=(1, 2, 5, 10, 20, 50, 100, 200),
            registry=registry,
        )
        self.items = Counter(
            "redress_intake_items", "Items of registered groups, by what became of them", ["outcome"], registry=registry
        )
        self.mails = Counter(
            "redress_intake_mails",
            "Mails received, by what became of them: registered, attached (an answer), existing, or why parked",
            ["outcome"],
            registry=registry,
        )
        for outcome in ("registered", "existing", "refused"):
            self.items.labels(outcome)
        for outcome in ("registered", "attached", "existing", *REASONS):
            self.mails.labels(outcome)

    def mail(self, receipt: SubmissionReceipt) -> None:
        self.mails.labels(outcome_of(receipt)).inc()


def outcome_of(receipt: SubmissionReceipt) -> str:
    """In one word: a customer's answer to a complaint that is known is `attached`."""
    if receipt.existing:
        return "existing"
    return receipt.reason or ("attached" if receipt.attached else receipt.state)


class SubmissionMetrics:
    """Counted in the store by every worker; all of them show the same."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.parked = Gauge(
            "redress_intake_submissions_parked", "Submissions that wait for a person", ["channel"], registry=registry
        )
        self.late = Gauge(
            "redress_intake_late_registrations",
            "Complaints of the last 7 days that were registered more than 24 hours after they were received",
            registry=registry,
        )

    def show(self, parked: Mapping[str, int], late: int) -> None:
        self.late.set(late)
        for channel in CHANNELS:
            self.parked.labels(channel).set(parked.get(channel, 0))


class MailboxMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.mails = Counter(
            "redress_intake_mailbox_mails",
            "Mails read from mailboxes, by what became of them; failed: to be tried again",
            ["outcome"],
            registry=registry,
        )
        self.silent = Gauge(
            "redress_intake_mailbox_silent_seconds",
            "Since the mailbox that waits longest was last read without trouble",
            registry=registry,
        )
        self.failing = Gauge(
            "redress_intake_mailboxes_failing", "Mailboxes that could not be read when last tried", registry=registry
        )
        for outcome in ("registered", "attached", "existing", "failed", *REASONS):
            self.mails.labels(outcome)


class SampleMetrics:
    """Counted in the store by every worker; all of them show the same."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.waiting = Gauge(
            "redress_intake_samples_waiting",
            "Returned samples without a result, by state; overdue: not arrived by the date they were asked for",
            ["state", "overdue"],
            registry=registry,
        )

    def show(self, waiting: Mapping[tuple[str, str], int]) -> None:
        for labels, number in waiting.items():
            self.waiting.labels(*labels).set(number)


class ChannelMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.hooks = Counter(
            "redress_intake_hooks",
            "Messages that vendors delivered to channels, by what became of them; refused: the signature was not right",
            ["outcome"],
            registry=registry,
        )
        self.overdue = Gauge(
            "redress_intake_answers_overdue",
            "Answers that public bodies wait for beyond their due time",
            registry=registry,
        )
        for outcome in (*OUTCOMES, "unknown"):
            self.hooks.labels(outcome)
