"""Label and field selectors of lists and watches."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tests.deploy.double.store import Json

_SET = re.compile(r"(\S+) (in|notin) \((.*)\)")


@dataclass(frozen=True)
class Selection:
    labels: str
    fields: str

    @staticmethod
    def of(query: Mapping[str, str]) -> "Selection":
        return Selection(query.get("labelSelector", ""), query.get("fieldSelector", ""))

    def takes(self, item: Json) -> bool:
        labels = item["metadata"].get("labels") or {}
        return all(_holds(term, labels) for term in _terms(self.labels)) and all(
            _holds(term, _fields_of(item)) for term in _terms(self.fields)
        )


def _terms(selector: str) -> list[str]:
    return [term.strip() for term in re.split(r",(?![^(]*\))", selector) if term.strip()]


def _fields_of(item: Json) -> dict[str, str]:
    meta = item["metadata"]
    found = {"metadata.name": meta["name"], "metadata.namespace": meta.get("namespace", "")}
    return found | {"status.phase": item.get("status", {}).get("phase", "")}


def _holds(term: str, values: Mapping[str, str]) -> bool:
    if match := _SET.fullmatch(term):
        chosen = {value.strip() for value in match[3].split(",")}
        return (values.get(match[1]) in chosen) == (match[2] == "in")
    if "!=" in term:
        name, value = term.split("!=")
        return values.get(name) != value
    if "=" in term:
        name, _, value = term.partition("=")
        return values.get(name) == value.lstrip("=")
    return (term.lstrip("!") in values) != term.startswith("!")
