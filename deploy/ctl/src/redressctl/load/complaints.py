"""Complaints for load: cheap to make, different from each other, spread over many products and problems."""

import random
from datetime import UTC, datetime

import msgspec

_FAMILIES = tuple(f"Load family {n:02}" for n in range(1, 41))
_DEFECTS = (
    "leak",
    "noise",
    "no_power",
    "crack",
    "overheats",
    "display_dark",
    "stops",
    "wrong_colour",
    "loose",
    "odour",
)
_PLACES = ("housing", "motor", "cable", "door", "board", "seal")
_TEXTS = (
    (
        "en",
        "It {0} after a few days of normal use, {1} times so far. Please tell me what you are going to do about it.",
    ),
    ("zh", "使用没几天就出现问题（{0}），已经发生{1}次，请尽快处理并告知结果。"),
)
_REMEDIES = ("repair", "replacement", "refund", "information")


def make_complaint(number: int, key: str, dice: random.Random) -> bytes:
    """The JSON body. Its serial number is the Idempotency-Key: `verify` recognises a double by it."""
    language, text = _TEXTS[number % 2]
    defect = dice.choice(_DEFECTS)
    return msgspec.json.encode(
        {
            "channel": "api",
            "language": language,
            "customer_name": f"Load customer {number}",
            "customer_email": f"load-{key}@customers.example",
            "product_family": dice.choice(_FAMILIES),
            "description": text.format(defect, dice.randint(1, 9)),
            "serial": key,
            "defect_code": defect,
            "failure_location": dice.choice(_PLACES),
            "remedy_wanted": dice.choice(_REMEDIES),
            "t_received": datetime.now(UTC).isoformat(),
            **dict.fromkeys(("injury_or_fire", "legal", "several_affected", "core_business_stopped"), "no"),
        }
    )
