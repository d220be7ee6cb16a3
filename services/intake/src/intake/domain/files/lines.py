"""Text as it arrives to lines; the kinds of line ends it met are counted."""


class LineStream:
    """Feed text, take whole lines, each with "\\n" at its end; what has no end yet is held as `rest`."""

    def __init__(self) -> None:
        self.rest = ""
        self._counts = {"LF": 0, "CRLF": 0, "CR": 0}

    @property
    def ends(self) -> str:
        """LF, CRLF or CR; `mixed` for several, empty for none."""
        met = [kind for kind, count in self._counts.items() if count]
        return "mixed" if len(met) > 1 else "".join(met)

    def feed(self, text: str) -> list[str]:
        text, held = self.rest + text, ""
        if text.endswith("\r"):
            # May be half of a CRLF.
            text, held = text[:-1], "\r"
        if "\r" in text:
            text = self._with_one_end(text)
        *whole, rest = text.split("\n")
        self._counts["LF"] += len(whole)
        self.rest = rest + held
        return [line + "\n" for line in whole]

    def finish(self) -> str:
        """The last line, which ended with the file."""
        rest, self.rest = self.rest, ""
        if rest.endswith("\r"):
            self._counts["CR"] += 1
            rest = rest[:-1] + "\n"
        return rest

    def _with_one_end(self, text: str) -> str:
        crlf, cr = text.count("\r\n"), text.count("\r")
        self._counts["CRLF"] += crlf
        self._counts["CR"] += cr - crlf
        self._counts["LF"] -= cr
        return text.replace("\r\n", "\n").replace("\r", "\n")
