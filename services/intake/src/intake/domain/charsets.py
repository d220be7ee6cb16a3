"""Bytes to the text that a person would read: by the charset that was declared, else by the one that makes sense."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

SAMPLE_BYTES = 8 * 1024
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_LATIN_MIXED = re.compile(r"[A-Za-z][Ѐ-ӿ]|[Ѐ-ӿ][A-Za-z]")
_BENEFIT_OF_DOUBT = 0.15
_ENOUGH_TO_DOUBT = 16
"""Bytes beyond ASCII."""
_FAR_MORE_SENSE = 0.6
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What mailers write -> what they mean: supersets that also read what strictly should not be there.
_MEANT = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "gb_2312-80": "gb18030",
    "big5": "cp950",
    "shift_jis": "cp932",
    "sjis": "cp932",
    "euc_kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "iso8859-1": "cp1252",
    "iso-8859-8-i": "iso8859-8",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
}
_FREQUENT_HAN = frozenset(
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家对可里后小么心多天而能好都然没日于起还"
    "发成事只作当想看文无开手用主行方又如前所本见经头面公同已老从动两长知样现分将外但些与高意进把法此实回点月明其全工话者向情部"
    "正名定女问力机给等几很业最间新什打便位因重被走电第门相次使再平真听气信少关并内加化由产入先体别处总才书比住员性通报立活难"
    "這個們來時會說國學對為過還沒後發現開關電話請問題產品處車買單與應實"
)
_FREQUENT_HANGUL = frozenset("이다는을에의가고하지로를은한도서시기사니어자대나아그해라리습수있요세부전인")
_TYPOGRAPHY = frozenset("‘’“”–—…•€£©®°«»·")


@dataclass(frozen=True, slots=True)
class Decoded:
    text: str
    charset: str
    guessed: bool
    """Nothing was declared, or what was declared does not fit."""


def decoded(content: bytes, declared: str = "") -> Decoded:
    """Never raises; what fits nowhere is shown as U+FFFD."""
    if content.isascii() and b"\x1b" not in content and not declared.lower().startswith(("utf-7", "unicode-1", "hz")):
        return Decoded(content.decode("ascii"), "us-ascii", guessed=False)
    known = codec_of(declared)
    if known and known != "ascii" and not _is_utf16_by_name_only(known, content):
        try:
            text = content.decode(known)
        except (UnicodeError, ValueError):
            pass
        else:
            if (other := _much_likelier(content, known)) is None:
                return Decoded(text, known, guessed=False)
            return Decoded(_readable(content, other), other, guessed=True)
    name = detected(content)
    if known and name == "cp1252" and known not in ("ascii", "utf-8"):
        name = known
    return Decoded(_readable(content, name), name, guessed=True)


def _much_likelier(content: bytes, declared: str) -> str | None:
    """Another charset that makes far more sense: many mailers declare the one of their own country, whatever they send,
    and some charsets decode anything."""
    weighed = "cp1252" if declared.startswith("iso8859") else declared
    if weighed not in _CANDIDATES:
        return None
    sample = _sample(content)
    if len(_BEYOND_ASCII.findall(sample)) < _ENOUGH_TO_DOUBT:
        return None
    other = detected(content)
    if other not in _CANDIDATES or other == weighed:
        return None
    return other if _sense(sample, other) > _sense(sample, weighed) + _FAR_MORE_SENSE else None


def codec_of(declared: str) -> str:
    """Python's name of a declared charset; empty for what nobody knows ("x-unknown", "default_charset")."""
    name = declared.strip().strip("\"'").lower().split(";")[0].strip()
    for plain in (name, name.removeprefix("x-").removeprefix("cs")):
        if plain in _MEANT:
            return _MEANT[plain]
        try:
            codec = codecs.lookup(plain)
        except (LookupError, ValueError):
            continue
        if getattr(codec, "_is_text_encoding", True):
            return _MEANT.get(codec.name, codec.name)
    return ""


