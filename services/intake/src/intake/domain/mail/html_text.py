"""HTML of a mail to the text that its reader sees.

By hand and in one pass: html.parser (3.11) takes quadratic time over markup that was made to hurt.
"""

import html
import re

MAX_CHARACTERS = 1_000_000
_NAME = re.compile(r"/?\s*([a-zA-Z][a-zA-Z0-9:]*)")
_BLANKS = re.compile(r"[ \t\r\n\f\xa0\u3000]+")
_INVISIBLE = frozenset({"script", "style", "title", "template", "noscript", "object", "svg"})
_PARAGRAPHS = frozenset(
    {"p", "div", "table", "ul", "ol", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "form", "section", "hr"}
    | {"article", "header", "footer", "body", "dl", "fieldset", "center", "address"}
)
_LINES = frozenset({"br", "tr", "dt", "dd", "option"})


def html_text(markup: str) -> str:
    """Lines and paragraphs as the tags tell them; scripts, styles and comments left out; entities resolved."""
    markup = markup[:MAX_CHARACTERS]
    lowered, out, at = markup.lower(), [], 0
    if len(lowered) != len(markup):
        # A character whose lower case is longer (İ): positions must agree.
        lowered = markup
    while (start := markup.find("<", at)) >= 0:
        out.append(_BLANKS.sub(" ", markup[at:start]))
        at, said = _tag(markup, lowered, start)
        out.append(said)
    out.append(_BLANKS.sub(" ", markup[at:]))
    return html.unescape("".join(out))


def _tag(markup: str, lowered: str, start: int) -> tuple[int, str]:
    """Where the tag at `start` ends, and what it says: a line end, a bullet, mostly nothing."""
    if lowered.startswith("<!--", start):
        return _after(lowered, "-->", start), ""
    named = _NAME.match(markup, start + 1)
    if named is None:
        return (_after(lowered, ">", start), "") if markup[start + 1 : start + 2] in ("!", "?") else (start + 1, "<")
    name, end = named.group(1).lower(), _after(lowered, ">", start)
    if name in _INVISIBLE and markup[start + 1] != "/" and markup[end - 2 : end - 1] != "/":
        close = lowered.find(f"</{name}", end)
        return (_after(lowered, ">", close) if close >= 0 else end if name == "title" else len(markup)), ""
    return end, _said(name, closing=markup[start + 1] == "/")


def _said(name: str, *, closing: bool) -> str:
    if name in _PARAGRAPHS:
        return "\n\n" if name == "p" else "\n"
    if name in _LINES:
        return "\n"
    if name == "li":
        return "" if closing else "\n- "
    return "\t" if name in ("td", "th") and closing else ""


def _after(text: str, mark: str, start: int) -> int:
    found = text.find(mark, start)
    return found + len(mark) if found >= 0 else len(text)
