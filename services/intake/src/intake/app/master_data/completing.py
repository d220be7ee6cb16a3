"""What the registers add to a group of new complaints: nothing is asked of them while they are empty."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chassis.db import Tx
from intake.adapters import catalogue as stored
from intake.domain.complaint import Submission
from intake.domain.master_data.catalogue import Account, Catalogue, Changes, Unit


@dataclass(frozen=True, slots=True)
class Masters:
    catalogue: Catalogue
    accounts: dict[str, Account] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)

    def completed(self, given: Submission) -> tuple[Submission, Changes]:
        account = self.accounts.get(given.customer_ref or "")
        return self.catalogue.completed(given, account, self.units.get(_unit_key(self.catalogue, given) or ""))


async def masters_of(tx: Tx, catalogue: Catalogue, given: Sequence[Submission]) -> Masters:
    """One statement for the accounts and one for the units of the whole group, where there are any."""
    refs = {s.customer_ref for s in given if s.customer_ref} if catalogue.has_accounts else set()
    keys = {key for s in given if (key := _unit_key(catalogue, s))} if catalogue.has_serials else set()
    return Masters(
        catalogue,
        await stored.accounts(tx, sorted(refs)) if refs else {},
        await stored.units(tx, sorted(keys)) if keys else {},
    )


def _unit_key(catalogue: Catalogue, given: Submission) -> str | None:
    if not given.serial:
        return None
    family = catalogue.code_of("product_family", given.product_family) or given.product_family
    return stored.serial_key(family, given.serial)
