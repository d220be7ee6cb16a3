"""OpenAPI links: what can be called next with what an answer holds. Made from names, as one thing has one name.

An answer that is a task leads to every operation whose path needs just its `task_id`; where the operation wants
If-Match, the task's version goes along. Every other id in an answer, also that of the first item of a list, leads to
the thing it names. Chains such as register → case → task → close then need no knowledge but the document.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Document = dict[str, Any]
_PARAMETER = re.compile(r"{(\w+)}")
# A case carries the id of its complaint (ADR 1).
_SAME_ID = {"complaint_id": "case_id"}


@dataclass(frozen=True)
class Operation:
    verb: str
    path: str
    content: dict[str, Any]

    @cached_property
    def name(self) -> str:
        return str(self.content["operationId"])

    @cached_property
    def needs(self) -> list[str]:
        return _PARAMETER.findall(self.path)

    @cached_property
    def takes_version(self) -> bool:
        return any(parameter["name"] == "If-Match" for parameter in self.content.get("parameters", ()))

    @cached_property
    def shows(self) -> str:
        """The id of the one thing that it answers with; empty for any other operation."""
        of_one = self.verb == "get" and len(self.needs) == 1 and self.path.endswith(f"{{{self.needs[0]}}}")
        return self.needs[0] if of_one else ""


@dataclass(frozen=True)
class Answer:
    """What one answer holds: its own id, every other id in it, and where."""

    own: str
    places: dict[str, str]
    versioned: bool

    def leads_to(self, operation: Operation) -> bool:
        return (
            self.own in operation.needs
            and self.places.keys() >= {*operation.needs}
            and (self.versioned or not operation.takes_version)
        )


def add_links(document: Document) -> None:
    shared = document["components"].setdefault("links", {})
    operations = list(_operations(document))
    for operation in operations:
        for status in operation.content["responses"].keys() & {"200", "201"}:
            response = operation.content["responses"][status]
            for name, link in _links(_answer(document, response), operations):
                shared[name] = link
                response.setdefault("links", {})[link["operationId"]] = {"$ref": f"#/components/links/{name}"}


def _operations(document: Document) -> Iterator[Operation]:
    for path, operations in document["paths"].items():
        for verb, content in operations.items():
            yield Operation(verb, path, content)


def _answer(document: Document, response: dict[str, Any]) -> Answer:
    schema = _resolved(document, response.get("content", {}).get("application/json", {}).get("schema", {}))
    properties = schema.get("properties", {})
    places = {name: f"/{name}" for name in properties}
    for name, inner in properties.items():
        listed = _resolved(document, inner)
        if listed.get("type") == "array":
            within = _resolved(document, listed.get("items", {})).get("properties", {})
            places = {each: f"/{name}/0/{each}" for each in within} | places
    own = next((name for name in properties if name.endswith("_id")), "")
    return Answer(own, places, "version" in properties)


def _resolved(document: Document, schema: dict[str, Any]) -> dict[str, Any]:
    """Behind a $ref, and the part of `… | null` that is not null."""
    if one_of := schema.get("anyOf"):
        schema = next((each for each in one_of if each.get("type") != "null"), {})
    if ref := schema.get("$ref"):
        schema = document["components"]["schemas"][ref.rsplit("/", 1)[-1]]
    return schema


def _links(answer: Answer, operations: list[Operation]) -> Iterator[tuple[str, dict[str, Any]]]:
    shown = [
        (wanted, place) for name, place in answer.places.items() for wanted in (name, _SAME_ID.get(name)) if wanted
    ]
    for operation in operations:
        for wanted, place in shown if operation.shows else ():
            if operation.shows == wanted:
                yield _link(operation, {wanted: place})
        if answer.own and answer.leads_to(operation):
            yield _link(operation, {name: answer.places[name] for name in operation.needs})


def _link(operation: Operation, places: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """With a name of its own, so that equal links are one component."""
    parameters = {f"path.{name}": f"$response.body#{place}" for name, place in places.items()}
    if operation.takes_version:
        parameters["header.If-Match"] = '"{$response.body#/version}"'
    origin = re.sub(r"\W+", "_", "".join(places.values()))
    return f"{operation.name}{origin}", {"operationId": operation.name, "parameters": parameters}
