"""The statements of a scope query: the complaints of a product, counted in every way on one reading."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from chassis.db import Tx
from intake.adapters.rows import Row, rows
from intake.domain.master_data.register import keyed
from intake.domain.master_data.samples import WAITING
from intake.domain.master_data.scope import SIMILAR_DAYS, Scope

MOST_DEFECTS, MOST_LOTS = 20, 100
lot_key = keyed("product_family", "lot")
_COLUMNS = """c.complaint_id, c.number, c.state, c.grade, c.product_family, c.product_model, c.lot, c.serial,
 c.quantity, c.defect_code, c.failure_location, c.t_occurred, c.t_received, c.t_registered,
 CASE WHEN NOT c.identity_protected THEN c.customer_ref END AS customer_ref"""
_FIGURES = """
WITH chosen AS MATERIALIZED (
  SELECT c.complaint_id, c.state, c.grade, c.quantity, c.defect_code, c.customer_ref, c.lot_key,
    date_trunc('month', c.t_received, 'UTC') AS month FROM complaints c WHERE {where}),
counted AS MATERIALIZED (
  SELECT grouping(state, grade, month, lot_key, defect_code) AS by,
    coalesce(state, grade, to_char(month AT TIME ZONE 'UTC', 'YYYY-MM'), lot_key, defect_code, '') AS name,
    count(*) AS n, sum(quantity) AS q
  FROM chosen GROUP BY GROUPING SETS ((), (state), (grade), (month), (lot_key), (defect_code))),
further AS (
  SELECT DISTINCT ON (complaint_id, d.defect_code) d.defect_code AS name, coalesce(d.quantity, 0) AS q
  FROM chosen JOIN complaint_defects d USING (complaint_id) WHERE d.defect_code IS DISTINCT FROM chosen.defect_code)
SELECT CASE by WHEN 31 THEN 'all' WHEN 15 THEN 'state' WHEN 23 THEN 'grade' WHEN 27 THEN 'month' ELSE 'lot' END AS by,
  name, n, q FROM counted WHERE by <> 30
UNION ALL SELECT 'customers', '', (SELECT count(*) FROM (SELECT DISTINCT customer_ref FROM chosen
    WHERE customer_ref IS NOT NULL) AS known) + count(*) FILTER (WHERE customer_ref IS NULL), 0 FROM chosen
UNION ALL SELECT 'samples', '', count(*), 0 FROM samples s WHERE s.state = ANY({waiting}::text[])
  AND s.complaint_id IN (SELECT complaint_id FROM chosen)
UNION ALL (SELECT 'defect', name, sum(n), sum(q) FROM (
    SELECT name, n, q FROM counted WHERE by = 30 AND name <> '' UNION ALL SELECT name, 1, q FROM further) AS items
  GROUP BY name ORDER BY 3 DESC, 2 LIMIT {defects})
