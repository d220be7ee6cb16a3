"""Forms as a kind of definition: refused by their faults, planned by what they would do to the records there are."""

from chassis.db import Tx
from chassis.definitions import Effect, Kind
from intake.app.forms.published import KIND, read_document
from intake.app.forms.simulating import tried
from intake.domain.forms.form import Form

_PLANNED = 200


async def effects(tx: Tx, new: Form, current: Form | None) -> list[Effect]:
    """Of the newest records of the form: how many could not be filled in like this any more, and how complete they
    would be."""
    found = await tried(tx, new, _PLANNED) if current is not None else None
    if found is None or not found.trials:
        return []
    n, failing = len(found.trials), found.failing
    told = [
        Effect(
            "completeness",
            zh=f"最近 {n} 份记录的平均完整度：{found.before}% → {found.after}%（记录仍按填写时的版本计算）",
            en=f"newest {n} records: mean completeness {found.before} % → {found.after} %; they keep their version",
            count=n,
        )
    ]
    if failing:
        fields = ", ".join(f"{name} ({count})" for name, count in found.fields[:5])
        told.append(
            Effect(
                "refused_answers",
                zh=f"最近 {n} 份记录中有 {len(failing)} 份无法再这样填写：{fields}",
                en=f"{len(failing)} of the newest {n} records could not be filled in like this any more: {fields}",
                count=len(failing),
                examples=[trial.name for trial in failing[:5]],
                severity="warning",
            )
        )
    return told


FORM = Kind(KIND, read_document, effects=effects)
