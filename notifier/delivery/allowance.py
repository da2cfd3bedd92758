"""How much may be sent, as the operator allows it; and the daily brake, which is the last of its limits.

The brake goes by a count that is written together with the outcomes, for the civil day of the calendar. Once
as many mails were accepted as a day may have, nothing is claimed but replies to people's own requests, which
have fences of their own, until the next day or until somebody lets it go on.
"""

import logging
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Date, bindparam, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import holds
from notifier.delivery.tables import accepted_day, delivery
from notifier.hold_kinds import HoldKind

ROOM_LOCK = 4_714_002
"""The number of PostgreSQL's advisory lock for whoever takes of a day's room, to the end of its claim."""

_COUNT = text(
    """
INSERT INTO accepted_day (day, mails) VALUES (:day, :mails)
ON CONFLICT (day) DO UPDATE SET mails = accepted_day.mails + excluded.mails
"""
).bindparams(bindparam("day", type_=Date()))

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """The operator's limits, 0 where there is none: mails in a second, at once to one domain, in a day.

    `zone` is where a day begins and ends.
    """

    zone: ZoneInfo
    per_second: int = 0
    per_domain: int = 0
    per_day: int = 0

    def day(self, now: datetime) -> date:
        """Return the civil day of a calendar instant."""
        return now.astimezone(self.zone).date()


async def count(conn: AsyncConnection, day: date, mails: int) -> None:
    """Add mails that were accepted on a day."""
    await conn.execute(_COUNT, {"day": day, "mails": mails})


async def room(
    conn: AsyncConnection, allowance: Allowance, *, now: datetime, machine_now: datetime
) -> int | None:
    """Return how many mails the day still has room for, those on their way counted; None: any number.

    Puts the brake on when the day is full, and takes it off when it is not, or is another day.
    """
    if not allowance.per_day:
        await holds.lift(conn, HoldKind.BRAKE)
        return None
    await _one_claim_at_a_time(conn)
    accepted, let_go_on, on_their_way = await _today(conn, allowance.day(now))
    if let_go_on:
        await holds.lift(conn, HoldKind.BRAKE)
        return None
    if accepted >= allowance.per_day:
        await _brake(conn, allowance, machine_now)
        return 0
    await holds.lift(conn, HoldKind.BRAKE)
    return max(0, allowance.per_day - accepted - on_their_way)


async def let_go(conn: AsyncConnection, day: date) -> None:
    """Let sending go on for the rest of a day, however many mails it takes."""
    result = await conn.execute(update(accepted_day).where(accepted_day.c.day == day).values(let_go=True))
    if not result.rowcount:
        await conn.execute(insert(accepted_day).values(day=day, mails=0, let_go=True))
    await holds.lift(conn, HoldKind.BRAKE)


async def _one_claim_at_a_time(conn: AsyncConnection) -> None:
    """Wait until no other process claims: it would count the same room. SQLite has one writer anyway."""
    if conn.dialect.name != "sqlite":
        await conn.execute(select(func.pg_advisory_xact_lock(ROOM_LOCK)))


async def _today(conn: AsyncConnection, day: date) -> tuple[int, bool, int]:
    """Return how many were accepted, whether the day was let go, and how many are on their way.

    In one statement: between two, on PostgreSQL, a mail could be neither on its way any more nor accepted.
    """
    of_day = accepted_day.c.day == day
    mails = select(accepted_day.c.mails).where(of_day).scalar_subquery()
    let_go_on = select(accepted_day.c.let_go).where(of_day).scalar_subquery()
    sending = select(func.count()).select_from(delivery).where(text("state = 'sending'")).scalar_subquery()
    row = (await conn.execute(select(mails, let_go_on, sending))).one()
    return row[0] or 0, bool(row[1]), row[2]


async def _brake(conn: AsyncConnection, allowance: Allowance, machine_now: datetime) -> None:
    sentence = f"As many mails were accepted today as mail.per_day allows: {allowance.per_day:,}."
    if await holds.put(conn, HoldKind.BRAKE, sentence, machine_now=machine_now):
        log.error("daily_brake", extra={"per_day": allowance.per_day})
