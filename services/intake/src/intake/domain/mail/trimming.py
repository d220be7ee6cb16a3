"""What someone wrote in answer, without what their mail program quotes below it and without signatures.

Each line gets a mark; what is cut then follows from the order of the marks. In doubt more is kept than less: the whole
text stays in the raw mail.
"""

import re
from collections.abc import Iterator

from intake.domain.mail.reply_marks import Mark, introduces, mark_of, may_introduce

_LINES_OF_INTRO = 6
_MOST_LINES = 20_000
_FOOTER_LINES = 7
"""Fewer lines of text below a quote are a footer or a signature; more are an answer."""

# With an own text above, everything from here on is the mail that is answered.
_INTRO_WITHOUT_QUOTE = re.compile(r"te*(?=i[^q]*$)")
_INTRO_AND_ONE_QUOTE = re.compile(r"te*(?=i[eqih]*(?P<below>[te]*)$)")
_QUOTE_AT_END = re.compile(r"te*(?=[qie]+$)")
_HEADERS = re.compile(r"t[eq]*(?=h{3,})")
_HEADERS_OVER_LINES = re.compile(r"h+t?h+(?:t?h+)*")


def trimmed(text: str) -> str:
    """Empty when nothing but quotes and signatures is there."""
    lines = text.replace("\r\n", "\n").replace("\u00a0", " ").split("\n")[:_MOST_LINES]
    marks = "".join(_marks(lines))
    if Mark.DELIMITER in marks:
        marks = marks[: marks.index(Mark.DELIMITER)]
    lines, marks = _without(lines, marks, Mark.ADVERT)
    for cut in (_above_the_quoted_mail, _above_headers):
        marks = marks[: cut(marks)]
    lines, marks = _without(lines, marks, Mark.INTRO)
    if Mark.TEXT in marks:
        marks = marks.rstrip(Mark.BLANK + Mark.QUOTE)
    if not set(marks) & {Mark.TEXT, Mark.HEADER}:
        return ""
    return "\n".join(lines[: len(marks)]).strip("\n").rstrip()


def _marks(lines: list[str]) -> Iterator[str]:
    """One letter per line; a line that introduces a quote may be broken into several."""
    n = 0
    while n < len(lines):
        taken = _intro(lines, n)
        yield from Mark.INTRO * taken if taken else mark_of(lines[n])
        n += taken or 1


def _intro(lines: list[str], start: int) -> int:
    """How many lines from `start` on say who wrote what follows; 0 for none."""
    if lines[start].lstrip().startswith(">") or not may_introduce(lines[start]):
        return 0
    said = ""
    for taken, line in enumerate(lines[start : start + _LINES_OF_INTRO], 1):
        said = f"{said} {line.strip()}".strip()
        if introduces(said):
            return taken
    return 0


def _above_the_quoted_mail(marks: str) -> int:
    if found := _INTRO_WITHOUT_QUOTE.search(marks):
        return found.end()
    found = _INTRO_AND_ONE_QUOTE.search(marks)
    if found and found["below"].count(Mark.TEXT) < _FOOTER_LINES:
        return found.end()
    found = _QUOTE_AT_END.search(marks)
    return found.end() if found else len(marks)


def _above_headers(marks: str) -> int:
    """Three headers in a row begin the mail that is answered; long ones go on in the next line."""
    whole = _HEADERS_OVER_LINES.sub(lambda headers: Mark.HEADER * len(headers[0]), marks)
    found = _HEADERS.search(whole)
    return found.end() if found else len(marks)


def _without(lines: list[str], marks: str, mark: Mark) -> tuple[list[str], str]:
    kept = [n for n, each in enumerate(marks) if each != mark]
    return [lines[n] for n in kept], "".join(marks[n] for n in kept)
