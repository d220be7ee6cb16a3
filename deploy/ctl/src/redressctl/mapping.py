"""Which mapping fits a file, and what one row means by it, for the few rows that the demo sends by themselves."""

import codecs
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from redressctl.errors import UnknownFile
from redressctl.tables import header_of, kind_of, rows_of

_NAME = re.compile(r"\{([^{}]+)\}")
_SNIFFED_BYTES = 65_536


@dataclass(frozen=True)
class MappedFile:
    path: Path
    mapping: Mapping[str, Any]
    encoding: str

    def rows(self) -> Iterator[dict[str, str]]:
        yield from rows_of(self.path, self.encoding)


def mapped(path: Path, mapping_file: Path | None) -> MappedFile:
    """The file with the mapping given, or with the first known one whose columns it has.

    Raises UnknownFile naming the columns that were found.
    """
    kind_of(path)
    encoding = encoding_of(path.read_bytes()[:_SNIFFED_BYTES])
    if mapping_file is not None:
        return MappedFile(path, _read(mapping_file), encoding)
    return MappedFile(path, fitting(header_of(path, encoding), known_mappings()), encoding)


def fitting(header: Sequence[str], known: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The known mapping that uses the most columns of this header and needs no other."""
    fits = [mapping for mapping in known if columns_used(mapping) <= set(header)]
    if not fits:
        raise UnknownFile(
            f"No mapping fits the columns {', '.join(header) or '(none)'}: write one and give it by --mapping "
            "(see `redressctl demo --help`)."
        )
    return max(fits, key=lambda mapping: len(columns_used(mapping)))


def columns_used(mapping: Mapping[str, Any]) -> set[str]:
    named: set[str] = set()
    for source in mapping["columns"].values():
        named |= {source["column"]} if "column" in source else set()
        named |= {*_NAME.findall(source.get("template", "")), *_NAME.findall(source.get("default", ""))}
    return named | {*mapping.get("kept", {}).values()}


def known_mappings() -> list[dict[str, Any]]:
    folder = resources.files("redressctl") / "mappings"
    return [json.loads(entry.read_text()) for entry in sorted(folder.iterdir(), key=lambda e: e.name)]


def encoding_of(head: bytes) -> str:
    """UTF-8 with or without mark, UTF-16 with one, else GB18030 (which contains GBK and GB2312)."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    whole = len(head) < _SNIFFED_BYTES  # of a longer file the sample may end within a character
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=whole)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"


def complaint_of(mapping: Mapping[str, Any], row: Mapping[str, str]) -> dict[str, Any]:
    """The row as the body of POST /v1/complaints; what only a file may say (safety_not_asked) is left out."""
    body: dict[str, Any] = {"channel": mapping["channel"], "language": mapping.get("language", "")}
    for field, source in mapping["columns"].items():
        text = _text(source, row)
        text = mapping.get("values", {}).get(field, {}).get(text, text)
        if text:
            body[field] = _time(mapping, text) if field.startswith("t_") else text
    return body


def _text(source: Mapping[str, str], row: Mapping[str, str]) -> str:
    made = source.get("constant") or _filled(source.get("template", ""), row)
    direct = row[source["column"]] if "column" in source else made
    return direct.strip() or _filled(source.get("default", ""), row).strip()


def _filled(template: str, row: Mapping[str, str]) -> str:
    return _NAME.sub(lambda found: row.get(found.group(1), found.group(0)) or "", template)


def _time(mapping: Mapping[str, Any], text: str) -> str:
    for form in mapping.get("date_formats", []):
        try:
            at = datetime.strptime(text, form).replace(tzinfo=ZoneInfo(mapping.get("time_zone", "UTC")))
        except ValueError:
            continue
        return at.isoformat()
    return text


def is_time(text: str) -> bool:
    """With a zone, as the API wants it."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _read(mapping_file: Path) -> dict[str, Any]:
    try:
        document = json.loads(mapping_file.read_text())
    except (OSError, ValueError) as error:
        raise UnknownFile(f"The mapping {mapping_file} cannot be read ({error}): it must be one JSON object.") from None
    if not isinstance(document, dict) or not isinstance(document.get("columns"), dict):
        raise UnknownFile(f"The mapping {mapping_file} has no object `columns`: field -> where its text comes from.")
    return document
