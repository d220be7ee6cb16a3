"""A public route that is one call to one owner, as a row. What the proto says is not said again."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from starlette.requests import Request

from gateway.adapters.contracts import method_of
from gateway.app.principal import STAFF
from gateway.routes.descriptors import message_type

# Wrappers of a request whose fields stand flat in the query.
_FLATTENED = ("page", "filter")
VERSION_FIELD = "if_version"
_BESIDE_ITEMS = {"next_cursor", "json"}
SERVICE_PARAMETER = "service"
KIND_PARAMETER = "kind"


@dataclass(frozen=True)
class Forward:
    verb: str
    path: str
    rpc: str
    """`<owner>.<Method>`; owner `admin` is the AdminService that every service has"""
    summary: str
    roles: frozenset[str] = STAFF
    status: int = 200
    any_version: bool = False
    """If-Match may be missing."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Path parameter -> field of the request."""
    hidden: frozenset[str] = frozenset()
    """Fields of the request that are not offered."""
    location: str = ""
    """Of what a 201 made, filled from the reply."""
    service: str = ""
    """Who is asked, where it is neither the owner nor named by {service} in the path."""
    completed: Callable[[Request, Message], Awaitable[None]] | None = None
    """Fills in what a client need not say and the owner cannot know."""
    operation: str = ""
    """operationId, where two routes call the same RPC."""

    @property
    def owner(self) -> str:
        return self.rpc.split(".")[0]

    @property
    def name(self) -> str:
        return self.rpc.split(".")[1]

    @cached_property
    def method(self) -> MethodDescriptor:
        return method_of(self.owner, self.name)

    @property
    def operation_id(self) -> str:
        return self.operation or self.name[0].lower() + self.name[1:]

    @property
    def writes(self) -> bool:
        return self.verb != "GET"

    @cached_property
    def path_fields(self) -> dict[str, str]:
        """Path parameter -> field of the request."""
        names = re.findall(r"{(\w+)}", self.path)
        return {name: self.renamed.get(name, name) for name in names if name != SERVICE_PARAMETER}

    @property
    def names_service(self) -> bool:
        return f"{{{SERVICE_PARAMETER}}}" in self.path

    @property
    def names_kind(self) -> bool:
        """Its owner is that of the kind of definition in the path."""
        return self.owner == "definitions"

    @cached_property
    def takes_version(self) -> bool:
        return VERSION_FIELD in self.method.input_type.fields_by_name

    @cached_property
    def given(self) -> list[FieldDescriptor]:
        """What a client sends in body or query: everything but path, version and hidden fields."""
        taken = {*self.path_fields.values(), VERSION_FIELD, *self.hidden}
        return [f for f in self._flat(self.method.input_type) if f.name not in taken]

    def nested_in(self, name: str) -> str | None:
        """The wrapper that a flattened field belongs to."""
        fields = self.method.input_type.fields_by_name
        return next((w for w in _FLATTENED if w in fields and name in message_type(fields[w]).fields_by_name), None)

    @cached_property
    def listed(self) -> FieldDescriptor | None:
        """The repeated field of a reply that is a list, perhaps with a cursor, perhaps written out as JSON too."""
        fields = list(self.method.output_type.fields)
        others = {f.name for f in fields[1:]}
        return fields[0] if fields and fields[0].is_repeated and others <= _BESIDE_ITEMS else None

    def _flat(self, message: Descriptor) -> list[FieldDescriptor]:
        flat: list[FieldDescriptor] = []
        for f in message.fields:
            flat.extend(message_type(f).fields if f.name in _FLATTENED else [f])
        return flat
