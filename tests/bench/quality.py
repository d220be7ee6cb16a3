"""`python -m tests.bench --quality`: how well repeats are found, on labelled data that nobody here wrote.

Reports of faults with known duplicates (`dup_bugs_en`) are registered and indexed in a real stack; each report that has
one is then asked about as a clerk would. Pairs of Chinese questions (`dup_pairs_zh`) are told apart by that likeness,
with one frozen threshold per corpus: how near two texts must be depends on what people ask about. The data lies outside
of the project; `REDRESS_BENCH_DATA` names another folder with other rows.
"""

import asyncio
import csv
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter

from chassis.call import Call
from chassis.db import Database
from intake.app.grading_tables import Registrars
from intake.app.group import Item
from intake.app.likeness.backgrounds import Backgrounds
from intake.app.likeness.search import resembling
from intake.app.register import Register
from intake.domain.complaint import Submission
from intake.domain.likeness.alike import Text, likeness
from intake.domain.likeness.background import Background
from redress.intake.v1.intake_pb2 import Registered
from stack.stack import Stack
from tests.bench.million import database
from tests.bench.quantiles import percentile

DATA = Path(os.environ.get("REDRESS_BENCH_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
THRESHOLDS = {"BQ": 0.159, "LCQMC": 0.595, "AFQMC": 0.246, "ATEC": 0.345, "OPPO": 0.4}
"""Frozen: the best of F1, smoothed over its neighbours, on the pairs that the weights were fitted to."""
_AT = (1, 5, 10, 20)
_GROUP = 100
_CLERK = Call(actor="bench", roles=frozenset({"quality", "customer_service"}))


@dataclass(frozen=True)
class Ranked:
    name: str
    reports: int
    ranks: list[float]
    """Of each report with a duplicate: the place of the first one found, infinite where none was."""
    seconds: list[float]

    def recall(self, at: int) -> float:
        return sum(rank <= at for rank in self.ranks) / len(self.ranks)

    def line(self) -> str:
        recalls = "  ".join(f"@{at} {self.recall(at):.3f}" for at in _AT)
        p99 = (percentile(self.seconds, 0.99) or 0) * 1000
        asked = f"{len(self.ranks)} of {self.reports} reports asked about"
        return f"{self.name:<12} recall {recalls}   {asked}, p99 {p99:.1f} ms each"


def measure(stack: Stack, show: Callable[[Iterable[str]], None]) -> str:
    """Prints as it goes; the figures as JSON. Nothing but a reason where the data is absent."""
    if not DATA.is_dir():
        show([f"skipped: no data at {DATA.name}"])
        return json.dumps({"skipped": "no data"})
    recalls = {}
    for reports in sorted((DATA / "dup_bugs_en").glob("*_reports.csv")):
        ranked = asyncio.run(_ranked(stack, reports))
        show([ranked.line()])
        recalls[ranked.name] = {f"recall@{at}": round(ranked.recall(at), 3) for at in _AT}
    f1 = {corpus: round(_f1(corpus, rows), 3) for corpus, rows in _pairs().items()}
    show(f"{corpus:<12} F1 {value:.3f} at {THRESHOLDS[corpus]}" for corpus, value in f1.items())
    return json.dumps({"duplicates": recalls, "pairs_f1": f1})


async def _ranked(stack: Stack, path: Path) -> Ranked:
    """The rows of one project; families keep projects apart in the records, not in the search."""
    name = path.name.removesuffix("_reports.csv")
    rows = {row["Issue id"]: row for row in _csv(path)}
    async with database(stack, timeout_s=60) as db:
        ids = await _registered(db, name, rows)
        await _indexed(db)
        ranks, seconds, backgrounds = [], [], Backgrounds()
        for issue, others in _duplicates(path, rows).items():
            begun = perf_counter()
            async with db.read() as tx:
                background = await backgrounds.current(tx)
                found = await resembling(tx, _text(rows[issue]), background, leave_out=ids[issue])
            seconds.append(perf_counter() - begun)
            places = [str(each.row["complaint_id"]) for each in found]
            ranks.append(min((places.index(ids[o]) + 1.0 for o in others if ids[o] in places), default=float("inf")))
        return Ranked(name, len(rows), ranks, seconds[1:])


async def _registered(db: Database, name: str, rows: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Issue -> complaint id."""
    register, ids, issues = Register(db, Registrars()), {}, list(rows)
    for first in range(0, len(issues), _GROUP):
        group = issues[first : first + _GROUP]
        items = [Item.without_key(_CLERK, _submission(name, rows[issue])) for issue in group]
        for issue, outcome in zip(group, await register(items), strict=True):
            if not isinstance(outcome, Registered):
                raise RuntimeError(f"{name} {issue} was refused: {outcome}")
            ids[issue] = outcome.complaint_id
    return ids


def _submission(name: str, row: Mapping[str, str]) -> Submission:
    return Submission(
        channel="file",
        description=_text(row),
        product_family=name,
        language="en",
        t_received=datetime.fromisoformat(row["Created"]),
        safety_not_asked=True,
        historical=True,
    )


async def _indexed(db: Database) -> None:
    """The worker of the stack does it; a moment after the last registration."""
    while True:
        async with db.read() as tx:
            if await tx.fetchval("SELECT count(*) = (SELECT next_doc FROM search_state) FROM complaints"):
                return
        await asyncio.sleep(0.5)


def _duplicates(path: Path, rows: Mapping[str, object]) -> dict[str, list[str]]:
    links = _csv(path.with_name(path.name.replace("_reports", "_duplicate_pairs")))
    known = {
        link["Issue id"]: [other for other in link["Duplicate id"].replace(" ", "").split(",") if other in rows]
        for link in links
    }
    return {issue: others for issue, others in known.items() if others and issue in rows}


def _text(row: Mapping[str, str]) -> str:
    return f"{row['Summary']}\n{row['Description']}".replace("\0", "")


def _pairs() -> dict[str, list[dict[str, str]]]:
    corpora = defaultdict(list)
    for row in _csv(DATA / "dup_pairs_zh" / "pairs.csv"):
        corpora[row["corpus"]].append(row)
    return corpora


def _f1(corpus: str, rows: list[dict[str, str]]) -> float:
    """Of the verdict "the same", with how common words are counted over these rows, unlabelled."""
    background = Background.of(row[side] for row in rows for side in ("text_a", "text_b"))
    said = [
        likeness(Text.of(row["text_a"], background), Text.of(row["text_b"], background)) >= THRESHOLDS[corpus]
        for row in rows
    ]
    true = [row["label"] == "1" for row in rows]
    right = sum(a and b for a, b in zip(said, true, strict=True))
    return 2 * right / max(1, sum(said) + sum(true))


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
