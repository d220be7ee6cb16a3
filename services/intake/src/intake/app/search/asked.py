"""What a search asks for, read from the contract's filter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.json_format import MessageToDict

from chassis.call import Call
from chassis.errors import FieldError, Invalid
from chassis.messages import set_fields
from intake.adapters.search_statement import FILTERS, Given
from intake.app.load import own_only
from intake.domain.search.terms import FACETS, Lexicon
from intake.domain.search.words import is_east_asian, runs, stem
from redress.intake.v1 import search_pb2 as pb

LONGEST, MOST_WORDS = 500, 30
# Read beside the description, as the index does it (domain/search/terms.py).
_READ = (
    *("description", "number", "product_family", "product_model", "lot", "serial", "defect_code"),
    "failure_location",
)


@dataclass(frozen=True, slots=True)
class Asked:
    runs: tuple[str, ...]
    """Words and runs of East Asian characters, all of which must be there."""
    given: Given

    @property
    def names(self) -> set[str]:
        return {name for name, _ in self.given}

    def facets(self, lexicon: Lexicon) -> dict[str, int]:
        """Filters that the index of terms knows -> their term."""
        return {name: lexicon.facet(name, str(value)) for name, value in self.given if name in FACETS}

    def terms(self, lexicon: Lexicon) -> list[int]:
        """What a complaint has that is asked for; few others have it."""
        words = [term for run in self.runs for term in lexicon.asked(run)]
        return list(dict.fromkeys([*words, *self.facets(lexicon).values()]))

    def is_in(self, row: Mapping[str, Any]) -> bool:
        """Whether all words stand in the complaint itself: pairs of characters may lie apart from each other."""
        if not self.runs:
            return True
        found = runs("\n".join(str(row[name]) for name in _READ if row[name] is not None))
        stems = {stem(run) for run in found if not is_east_asian(run)}
        return all(
            any(run in each for each in found) if is_east_asian(run) else stem(run) in stems for run in self.runs
        )


def asked(call: Call, wanted: pb.ComplaintFilter) -> Asked:
    """Raises Invalid for words that are none, Forbidden for those who may read nothing."""
    values = set_fields(wanted)
    words = values.pop("words", None)
    if own_only(call):
        values["registered_by"] = call.actor
    return Asked(_runs(words) if words is not None else (), tuple((n, values[n]) for n in FILTERS if n in values))


def told(filters: Any) -> dict[str, Any]:
    """For the audit trail: without the words, which may name somebody."""
    given: dict[str, Any] = MessageToDict(filters, preserving_proto_field_name=True)
    return given | ({"words": "[given]"} if "words" in given else {})


def _runs(words: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(runs(words[: LONGEST + 1])))
    if not found:
        raise Invalid("there is nothing to look for", [FieldError("words", "holds no word")])
    if len(words) > LONGEST or len(found) > MOST_WORDS:
        fault = FieldError("words", f"at most {MOST_WORDS} words and {LONGEST} characters")
        raise Invalid("this is too much to look for", [fault])
    return found
