"""Holds: reasons for which this instance says nothing, until somebody or time lifts them.

A held instance announces nothing and sends nothing; what is due stays due. A wrong alert cannot be recalled,
a late one can explain itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, Table, Text, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import UtcDateTime, metadata

hold = Table(
    "hold",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("sentence", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),  # machine time
    Column("until", UtcDateTime),  # machine time; none: until somebody lifts it
)


class HoldKind(StrEnum):
    """Why an instance is held."""

    RESTORED = "restored"
    """The database is older than what this data folder has seen, or came from elsewhere."""
    ADDRESS = "address"
    """The database belongs to a service at another public address: perhaps this is a copy of it."""
    CLOCK = "clock"
    """The machine's clock leapt ahead."""


REMEDIES = {
    HoldKind.RESTORED: "run `notifier release restored` with --told-until or --send",
    HoldKind.ADDRESS: "if this is the service itself under a new address, run `notifier adopt`",
    HoldKind.CLOCK: "if the clock is right now, run `notifier release clock`",
}
"""What to do about each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One reason. `since` is machine time."""

    kind: HoldKind
    sentence: str
    since: datetime

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return REMEDIES[self.kind]


async def put(conn: AsyncConnection, kind: HoldKind, sentence: str, *, machine_now: datetime) -> None:
    """Hold the instance; a hold of that kind that stands already is kept."""
    if kind not in {one.kind for one in await standing(conn)}:
        await conn.execute(insert(hold).values(kind=kind, sentence=sentence, since=machine_now))


async def lift(conn: AsyncConnection, kind: HoldKind) -> bool:
    """Lift a hold. Return whether it stood."""
    return (await conn.execute(delete(hold).where(hold.c.kind == kind))).rowcount == 1


async def standing(conn: AsyncConnection) -> Sequence[Hold]:
    """Return every hold."""
    rows = (await conn.execute(select(hold).order_by(hold.c.kind))).mappings()
    return [Hold(kind=HoldKind(row["kind"]), sentence=row["sentence"], since=row["since"]) for row in rows]


async def any_stands(conn: AsyncConnection) -> bool:
    """Whether the instance is held."""
    return await conn.scalar(select(hold.c.kind).limit(1)) is not None
