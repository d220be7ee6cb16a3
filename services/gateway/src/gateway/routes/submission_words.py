"""What the proto's types do not say about fields of submissions and mailboxes."""

from collections.abc import Mapping

_OURS = "redress.intake.v1"
_CHANNELS = "api web phone mail file paper social chat sms authority"

DESCRIPTIONS: Mapping[str, str] = {
    f"{_OURS}.Submission.state": "registered | parked | merged | rejected",
    f"{_OURS}.Submission.reason": "Why it was parked, in one word",
    f"{_OURS}.Submission.complaint_id": "The first complaint it became, or the one it seems to be about",
    f"{_OURS}.Submission.complaints": "What it became: promoted, attached as a contact, or merged;"
    " only of a single one",
    f"{_OURS}.Submission.text": "Read anew from the raw bytes; only of a single one",
    "new_text": "The text without what it quotes and without signatures; only of a single one",
    f"{_OURS}.Submission.kind": "Of its channel: mail, imap, wecom, …",
    f"{_OURS}.Submission.sent_at": "As the sender's own clock says",
    f"{_OURS}.SubmissionComplaint.kind": "promoted | attached | merged",
    f"{_OURS}.SubmissionReceipt.attached": "It answers: added to the complaint as a contact, no complaint of its own",
    f"{_OURS}.PromoteSubmissionRequest.text": "Instead of what was read from it",
    f"{_OURS}.PromoteSubmissionRequest.parts": "One complaint for each matter; one in all when empty. A registered one"
    " may be promoted again, by parts alone",
    f"{_OURS}.PromotedPart.text": "What this matter is",
    f"{_OURS}.AttachSubmissionRequest.complaint_id": "Id or number; the recognised one when absent",
    f"{_OURS}.MergeSubmissionRequest.complaint_id": "Id or number; the recognised one when absent",
    f"{_OURS}.CountSubmissionsRequest.since": "Of their arrival; 30 days before `until` when absent",
    f"{_OURS}.CountSubmissionsRequest.until": "Now when absent",
    f"{_OURS}.SubmissionCount.complaints": "That came of them: one may become several",
    f"{_OURS}.MailboxState.last_uid": "Everything up to it was handled",
    f"{_OURS}.MailboxState.polled_at": "The last time that all went well",
}

REQUIRED: Mapping[str, str] = {f"{_OURS}.PromotedPart": "text"}

WORDS: Mapping[str, str] = {
    f"{_OURS}.ListSubmissionsRequest.state": "registered parked merged rejected",
    f"{_OURS}.ListSubmissionsRequest.channel": _CHANNELS,
}
