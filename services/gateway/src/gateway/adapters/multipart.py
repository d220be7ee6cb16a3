"""multipart/form-data as a stream: small fields are collected, the file passes through in pieces."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from chassis.errors import FieldError, Invalid, Malformed

_FIELD_MAX = 256 * 1024
# RFC 2046 5.1.1; the parser fails on a boundary that is longer than what it is fed.
_BOUNDARY_MAX = 70


@dataclass
class FormPart:
    name: str
    file_name: str | None
    content: bytearray = field(default_factory=bytearray)


@dataclass(frozen=True)
class FieldPart:
    name: str
    value: str


@dataclass(frozen=True)
class FileStart:
    name: str
    file_name: str


@dataclass(frozen=True)
class FilePiece:
    content: bytes


Piece = FieldPart | FileStart | FilePiece


class FormReader:
    """Feeds a push parser and hands out what it found; holds at most one field and one chunk of the file."""

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary or len(boundary) > _BOUNDARY_MAX:
            raise Malformed("the body must be multipart/form-data with a boundary", slug="malformed_form")
        self._found: list[Piece] = []
        self._header_name, self._header_value = bytearray(), bytearray()
        self._headers: dict[str, bytes] = {}
        self._part: FormPart | None = None
        self._ended = False
        self._parser = MultipartParser(boundary, self._callbacks())  # type: ignore[arg-type]

    async def pieces(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Piece]:
        """Raises Malformed when the body is no form or ends early, Invalid for a field that is too long."""
        async for chunk in chunks:
            try:
                self._parser.write(chunk)
            except MultipartParseError as error:
                raise Malformed("the form cannot be read", slug="malformed_form") from error
            for piece in self._take():
                yield piece
        if not self._ended:
            raise Malformed("the form ends too early", slug="malformed_form")

    def _take(self) -> list[Piece]:
        found, self._found = self._found, []
        return found

    def _callbacks(self) -> dict[str, object]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header_name.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header_value.extend(data[start:end]),
            "on_header_end": self._header,
            "on_headers_finished": self._open,
            "on_part_data": self._data,
            "on_part_end": self._close,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._headers = {}

    def _header(self) -> None:
        self._headers[self._header_name.decode("latin-1").lower()] = bytes(self._header_value)
        self._header_name.clear()
        self._header_value.clear()

    def _open(self) -> None:
        _, options = parse_options_header(self._headers.get("content-disposition", b""))
        name = options.get(b"name", b"").decode("utf-8", "replace")
        file_name = _file_name(options[b"filename"]) if b"filename" in options else None
        self._part = FormPart(name, file_name)
        if file_name is not None:
            self._found.append(FileStart(name, file_name))

    def _data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        assert part is not None
        if part.file_name is not None:
            self._found.append(FilePiece(bytes(data[start:end])))
            return
        part.content += data[start:end]
        if len(part.content) > _FIELD_MAX:
            raise Invalid("a field of the form is too long", [FieldError(part.name, f"at most {_FIELD_MAX} bytes")])

    def _close(self) -> None:
        part, self._part = self._part, None
        if part is not None and part.file_name is None:
            self._found.append(FieldPart(part.name, _text(part)))

    def _end(self) -> None:
        self._ended = True


def _file_name(given: bytes) -> str:
    """PostgreSQL keeps no NUL in text, and no file has one in its name."""
    return given.decode("utf-8", "replace").replace("\x00", "")[:200]


def _text(part: FormPart) -> str:
    """Raises Malformed for what is not UTF-8, Invalid for a NUL."""
    try:
        text = part.content.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("a field is not UTF-8", [FieldError(part.name, "not UTF-8")]) from None
    if "\x00" in text:
        raise Invalid("the form does not fit", [FieldError(part.name, "must not contain the NUL character")])
    return text
