from gateway.app.principal import ADMIN
from gateway.routes.table import Forward

_CHANNEL = "/v1/channels/{channel_id}"

CHANNELS = [
    Forward(
        "POST",
        "/v1/channels",
        "intake.CreateChannel",
        "Put a channel into the registry",
        roles=ADMIN,
        status=201,
        location="/v1/channels/{channel_id}",
    ),
    Forward("GET", "/v1/channels", "intake.ListChannels", "The registry of channels, by name"),
    Forward("GET", _CHANNEL, "intake.GetChannel", "One channel: what is set of it, and what came by it"),
    Forward("PATCH", _CHANNEL, "intake.UpdateChannel", "Change a channel, or switch it off", roles=ADMIN),
    Forward("DELETE", _CHANNEL, "intake.DeleteChannel", "Take out a channel that nothing came by", roles=ADMIN),
    Forward(
        "PUT",
        f"{_CHANNEL}/secrets/{{secret}}",
        "intake.SetChannelSecret",
        "Set or rotate a secret; it is never shown again",
        roles=ADMIN,
    ),
    Forward("POST", f"{_CHANNEL}/try", "intake.TryChannel", "What would become of a payload; nothing is kept"),
]

ANSWERS = [
    Forward(
        "GET", "/v1/answers-due", "intake.ListDueAnswers", "Answers that public bodies want, the earliest due first"
    ),
    Forward(
        "POST",
        "/v1/complaints/{complaint_id}/answer-back",
        "intake.RecordAnswerBack",
        "Record that a public body was answered",
        status=201,
    ),
]
