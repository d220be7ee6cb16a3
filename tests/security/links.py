"""Follows the OpenAPI links of a document: ids and versions of the next call come from the last answer alone."""

import json
import re
from collections import Counter
from typing import Any

import httpx

_EXPRESSION = re.compile(r"^\$response\.body#(/.*)$")
_EMBEDDED = re.compile(r"{\$response\.body#(/[^}]*)}")


def at(body: Any, pointer: str) -> Any:
    for part in pointer.strip("/").split("/"):
        body = body[int(part)] if isinstance(body, list) else body[part]
    return body


class Walker:
    """`first` calls an operation without parameters; `follow` goes on from the last answer."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self.document: dict[str, Any] = client.get("/openapi.json").json()
        self.followed: Counter[str] = Counter()
        self.body: Any = None
        self._links: dict[str, Any] = {}

    def first(self, operation: str, body: Any = None) -> Any:
        return self._call(operation, {}, {}, body)

    def follow(self, operation: str, body: Any = None) -> Any:
        assert operation in self._links, f"no link to {operation}, but to {', '.join(self._links)}"
        link = self.document["components"]["links"][self._links[operation]["$ref"].rsplit("/", 1)[1]]
        given = {name: self._evaluated(text) for name, text in link["parameters"].items()}
        path = {name[5:]: value for name, value in given.items() if name.startswith("path.")}
        headers = {name[7:]: value for name, value in given.items() if name.startswith("header.")}
        self.followed[operation] += 1
        return self._call(operation, path, headers, body)

    def _evaluated(self, text: str) -> str:
        if whole := _EXPRESSION.match(text):
            return str(at(self.body, whole[1]))
        return _EMBEDDED.sub(lambda found: str(at(self.body, found[1])), text)

    def _call(self, operation: str, path: dict[str, str], headers: dict[str, str], body: Any) -> Any:
        url, verb, described = self._described(operation)
        answer = self._client.request(verb, url.format(**path), headers=headers, json=body)
        assert answer.is_success, (operation, answer.status_code, answer.text)
        self.body = json.loads(answer.text)
        self._links = described["responses"][str(answer.status_code)].get("links", {})
        return self.body

    def _described(self, operation: str) -> tuple[str, str, dict[str, Any]]:
        for url, verbs in self.document["paths"].items():
            for verb, described in verbs.items():
                if described["operationId"] == operation:
                    return url, verb.upper(), described
        raise AssertionError(f"no operation {operation}")
