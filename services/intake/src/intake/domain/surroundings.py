"""What the records know around the complaints of one group, and what the group itself adds as it is worked through."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from intake.domain.grading import Circumstances
from intake.domain.rates import RateThreshold
from intake.domain.repeats import CANDIDATES, Known, Proposal, Similarity, Windows, propose
from intake.domain.signature import Coded

At = tuple[str, date]
"""A cell or lot, and the day (UTC) on which the new complaint was received."""


@dataclass(slots=True)
class Surroundings:
    windows: Windows
    rate: RateThreshold
    customers: dict[str, list[Known]] = field(default_factory=lambda: defaultdict(list))
    cells: dict[str, list[Known]] = field(default_factory=lambda: defaultdict(list))
    rates: dict[At, tuple[int, int]] = field(default_factory=dict)
    """Complaints in the window that ends on the day, and in the baseline before it."""
    lots: dict[At, int] = field(default_factory=dict)
    history_start: date | None = None
    _added_cells: dict[str, list[date]] = field(default_factory=lambda: defaultdict(list))
    _added_lots: dict[str, list[date]] = field(default_factory=lambda: defaultdict(list))

    def proposals(self, new: Known, keys: Sequence[str], codes: Coded, similarity: Similarity) -> list[Proposal]:
        same_customer = {known.complaint_id: known for key in keys for known in self.customers.get(key, ())}
        return propose(
            new,
            same_customer=same_customer.values(),
            same_cell=_nearest(new, self.cells.get(codes.cell, ()) if codes.cell else ()),
            windows=self.windows,
            similarity=similarity,
        )

    def circumstances(self, codes: Coded, day: date, proposals: Iterable[Proposal]) -> Circumstances:
        return Circumstances(
            same_lot=1 + self._same_lot(codes.lot_key, day),
            repeat_r1=any(proposal.level == "R1" for proposal in proposals),
            rate_exceeded=self._rate_exceeded(codes.cell, day),
        )

    def add(self, new: Known, keys: Iterable[str], codes: Coded) -> None:
        """The new complaint is a neighbour of those after it in the group."""
        day = new.t_received.date()
        for key in keys:
            self.customers[key].append(new)
        if codes.cell:
            self.cells[codes.cell].append(new)
            self._added_cells[codes.cell].append(day)
        if codes.lot_key:
            self._added_lots[codes.lot_key].append(day)

    def leave_out(self, codes: Coded, day: date) -> None:
        """For a complaint that is in the records already: it is not its own neighbour."""
        if codes.lot_key and (codes.lot_key, day) in self.lots:
            self.lots[codes.lot_key, day] -= 1
        if codes.cell and (codes.cell, day) in self.rates:
            window, baseline = self.rates[codes.cell, day]
            self.rates[codes.cell, day] = (window - 1, baseline)

    def _same_lot(self, lot_key: str | None, day: date) -> int:
        if lot_key is None:
            return 0
        reach = self.windows.repeat
        added = sum(abs(other - day) <= reach for other in self._added_lots.get(lot_key, ()))
        return self.lots.get((lot_key, day), 0) + added

    def _rate_exceeded(self, cell: str | None, day: date) -> bool:
        if cell is None or self.history_start is None:
            return False
        window, baseline = self.rates.get((cell, day), (0, 0))
        start = self.rate.window_start(day)
        added = self._added_cells.get(cell, ())
        return self.rate.exceeded(
            window=1 + window + sum(start <= other <= day for other in added),
            baseline=baseline + sum(self.rate.baseline_start(day) <= other < start for other in added),
            history_days=(start - min(self.history_start, start)) // timedelta(days=1),
        )


def _nearest(new: Known, others: Sequence[Known]) -> Sequence[Known]:
    if len(others) <= CANDIDATES:
        return others
    return sorted(others, key=lambda other: abs(other.t_received - new.t_received))[:CANDIDATES]
