"""Reads the rules of this installation."""

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

from capa.domain.rules import Blame, Exposure, Rules, Similarity


def load_rules(path: Path | None = None) -> Rules:
    """The rules at `path`, or those that come with the service. `KeyError` or `re.error` when the file is not whole."""
    document = json.loads(path.read_text("utf-8") if path else _shipped())
    return Rules(
        category_sets={name: frozenset(entry["categories"]) for name, entry in document["category_sets"].items()},
        blame=_blame(document["blame"]),
        exposure=Exposure(**document["effectiveness"]),
        similarity=Similarity(**document["similarity"]),
        catch_all_defects=frozenset(code.casefold() for code in document["catch_all_defects"]),
        cost_sub_types={category: frozenset(kinds) for category, kinds in document["cost_sub_types"].items()},
    )


def _shipped() -> str:
    return (files("capa") / "definitions" / "rules.v1.json").read_text("utf-8")


def _blame(entry: dict[str, Any]) -> Blame:
    return Blame(
        phrase=_any(entry["phrases"]),
        filler=_any(entry["fillers"]),
        system=_any(entry["system_words"]),
        remaining_words=entry["remaining_words"],
        remaining_characters=entry["remaining_characters"],
    )


def _any(patterns: list[str]) -> re.Pattern[str]:
    """English phrases count as whole words; Chinese has no word boundary."""
    return re.compile(
        "|".join(
            rf"\b(?:{entry})\b" if entry.isascii() and "\\b" not in entry else f"(?:{entry})" for entry in patterns
        )
    )
