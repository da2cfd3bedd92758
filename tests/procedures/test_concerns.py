"""What an operator should look at, on both databases."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import update

from notifier.db import Database, Rank
from notifier.procedures import concerns
from notifier.procedures.concerns import HeldDates
from notifier.procedures.due import DueState
from notifier.procedures.model import Status
from notifier.procedures.tables import due
from tests.cast import BEGIN, IP1783, in_status, london, read

OPENS = london(2022, 10, 14)


async def held_dates(db: Database, until: datetime) -> HeldDates | None:
    async with db.read() as conn:
        return await concerns.held_dates(conn, until)


async def hold_everything(db: Database) -> None:
    async with db.write(Rank.WEB) as conn:
        await conn.execute(update(due).values(state=DueState.HELD))


async def test_a_date_that_is_held_is_told_as_its_day_comes(db: Database) -> None:
    await read(db, replace(IP1783, milestones=IP1783.milestones[1:]), now=BEGIN)
    assert await held_dates(db, OPENS) is None
    await hold_everything(db)
    assert await held_dates(db, OPENS - timedelta(seconds=1)) is None
    assert await held_dates(db, OPENS) == HeldDates(count=1, earliest=OPENS)


async def test_the_instants_of_one_consultation_are_one_date(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await hold_everything(db)
    assert await held_dates(db, london(2022, 12, 1)) == HeldDates(count=2, earliest=london(2022, 9, 8))


async def test_statuses_that_nobody_knows_are_counted_but_for_drafts(db: Database) -> None:
    async def unknown() -> int:
        async with db.read() as conn:
            return await concerns.unknown_statuses(conn)

    await read(db, IP1783, now=BEGIN)
    assert await unknown() == 0
    await read(db, in_status(IP1783, Status.UNKNOWN), now=BEGIN)
    assert await unknown() == 1
    await read(db, replace(in_status(IP1783, Status.UNKNOWN), draft=True), now=BEGIN)
    assert await unknown() == 0
