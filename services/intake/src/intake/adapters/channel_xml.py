"""XML from strangers: no entities, no document types, a bounded depth."""

from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from intake.domain.channels.hook import Unreadable

MAX_DEPTH = 32


def read_xml(body: bytes) -> dict[str, Any]:
    """The children of the root by name, nested ones as objects, repeated ones as lists. Raises Unreadable."""
    try:
        root = fromstring(body, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException:
        raise Unreadable("document types and entities are not read") from None
    except (ParseError, ValueError, LookupError) as error:
        raise Unreadable("the body is not XML") from error
    return _children(root, MAX_DEPTH)


def _children(element: Element, left: int) -> dict[str, Any]:
    if not left:
        raise Unreadable("the XML is nested too deeply")
    found: dict[str, Any] = {}
    for child in element:
        value: Any = _children(child, left - 1) if len(child) else (child.text or "").strip()
        before = found.get(child.tag)
        if before is None:
            found[child.tag] = value
        elif isinstance(before, list):
            before.append(value)
        else:
            found[child.tag] = [before, value]
    return found
