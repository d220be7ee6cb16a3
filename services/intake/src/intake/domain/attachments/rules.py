"""What may be attached: by its bytes, not by its name."""

import re
import unicodedata
from dataclasses import dataclass

from chassis.errors import FieldError, Invalid

MAX_NAME = 200
MAX_NOTE = 2_000
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_FOLDERS = re.compile(r"[\\/]")

# What an operating system would run. Archives and documents with macros pass: the scanner looks into them.
_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"#!",
)


@dataclass(frozen=True)
class Limits:
    size: int
    """Bytes of one file."""
    count: int
    """Files of one complaint that were not removed."""

    def check_size(self, size: int) -> None:
        if size > self.size:
            raise Invalid(
                "the file is too large",
                [FieldError("file", f"at most {self.size} bytes")],
                slug="too_large",
                status=413,
            )

    def check_count(self, known: int) -> None:
        if known >= self.count:
            raise Invalid("the complaint has enough files", [FieldError("file", f"at most {self.count} per complaint")])


def clean_name(given: str) -> str:
    """The last part of a path, without what a terminal or a browser could take for a command. Never empty."""
    last = _FOLDERS.split(unicodedata.normalize("NFC", given))[-1]
    shown = "".join(c for c in last if unicodedata.category(c) not in _UNPRINTABLE).strip(" .")
    if len(shown) > MAX_NAME:
        stem, dot, ending = shown.rpartition(".")
        shown = f"{stem[: MAX_NAME - len(ending) - 1]}.{ending}" if dot and len(ending) <= 16 else shown[:MAX_NAME]
    return shown or "file"


def check_beginning(head: bytes) -> None:
    """Raises Invalid for a program; a file that is empty is none."""
    if not head:
        raise Invalid("the file is empty", [FieldError("file", "has no bytes")])
    if head.startswith(_PROGRAMS):
        raise Invalid("programs cannot be attached", [FieldError("file", "is a program")], slug="unfit_file")


def check_note(note: str) -> str:
    if len(note) > MAX_NOTE:
        raise Invalid("the note is too long", [FieldError("note", f"at most {MAX_NOTE} characters")])
    return note.strip()