"""


@dataclass
class Conditions:
    """Texts of a WHERE clause with the values they name by number."""

    texts: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, text: str, *values: Any) -> None:
        places = []
        for value in values:
            self.values.append(value)
            places.append(f"${len(self.values)}")
        self.texts.append(text.format(*places))

    def place(self, value: Any) -> str:
        self.values.append(value)
        return f"${len(self.values)}"

    @property
    def where(self) -> str:
        return " AND ".join(self.texts) or "true"


def _complaints(scope: Scope) -> Conditions:
    found = Conditions(["c.state <> 'merged'"])
    if scope.lot is not None:
        found.add("c.lot_key = {}", _lot_key(scope))
    elif scope.product_model is not None or scope.by_serial or scope.by_production:
        # No condition that an index answers: the planner takes the family for independent of what lies within it, and
        # would read all of the family's index beside the narrower one.
        found.add("(c.product_family = {}) IS TRUE", scope.product_family)
    else:
        found.add("c.product_family = {}", scope.product_family)
    if scope.product_model is not None:
        found.add("c.product_model = {}", scope.product_model)
    if scope.serial_from is not None:
        found.add("c.serial >= {}", scope.serial_from)
    if scope.serial_to is not None:
        found.add("c.serial <= {}", scope.serial_to)
    if scope.by_production:
        # An array, so that the index of lots is used whatever the planner thinks of the sub-query.
        where = _lots(scope, found.values).where
        found.texts.append(f"c.lot_key = ANY(ARRAY(SELECT l.lot_key FROM product_lots l WHERE {where}))")  # noqa: S608
    if scope.defect_code is not None:
        found.add(
            "(c.defect_code = {0} OR EXISTS (SELECT FROM complaint_defects d"
            " WHERE d.complaint_id = c.complaint_id AND d.defect_code = {0}))",
            scope.defect_code,
        )
    return found


def _lots(scope: Scope, values: list[Any] | None = None) -> Conditions:
    """Their values are numbered on from those that are given."""
    found = Conditions(values=[] if values is None else values)
    found.add("l.product_family = {}", scope.product_family)
    if scope.lot is not None:
        found.add("l.lot_key = {}", _lot_key(scope))
    if scope.product_model is not None:
        found.add("l.product_model = {}", scope.product_model)
    if scope.produced_from is not None:
        found.add("l.produced_on >= {}", scope.produced_from)
    if scope.produced_to is not None:
        found.add("l.produced_on < {}", (scope.produced_to + timedelta(days=31)).replace(day=1))
    return found


def _lot_key(scope: Scope) -> str:
    return lot_key({"product_family": scope.product_family, "lot": scope.lot})


async def figures(tx: Tx, scope: Scope) -> list[Row]:
    """(by, name, n, q): by all, state, grade, month, lot, customers, samples, defect."""
    found = _complaints(scope)
    sql = _FIGURES.format(where=found.where, waiting=found.place(list(WAITING)), defects=found.place(MOST_DEFECTS))
    return await rows(tx, sql, *found.values)


async def complaints(tx: Tx, scope: Scope, after: tuple[Any, UUID] | None, limit: int) -> list[Row]:
    """Newest first."""
    found = _complaints(scope)
    if after is not None:
        found.add("(c.t_registered, c.complaint_id) < ({}, {})", *after)
    most = found.place(limit)
    return await rows(
        tx,
        f"SELECT {_COLUMNS} FROM complaints c WHERE {found.where}"  # noqa: S608
        f" ORDER BY c.t_registered DESC, c.complaint_id DESC LIMIT {most}",
        *found.values,
    )


async def lots(tx: Tx, scope: Scope) -> list[Row]:
    """The latest produced first, with what was shipped of each."""
    found = _lots(scope)
    most = found.place(MOST_LOTS)
    return await rows(
        tx,
        "SELECT l.*, (SELECT sum(quantity) FROM shipments s WHERE s.lot_key = l.lot_key AND s.lot <> ''"  # noqa: S608
        " AND s.movement = 'shipped')::bigint AS shipped_quantity"
        f" FROM product_lots l WHERE {found.where} ORDER BY l.produced_on DESC NULLS LAST, l.lot LIMIT {most}",
        *found.values,
    )


async def made(tx: Tx, scope: Scope) -> int | None:
    found = _lots(scope)
    quantity: int | None = await tx.fetchval(
        f"SELECT sum(l.quantity_made)::bigint FROM product_lots l WHERE {found.where}",  # noqa: S608
        *found.values,
    )
    return quantity


async def similar_lots(tx: Tx, scope: Scope) -> list[Row]:
    """Of the lot's plant, produced within SIMILAR_DAYS of it, with their complaints."""
    return await rows(
        tx,
        "SELECT o.*, (SELECT sum(quantity) FROM shipments s WHERE s.lot_key = o.lot_key AND s.lot <> ''"
        "   AND s.movement = 'shipped')::bigint AS shipped_quantity,"
        "  (SELECT count(*) FROM complaints c WHERE c.lot_key = o.lot_key AND c.state <> 'merged') AS complaints"
        " FROM product_lots l JOIN product_lots o ON o.product_family = l.product_family AND o.plant = l.plant"
        "  AND o.produced_on BETWEEN l.produced_on - $2::int AND l.produced_on + $2::int AND o.lot_key <> l.lot_key"
        " WHERE l.lot_key = $1 ORDER BY abs(o.produced_on - l.produced_on), o.lot LIMIT $3",
        _lot_key(scope),
        SIMILAR_DAYS,
        MOST_LOTS,
    )


