"""Holds: reasons for which this instance says nothing, until somebody or time lifts them.

Most keep it silent altogether: nothing is announced and nothing sent, and what is due stays due, because a
wrong alert cannot be recalled and a late one can explain itself. A pause and the daily brake keep only the
mail: dates are announced, feeds and pages go on, and mail is made and waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Table, Text, bindparam, delete, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.columns import UtcDateTime, metadata
from notifier.hold_kinds import HoldKind

hold = Table(
    "hold",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("sentence", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),  # machine time
    Column("until", UtcDateTime),  # machine time; none: until somebody lifts it
)

_LASTS = or_(hold.c.until.is_(None), hold.c.until > bindparam("now", type_=UtcDateTime()))
_STANDING = select(hold).where(_LASTS).order_by(hold.c.kind)

KEEPS_ONLY_MAIL = frozenset((HoldKind.PAUSE, HoldKind.BRAKE))
"""The kinds beside which dates are announced."""

REMEDIES = {
    HoldKind.RESTORED: "run `notifier release restored` with --told-until or --send",
    HoldKind.ADDRESS: "if this is the service itself under a new address, run `notifier adopt`",
    HoldKind.CLOCK: "if the clock is right now, run `notifier release clock`",
    HoldKind.PAUSE: "run `notifier resume`",
    HoldKind.BRAKE: "find out why so many were sent; if they are right, run `notifier release brake`",
}
"""What to do about each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One reason. `since` and `until` are machine time; no `until`: until somebody lifts it."""

    kind: HoldKind
    sentence: str
    since: datetime
    until: datetime | None = None

    @property
    def silences(self) -> bool:
        """Whether not even announcing goes on."""
        return self.kind not in KEEPS_ONLY_MAIL

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return REMEDIES[self.kind]


async def put(
    conn: AsyncConnection,
    kind: HoldKind,
    sentence: str,
    *,
    machine_now: datetime,
    until: datetime | None = None,
) -> bool:
    """Hold the instance; a hold of that kind that stands already is kept. Return whether none stood."""
    if any(one.kind is kind for one in await standing(conn, machine_now=machine_now)):
        return False
    await forget_ended(conn, machine_now=machine_now)
    await conn.execute(insert(hold).values(kind=kind, sentence=sentence, since=machine_now, until=until))
    return True


async def pause(
    conn: AsyncConnection, sentence: str, *, machine_now: datetime, until: datetime | None
) -> None:
    """Pause all sending; a pause that stands gets the new words and end, and keeps its beginning."""
    before = [one for one in await standing(conn, machine_now=machine_now) if one.kind is HoldKind.PAUSE]
    since = before[0].since if before else machine_now
    await lift(conn, HoldKind.PAUSE)
    await put(conn, HoldKind.PAUSE, sentence, machine_now=since, until=until)


async def lift(conn: AsyncConnection, kind: HoldKind) -> bool:
    """Lift a hold. Return whether it was there."""
    return (await conn.execute(delete(hold).where(hold.c.kind == kind))).rowcount == 1


async def forget_ended(conn: AsyncConnection, *, machine_now: datetime) -> None:
    """Delete the holds whose end has come."""
    await conn.execute(delete(hold).where(hold.c.until <= machine_now))


async def any_ended(conn: AsyncConnection, *, machine_now: datetime) -> bool:
    """Whether the end of a hold has come that is still written down."""
    return await conn.scalar(select(hold.c.kind).where(hold.c.until <= machine_now).limit(1)) is not None


async def standing(conn: AsyncConnection, *, machine_now: datetime) -> Sequence[Hold]:
    """Return every hold; one whose end has come stands no more, whether it is still written down or not."""
    found = await conn.execute(_STANDING, {"now": machine_now})
    return [
        Hold(kind=HoldKind(row["kind"]), sentence=row["sentence"], since=row["since"], until=row["until"])
        for row in found.mappings()
    ]


async def any_stands(conn: AsyncConnection) -> bool:
    """Whether nothing may be announced; none of these holds has an end of its own."""
    query = select(hold.c.kind).where(hold.c.kind.not_in(KEEPS_ONLY_MAIL)).limit(1)
    return await conn.scalar(query) is not None


async def mail_waits(conn: AsyncConnection, *, machine_now: datetime) -> bool:
    """Whether no mail at all may be sent; the brake, which lets replies pass, is asked for by claiming."""
    query = select(hold.c.kind).where(hold.c.kind != HoldKind.BRAKE, _LASTS).limit(1)
    return await conn.scalar(query, {"now": machine_now}) is not None
