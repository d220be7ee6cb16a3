"""What operators see of submissions: how many wait for a person, by channel, and how many complaints came in late."""

from chassis.db import Tx

LATE_DAYS = 7


async def parked_by_channel(tx: Tx) -> dict[str, int]:
    rows = await tx.fetch("SELECT channel, count(*) AS n FROM submissions WHERE state = 'parked' GROUP BY channel")
    return {row["channel"]: row["n"] for row in rows}


async def late_registrations(tx: Tx) -> int:
    """Of the last LATE_DAYS, without history: registered more than 24 hours after they were received. GET
    /v1/complaints?late=true names them."""
    return int(
        await tx.fetchval(
            "SELECT count(*) FROM complaints WHERE t_registered - t_received > interval '24 hours'"
            " AND t_registered > $1::timestamptz - make_interval(days => $2) AND NOT historical",
            tx.now,
            LATE_DAYS,
        )
    )
