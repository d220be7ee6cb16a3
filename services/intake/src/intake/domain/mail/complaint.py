"""A mail as a complaint of the standard template."""

from dataclasses import replace

from intake.domain.complaint import Submission
from intake.domain.mail.mail import Mail
from intake.domain.texts import is_placeholder
from intake.domain.validation import LENGTHS

UNSPECIFIED = "unspecified"
"""A product family that forms no signature: nobody has said yet which product it is."""
_CUT = "\n[…]"


def complaint_of(mail: Mail, *, external_id: str, product_family: str) -> Submission:
    """Nothing is known of safety: the grading asks (DOMAIN §10). What is too long is cut here and kept in the mail."""
    return Submission(
        channel="mail",
        external_id=external_id,
        language=mail.language,
        customer_name=mail.sender_address if is_placeholder(mail.sender_name) else mail.sender_name,
        customer_email=mail.sender_address or None,
        product_family=product_family or UNSPECIFIED,
        description=_description(mail),
    )


def corrected(given: Submission, **said: str | None) -> Submission:
    """With what a person says instead; what they leave out stays."""
    changes = {name: value for name, value in said.items() if value is not None}
    return replace(given, **changes)  # type: ignore[arg-type]


def _description(mail: Mail) -> str:
    subject = mail.subject.strip()
    text = mail.text if not subject or subject in mail.text[: len(subject) + 200] else f"{subject}\n\n{mail.text}"
    longest = LENGTHS["description"]
    return text if len(text) <= longest else text[: longest - len(_CUT)] + _CUT