async def moved(tx: Tx, scope: Scope) -> dict[str, int]:
    """Movement -> units; empty where no shipment of the scope is known. Of a range of serials: the units shipped."""
    if scope.by_serial:
        return await _shipped_serials(tx, scope)
    found = _shipments(scope)
    sums = await tx.fetch(
        "SELECT s.movement, sum(s.quantity)::bigint AS q FROM shipments s LEFT JOIN product_lots l"  # noqa: S608
        " ON l.product_family = s.product_family AND l.lot_key = s.lot_key AND s.lot <> ''"
        f" WHERE {found.where} GROUP BY s.movement",
        *found.values,
    )
    return {each["movement"]: each["q"] for each in sums}


def _shipments(scope: Scope) -> Conditions:
    found = Conditions()
    found.add("s.product_family = {}", scope.product_family)
    if scope.product_model is not None:
        found.add("coalesce(nullif(s.product_model, ''), l.product_model) = {}", scope.product_model)
    if scope.lot is not None:
        found.add("s.lot_key = {} AND s.lot <> ''", _lot_key(scope))
    produced = "coalesce(s.production_month, date_trunc('month', l.produced_on)::date, s.month)"
    if scope.produced_from is not None:
        found.add(f"{produced} >= {{}}", scope.produced_from)
    if scope.produced_to is not None:
        found.add(f"{produced} <= {{}}", scope.produced_to)
    return found


async def _shipped_serials(tx: Tx, scope: Scope) -> dict[str, int]:
    found = Conditions()
    found.add("s.product_family = {} AND s.shipped_on IS NOT NULL", scope.product_family)
    for text, value in (
        ("s.serial >= {}", scope.serial_from),
        ("s.serial <= {}", scope.serial_to),
        ("s.product_model = {}", scope.product_model),
        ("s.lot = {}", scope.lot),
        ("s.production_month >= {}", scope.produced_from),
        ("s.production_month <= {}", scope.produced_to),
    ):
        if value is not None:
            found.add(text, value)
    count = await tx.fetchval(f"SELECT count(*) FROM product_serials s WHERE {found.where}", *found.values)  # noqa: S608
    return {"shipped": count} if count else {}


async def movements(tx: Tx, scope: Scope, as_of: date) -> list[Row]:
    """(produced, month, movement, quantity): where no production month is known, that of the shipment stands for it."""
    found = _shipments(scope)
    found.add("s.month <= {}", as_of)
    return await rows(
        tx,
        "SELECT coalesce(s.production_month, date_trunc('month', l.produced_on)::date, s.month) AS produced, s.month,"  # noqa: S608
        " s.movement, sum(s.quantity)::bigint AS quantity FROM shipments s"
        " LEFT JOIN product_lots l ON l.product_family = s.product_family AND l.lot_key = s.lot_key"
        f" AND s.lot <> '' WHERE {found.where} GROUP BY 1, 2, 3",
        *found.values,
    )


async def reported(tx: Tx, scope: Scope) -> list[Row]:
    """(produced, shipped, event, count), each the first day of a month, by the unit's serial, else by its lot."""
    found = _complaints(scope)
    family = found.place(scope.product_family)
    return await rows(
        tx,
        "WITH first AS (SELECT lot_key, min(month) AS month FROM shipments"  # noqa: S608
        f"   WHERE movement = 'shipped' AND lot <> '' AND product_family = {family} GROUP BY lot_key)"
        " SELECT coalesce(u.production_month, date_trunc('month', l.produced_on)::date) AS produced,"
        "  coalesce(date_trunc('month', u.shipped_on)::date, first.month) AS shipped,"
        "  date_trunc('month', coalesce(c.t_occurred, c.t_received), 'UTC')::date AS event, count(*)::int AS count"
        " FROM complaints c LEFT JOIN product_serials u ON u.product_family = c.product_family AND u.serial = c.serial"
        " LEFT JOIN product_lots l ON l.product_family = c.product_family AND l.lot_key = c.lot_key"
        " LEFT JOIN first ON first.lot_key = c.lot_key"
        f" WHERE {found.where} GROUP BY 1, 2, 3",
        *found.values,
    )