def detected(content: bytes, *, or_else: str = "cp1252") -> str:
    """The charset in which the bytes make most sense: `utf-8` when they fit, `or_else` when nothing makes much."""
    for bom, name in _BOMS:
        if content.startswith(bom):
            return name
    if b"\x1b$" in content[:SAMPLE_BYTES]:
        return "iso2022_jp_2"
    sample = _sample(content)
    if _fits_utf8(sample):
        return "utf-8"
    sense = {name: _sense(sample, name) for name in _CANDIDATES}
    sense[or_else] += _BENEFIT_OF_DOUBT
    return max(sense, key=sense.__getitem__)


def _sample(content: bytes) -> bytes:
    first = _BEYOND_ASCII.search(content)
    start = first.start() if first else 0
    return content[start : start + SAMPLE_BYTES]


def _is_utf16_by_name_only(name: str, content: bytes) -> bool:
    """A mailer that labels ASCII-compatible text UTF-16: half of real UTF-16 in western text is NUL."""
    return name.startswith("utf-16") and content.isascii() and b"\x00" not in content


def _readable(content: bytes, name: str) -> str:
    try:
        return content.decode(name, "replace")
    except (UnicodeError, ValueError, LookupError):
        return content.decode("utf-8", "replace")


def _fits_utf8(sample: bytes) -> bool:
    """A sequence cut at the sample's end is no fault."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


_CANDIDATES = ("gb18030", "cp950", "cp932", "euc_jp", "cp949", "koi8-r", "cp1251", "cp1252")


def _sense(sample: bytes, name: str) -> float:
    """Mean weight of the characters beyond ASCII; about 1 for a language that is written so."""
    text = sample.decode(name, "replace").rstrip("\ufffd")
    weights = [_weight(character, name) for character in text if character > "\x7f"]
    if not weights:
        return -1.0
    # Single letters inside Latin words are umlauts and accents, not Cyrillic.
    mixed = len(_LATIN_MIXED.findall(text)) if _WEIGHTS[name] is _russian else 0
    return (sum(weights) - 2 * mixed) / len(weights)


def _weight(c: str, name: str) -> float:
    if c == "\ufffd" or "\ue000" <= c <= "\uf8ff" or "\x80" <= c < "\xa0":
        return -2.0
    return _WEIGHTS[name](c)


def _simplified(c: str) -> float:
    return 1.6 if c in _FREQUENT_HAN else float(c in _level_1("gb2312") or c in _wide_marks())


def _traditional(c: str) -> float:
    return 1.6 if c in _FREQUENT_HAN else float(c in _level_1("big5") or c in _wide_marks())


def _korean(c: str) -> float:
    return 1.6 if c in _FREQUENT_HANGUL else float("가" <= c <= "힣")


def _japanese(c: str) -> float:
    if "ぁ" <= c <= "ん":
        return 1.6
    return 1.0 if "ァ" <= c <= "ー" or c in _wide_marks() else 0.7 * (c in _level_1("gb2312") or c in _level_1("big5"))


def _russian(c: str) -> float:
    return 1.2 if "а" <= c <= "я" else 0.3 * ("А" <= c <= "Я")


def _western(c: str) -> float:
    return 0.9 if "à" <= c <= "ÿ" or c in _TYPOGRAPHY else 0.2 * (c.isalpha() or c.isspace())


_WEIGHTS = {
    "gb18030": _simplified,
    "cp950": _traditional,
    "cp932": _japanese,
    "euc_jp": _japanese,
    "cp949": _korean,
    "koi8-r": _russian,
    "cp1251": _russian,
    "cp1252": _western,
}


@cache
def _level_1(charset: str) -> frozenset[str]:
    """The everyday characters: both standards put them first."""
    leads = range(0xB0, 0xD8) if charset == "gb2312" else range(0xA4, 0xC7)
    return frozenset(_characters(charset, leads))


def _characters(charset: str, leads: range) -> Iterator[str]:
    for lead in leads:
        for trail in range(0x40, 0xFF):
            character = bytes((lead, trail)).decode(charset, "ignore")
            if len(character) == 1 and character > "\x7f":
                yield character


@cache
def _wide_marks() -> frozenset[str]:
    return frozenset("，。！？、；：“”‘’（）《》【】—…·「」『』～￥０１２３４５６７８９")
