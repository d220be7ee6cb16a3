"""What the proto's types do not say about likeness: its words, its bounds, what a call needs."""

from collections.abc import Mapping

_P = "redress.intake.v1."

WORDS: Mapping[str, str] = {f"{_P}LinkComplaintsRequest.level": "R1 R2"}
BOUNDS: Mapping[str, tuple[int, int]] = {
    f"{_P}FindAlikeRequest.limit": (1, 20),
    f"{_P}ListAlikeRequest.limit": (1, 20),
}
REQUIRED: Mapping[str, str] = {
    f"{_P}FindAlikeRequest": "text",
    f"{_P}LinkComplaintsRequest": "other_complaint_id level reason",
    f"{_P}MergeComplaintRequest": "into reason",
    f"{_P}UnlinkComplaintsRequest": "reason",
}
DESCRIPTIONS: Mapping[str, str] = {
    "likeness": "0..1 of the texts; people are asked from 0.5 on, below 0.2 only the customer's own are shown",
    "shared_words": "What makes them alike, the heaviest first; Latin words by their stem",
    "same_customer": "By customer number, e-mail or telephone",
    f"{_P}MergeComplaintRequest.into": "The complaint that stays, by id or number",
    "judged_from": "Verdicts at or after",
    "judged_to": "Verdicts before; now when absent",
    "as_proposed": "Accepted with the level that was proposed",
    "precision": "accepted / judged; absent while nothing is judged",
    f"{_P}FindAlikeRequest.limit": "1..20; 10 when absent",
    f"{_P}ListAlikeRequest.limit": "1..20; 10 when absent",
}
