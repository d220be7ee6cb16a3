"""Bytes of a file, as they arrive, to text: UTF-8 and UTF-16 (with BOM or without), else the charset that makes most
sense, which in doubt is GB18030 (GBK, GB2312)."""

import codecs

from intake.domain.charsets import detected

SAMPLE_BYTES = 64 * 1024
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_MOSTLY = 0.9
_FEW_NULS = 0.05


class TextStream:
    """Decides on the encoding when it must, not before: pure ASCII passes and tells nothing.

    Bytes that do not fit become lone surrogates (U+FFFD in rarer encodings), so that the row they stand in can be
    refused and the others read.
    """

    def __init__(self) -> None:
        self.encoding = ""
        self._waiting = b""
        self._decoder: codecs.IncrementalDecoder | None = None
        self._at_start = True

    def feed(self, chunk: bytes) -> str:
        if self._decoder is not None:
            return self._decoder.decode(chunk)
        self._waiting += chunk
        return self._settle() if len(self._waiting) >= SAMPLE_BYTES else ""

    def finish(self) -> str:
        text = self._settle() if self._decoder is None else ""
        assert self._decoder is not None
        if self.encoding == "ascii":
            self.encoding = "utf-8"
        return text + self._decoder.decode(b"", True)

    def _settle(self) -> str:
        sample, self._waiting = self._waiting, b""
        encoding = _encoding_of(sample, at_start=self._at_start)
        self._at_start = False
        if encoding != "ascii" or not sample:
            self._decoder = _decoder(encoding or "utf-8")
        if encoding == "ascii" and len(sample) >= SAMPLE_BYTES:
            return sample.decode("ascii")
        self.encoding = encoding
        self._decoder = self._decoder or _decoder("utf-8")
        return self._decoder.decode(sample)


def _decoder(encoding: str) -> codecs.IncrementalDecoder:
    """Only decoders that leave ASCII bytes alone can let the others escape one by one."""
    escapes = encoding in ("utf-8", "utf-8-sig", "gb18030")
    return codecs.getincrementaldecoder(encoding)("surrogateescape" if escapes else "replace")


def _encoding_of(sample: bytes, *, at_start: bool) -> str:
    if at_start:
        for bom, name in _BOMS:
            if sample.startswith(bom):
                return name
        if wide := _utf16_without_mark(sample):
            return wide
    if sample.isascii():
        return "ascii"
    return "utf-8" if _share_of_utf8(sample) >= _MOSTLY else detected(sample, or_else="gb18030")


def _utf16_without_mark(sample: bytes) -> str:
    """Commas and line ends of such a file are NULs on one side: on which one tells the byte order."""
    nuls = sample.count(0)
    if nuls < _FEW_NULS * len(sample):
        return ""
    odd = sample[1::2].count(0)
    if odd > _MOSTLY * nuls:
        return "utf-16-le"
    return "utf-16-be" if nuls - odd > _MOSTLY * nuls else ""


def _share_of_utf8(sample: bytes) -> float:
    """Share of the bytes above ASCII that make sense in UTF-8; a sequence cut at the sample's end is no fault."""
    text = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(sample)
    wrong = sum("\udc80" <= character <= "\udcff" for character in text)
    beyond_ascii = sum(byte >= 0x80 for byte in sample)
    return 1 - wrong / beyond_ascii
