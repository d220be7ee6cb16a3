from dataclasses import dataclass, field


@dataclass(slots=True)
class FileFacts:
    """What a file turned out to be, told in the report of its import."""

    format: str = ""
    encoding: str = ""
    line_ends: str = ""
    delimiter: str = ""
    sheet: str = ""
    notes: list[str] = field(default_factory=list)
