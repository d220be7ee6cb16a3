"""Kubernetes' own schemas, strictly, as kubernetes-validate carries them; its own call reads 5 MB for each object."""

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from kubernetes_validate import SchemaNotFoundError  # type: ignore[import-untyped]
from kubernetes_validate.utils import (  # type: ignore[import-untyped]
    all_versions,
    latest_version,
    major_minor,
    schema_contents,
)
from referencing import Registry, Resource

from tests.deploy.chart.release import Document


def supported() -> tuple[str, ...]:
    return tuple(sorted({major_minor(version) for version in all_versions()}))


def newest() -> str:
    return str(major_minor(latest_version()))


def complaints(document: Document, version: str) -> list[str]:
    """What that version of the API server would refuse. Raises SchemaNotFoundError for a kind it does not have."""
    found = _validator(document["kind"], document["apiVersion"], version).iter_errors(document)
    where = f"{document['kind']}/{document['metadata']['name']}"
    return [f"{where} .{'.'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in found]


@cache
def _validator(kind: str, api_version: str, version: str) -> Any:
    group, _, rest = api_version.rpartition("/")
    name = "-".join(part for part in (kind.lower(), group.partition(".")[0], rest) if part)
    try:
        schema = schema_contents(f"kubernetes-json-schema/v{version}.0-local-strict/{name}.json", version)
    except FileNotFoundError as error:
        raise SchemaNotFoundError(kind=kind, version=version, api_version=api_version) from error
    return Draft202012Validator(schema, registry=_registry(version))


@cache
def _registry(version: str) -> Any:
    contents = schema_contents(f"kubernetes-json-schema/v{version}.0-local-strict/_definitions.json", version)
    definitions = Resource.from_contents(contents)
    return (definitions @ Registry()).crawl()
