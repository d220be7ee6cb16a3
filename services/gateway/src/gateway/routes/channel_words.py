"""What the proto's types do not say about fields of channels."""

from collections.abc import Mapping

_OURS = "redress.intake.v1"
_KINDS = (
    "api web_form phone paper file social mail imap wechat_oa wecom dingtalk dingtalk_robot whatsapp twilio_sms slack"
    " zendesk shopify webhook authority_12315 authority_12345 heimao authority"
)

_SET = ("Channel", "CreateChannelRequest", "UpdateChannelRequest")
_OF_A_CHANNEL = {
    "label_zh": "What people read, in Chinese",
    "label_en": "What people read, in English",
    "default_form": "The form that people fill in for it",
    "mapping": "Field of a complaint -> where a message has it: a path, a constant or a template (docs/channels.md)",
    "options": "By kind: conversation_hours, reply, window_s, headers of a signature, answer_days (docs/channels.md)",
}

DESCRIPTIONS: Mapping[str, str] = {
    **{f"{_OURS}.{message}.{name}": words for name, words in _OF_A_CHANNEL.items() for message in _SET},
    f"{_OURS}.CreateChannelRequest.channel_id": "Its name: 1 to 63 lower-case letters, digits and hyphens",
    "hook_url": "To give the vendor; empty where nobody delivers",
    f"{_OURS}.Channel.secrets": "Which there are and since when they are set; never what they are",
    f"{_OURS}.Channel.counts": "Over the last 30 days, by what became of what came",
    "grace_hours": "How long the secret before stays valid; 24 when absent",
    f"{_OURS}.TryChannelRequest.payload": "As the vendor writes it once decrypted: XML, JSON or a form",
    f"{_OURS}.ListDueAnswersRequest.standing": "open | overdue | answered; open when absent",
    "due_before": "Answers due before",
    f"{_OURS}.RecordAnswerBackRequest.answer": "What the public body was told",
    "answered_at": "When a public body was answered; now when absent",
    f"{_OURS}.DueAnswer.overdue": "Not answered by its due time, or answered after it",
}

JSON_TEXT = frozenset(
    f"{_OURS}.{name}"
    for name in (
        *(f"{message}.mapping" for message in ("Channel", "CreateChannelRequest", "UpdateChannelRequest")),
        *(f"{message}.options" for message in ("Channel", "CreateChannelRequest", "UpdateChannelRequest")),
        "TriedMessage.fields",
    )
)

REQUIRED: Mapping[str, str] = {
    f"{_OURS}.CreateChannelRequest": "channel_id kind label_zh label_en",
    f"{_OURS}.SetChannelSecretRequest": "value",
    f"{_OURS}.TryChannelRequest": "payload",
    f"{_OURS}.RecordAnswerBackRequest": "answer",
}

WORDS: Mapping[str, str] = {
    f"{_OURS}.CreateChannelRequest.kind": _KINDS,
    f"{_OURS}.ListChannelsRequest.kind": _KINDS,
    f"{_OURS}.ListDueAnswersRequest.standing": "open overdue answered",
}
