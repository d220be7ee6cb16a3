"""Points in time as people read them in a letter."""

from datetime import datetime, tzinfo

from notify.domain.kinds import Language

# Not strftime: its names follow the machine's locale.
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def moment(at: datetime, zone: tzinfo, language: Language) -> str:
    """`at` to the minute in `zone`, with its offset from UTC: a customer may sit in another zone."""
    local = at.astimezone(zone)
    if language == "zh":
        return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}({_offset(local)})"
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}, {local:%H:%M} ({_offset(local)})"


def _offset(local: datetime) -> str:
    offset = local.utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset else 0
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
