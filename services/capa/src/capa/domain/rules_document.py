"""A document of rules (JSON) becomes Rules, or an Invalid that names every fault with its place."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from capa.domain.costs import CATEGORIES
from capa.domain.patterns import fault_of
from capa.domain.rules import DEFAULT_CATEGORIES, Blame, Exposure, Rules, Similarity
from chassis.document import Reader
from chassis.errors import FieldError, Invalid

_KEY = re.compile(r"[a-z0-9][a-z0-9_]{0,62}")
_MOST_PATTERNS = 100


def read_rules(document: object) -> Rules:
    """Raises Invalid with one FieldError per fault."""
    reader = Reader()
    rules = _rules(reader, reader.mapping(document, ""))
    if reader.faults:
        raise Invalid("these rules cannot be used", [FieldError(place, text) for place, text in reader.faults])
    return rules


def _rules(reader: Reader, raw: Mapping[str, Any]) -> Rules:
    reader.only(raw, "", "name version category_sets blame catch_all_defects effectiveness similarity cost_sub_types")
    return Rules(
        category_sets=_category_sets(reader, raw),
        blame=_blame(reader, reader.mapping(raw.get("blame"), "blame")),
        exposure=_exposure(reader, reader.mapping(raw.get("effectiveness"), "effectiveness")),
        similarity=_similarity(reader, reader.mapping(raw.get("similarity"), "similarity")),
        catch_all_defects=frozenset(code.casefold() for code in reader.texts(raw, "catch_all_defects", "")),
        cost_sub_types=_cost_sub_types(reader, raw),
    )


def _category_sets(reader: Reader, raw: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    sets = {}
    for key, entry in _keyed(reader, raw, "category_sets", ""):
        place = f"category_sets.{key}"
        reader.only(entry, place, "label categories")
        reader.label(entry, place)
        categories = dict(_keyed(reader, entry, "categories", place))
        for name, category in categories.items():
            _label(reader, category, f"{place}.categories.{name}", " prompts")
        if not categories:
            reader.fault(f"{place}.categories", "must name at least one")
        sets[key] = frozenset(categories)
    if DEFAULT_CATEGORIES not in sets:
        reader.fault(f"category_sets.{DEFAULT_CATEGORIES}", "is missing: analyses begin with it")
    return sets


def _cost_sub_types(reader: Reader, raw: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    found = {}
    for category, kinds in reader.items(raw, "cost_sub_types", ""):
        named = dict(_keyed(reader, {category: kinds}, category, "cost_sub_types"))
        for name, label in named.items():
            _label(reader, label, f"cost_sub_types.{category}.{name}")
        found[category] = frozenset(named)
    if found.keys() != set(CATEGORIES):
        reader.fault("cost_sub_types", f"must have exactly {', '.join(sorted(CATEGORIES))}")
    return found


def _keyed(reader: Reader, raw: Mapping[str, Any], name: str, place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for key, value in reader.items(raw, name, place):
        if not _KEY.fullmatch(key):
            reader.fault(f"{place}.{name}.{key}", "must be a key: small letters, digits, underscores")
        yield key, value


def _label(reader: Reader, raw: Mapping[str, Any], place: str, more: str = "") -> None:
    reader.only(raw, place, f"zh en{more}")
    for language in ("zh", "en"):
        reader.text(raw, language, place)


def _exposure(reader: Reader, raw: Mapping[str, Any]) -> Exposure:
    reader.only(raw, "effectiveness", "minimum_expected alpha max_extensions")
    return Exposure(
        minimum_expected=reader.number(raw, "minimum_expected", "effectiveness", least=0.1, most=100),
        alpha=reader.number(raw, "alpha", "effectiveness", least=0.0001, most=0.5),
        max_extensions=reader.whole(raw, "max_extensions", "effectiveness", least=0, most=20),
    )


def _similarity(reader: Reader, raw: Mapping[str, Any]) -> Similarity:
    reader.only(raw, "similarity", "minimum_score same_family_bonus telling_grams candidates maximum_grams")
    return Similarity(
        minimum_score=reader.number(raw, "minimum_score", "similarity", least=0, most=1),
        same_family_bonus=reader.number(raw, "same_family_bonus", "similarity", least=0, most=1),
        telling_grams=reader.whole(raw, "telling_grams", "similarity", least=1, most=200),
        candidates=reader.whole(raw, "candidates", "similarity", least=1, most=1_000),
        maximum_grams=reader.whole(raw, "maximum_grams", "similarity", least=10, most=5_000),
    )


def _blame(reader: Reader, raw: Mapping[str, Any]) -> Blame:
    reader.only(raw, "blame", "phrases fillers system_words remaining_words remaining_characters")
    return Blame(
        phrase=_any(reader, raw, "phrases"),
        filler=_any(reader, raw, "fillers"),
        system=_any(reader, raw, "system_words"),
        remaining_words=reader.whole(raw, "remaining_words", "blame", least=0, most=20),
        remaining_characters=reader.whole(raw, "remaining_characters", "blame", least=0, most=50),
    )


def _any(reader: Reader, raw: Mapping[str, Any], name: str) -> re.Pattern[str]:
    """English phrases count as whole words; Chinese has no word boundary."""
    given = reader.texts(raw, name, "blame")
    faults = [(number, fault) for number, entry in enumerate(given) if (fault := fault_of(entry))]
    for number, fault in faults:
        reader.fault(f"blame.{name}[{number}]", fault)
    if not given or len(given) > _MOST_PATTERNS:
        reader.fault(f"blame.{name}", f"must be 1 to {_MOST_PATTERNS} patterns")
    return re.compile("" if faults else _joined(given))


def _joined(patterns: Sequence[str]) -> str:
    return "|".join(
        rf"\b(?:{entry})\b" if entry.isascii() and "\\b" not in entry else f"(?:{entry})" for entry in patterns
    )
