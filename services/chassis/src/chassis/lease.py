"""A lease row with a time to live, and an epoch that fences its former holders.

Not a session advisory lock: a stopped holder would block everyone, a cut connection would leave two, poolers strand it.
"""

from chassis.db import Database
from chassis.ids import new_id


class Lease:
    """`held()` takes or renews the lease; times are the database's, so that clocks of replicas do not matter.

    One that ends later than any holder could have asked for was written before that clock was set back: it is over.
    """

    def __init__(self, db: Database, name: str, *, holder: str = "", ttl_s: float = 6.0) -> None:
        self._db = db
        self.name = name
        self.holder = f"{holder}/{new_id()}"
        self.ttl_s = ttl_s
        self.epoch: int | None = None

    async def held(self) -> bool:
        """True while this holder may act. Call it at least every third of the time to live."""
        async with self._db.connection() as conn:
            self.epoch = await conn.fetchval(
                "INSERT INTO lease AS l (name, holder, epoch, until)"
                " VALUES ($1, $2, 1, clock_timestamp() + make_interval(secs => $3))"
                " ON CONFLICT (name) DO UPDATE SET holder = $2, until = excluded.until,"
                "   epoch = l.epoch + CASE WHEN l.holder = $2 THEN 0 ELSE 1 END"
                " WHERE l.holder = $2 OR l.until < clock_timestamp()"
                " OR l.until > clock_timestamp() + make_interval(secs => 2 * $3) RETURNING epoch",
                self.name,
                self.holder,
                self.ttl_s,
            )
        return self.epoch is not None

    async def release(self) -> None:
        if self.epoch is None:
            return
        self.epoch = None
        async with self._db.connection() as conn:
            # Expired, not deleted: a deleted row would restart the epoch and unfence an older holder.
            await conn.execute(
                "UPDATE lease SET until = '-infinity' WHERE name = $1 AND holder = $2", self.name, self.holder
            )
