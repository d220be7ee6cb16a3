"""The public contract as a document: valid, complete, and made without a server or settings."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gateway.entrypoints.http import create_app
from gateway.entrypoints.openapi import as_text

PUBLIC = {"createToken", "getPublicStatus", "getPublicForm", "answerPublicForm"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return dict(json.loads(as_text(create_app("https://redress.example"))))


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            yield verb, path, operation


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_it_is_openapi_3_1_and_says_where_it_is_served(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "https://redress.example"}]
    assert {"title", "version", "description"} <= document["info"].keys()


def test_every_schema_is_a_valid_json_schema(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in set(references(document)):
        node: Any = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


def test_every_operation_has_a_name_of_its_own_a_summary_and_one_tag(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    for _, _, operation in operations(document):
        assert operation["summary"]
        assert len(operation["tags"]) == 1


def test_every_operation_says_which_credentials_and_roles_it_needs(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]
    for _, path, operation in operations(document):
        if operation["operationId"] in PUBLIC:
            assert operation["security"] == []
            continue
        assert {name for each in operation["security"] for name in each} == set(schemes), path
        assert operation["x-roles"], path


def test_every_operation_names_its_refusals_as_problems(document: dict[str, Any]) -> None:
    shared = document["components"]["responses"]
    for verb, path, operation in operations(document):
        expected = {"429", "503", "422"} | (set() if verb == "get" else {"400", "409", "413", "415"})
        expected |= set() if path.startswith("/v1/public/") else {"401"}
        assert expected <= operation["responses"].keys(), path
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                problem = shared[response["$ref"].rsplit("/", 1)[1]]
                assert list(problem["content"]) == ["application/problem+json"], path


def test_every_success_has_a_schema(document: dict[str, Any]) -> None:
    for verb, path, operation in operations(document):
        (success, *_) = (operation["responses"][s] for s in ("201", "200") if s in operation["responses"])
        (content,) = success["content"].values()
        assert content["schema"], f"{verb} {path}"


def test_every_parameter_of_a_path_is_declared(document: dict[str, Any]) -> None:
    for _, path, operation in operations(document):
        declared = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
        assert declared == {part[1:-1] for part in path.split("/") if part.startswith("{")}, path


def test_every_write_takes_an_idempotency_key_and_every_change_its_version(document: dict[str, Any]) -> None:
    for verb, path, operation in operations(document):
        headers = {p["name"] for p in operation.get("parameters", []) if p["in"] == "header"}
        if verb != "get" and operation["operationId"] not in PUBLIC:
            assert "Idempotency-Key" in headers, path
        assert ("If-Match" in headers) == ("412" in operation["responses"]), path


def test_request_bodies_refuse_unknown_fields_in_the_document_too(document: dict[str, Any]) -> None:
    for _, path, operation in operations(document):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            schema = content["schema"].get("anyOf", [content["schema"]])[0]
            if schema.get("format") == "binary":
                continue
            if "$ref" in schema:
                schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
            assert schema["additionalProperties"] is False, path


def test_the_document_is_the_same_each_time(document: dict[str, Any]) -> None:
    assert json.loads(as_text(create_app("https://redress.example"))) == document
