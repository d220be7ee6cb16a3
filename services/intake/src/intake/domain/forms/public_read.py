"""How a form stands on the open web; without it, it is for staff and channels only."""

import re
from collections.abc import Mapping
from typing import Any

from chassis.document import Reader
from intake.domain.forms.field_read import optional_label
from intake.domain.forms.form import Public

_ORIGIN = re.compile(r"https?://[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?(:[0-9]{1,5})?")
_MOST_ORIGINS = 20
_WHOLE = {"per_minute": (1, 10_000, 60), "per_address_per_minute": (1, 1_000, 6), "least_seconds": (0, 600, 3)}
"""Name -> least, most, usual."""


def public_of(reader: Reader, raw: Mapping[str, Any]) -> Public | None:
    if "public" not in raw:
        return None
    said = reader.mapping(raw["public"], "public")
    reader.only(said, "public", f"origins thanks {' '.join(_WHOLE)}")
    numbers = {
        name: reader.whole(said, name, "public", least=least, most=most) if name in said else usual
        for name, (least, most, usual) in _WHOLE.items()
    }
    return Public(_origins(reader, said), **numbers, thanks=optional_label(reader, said, "thanks", "public"))


def _origins(reader: Reader, said: Mapping[str, Any]) -> tuple[str, ...]:
    origins = reader.texts(said, "origins", "public", longest=270)
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            reader.fault("public.origins", "each is an origin in small letters, e.g. https://shop.example")
    if len(origins) > _MOST_ORIGINS:
        reader.fault("public.origins", f"at most {_MOST_ORIGINS}")
    return origins
