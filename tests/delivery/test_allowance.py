"""The daily brake, and a pause, before a sender at work: what is held back, and when it goes on."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from notifier import holds
from notifier.clock import machine_now
from notifier.db import Database, Rank
from notifier.delivery import allowance, outbox
from notifier.delivery.model import DeliveryState, Lane, Letter, Outcome, Verdict
from notifier.delivery.tables import accepted_day
from notifier.hold_kinds import HoldKind
from notifier.holds import Hold
from tests.delivery.queue_cast import (
    PostOffice,
    Sending,
    accepted,
    crowd,
    queue,
    refused,
    states,
    until_states,
)

ACCEPTED, PENDING = DeliveryState.ACCEPTED, DeliveryState.PENDING
_LONDON = ZoneInfo("Europe/London")
EVENING = datetime(2026, 11, 2, 22, 30, tzinfo=UTC)


@dataclass
class SetClock:
    """A calendar that stands until it is set."""

    instant: datetime = EVENING

    def now(self) -> datetime:
        return self.instant

    def seconds_until(self, instant: datetime) -> float:
        return (instant - self.instant).total_seconds()


async def held(db: Database) -> list[Hold]:
    async with db.read() as conn:
        return list(await holds.standing(conn, machine_now=machine_now()))


async def counted(db: Database) -> dict[date, int]:
    async with db.read() as conn:
        rows = await conn.execute(select(accepted_day.c.day, accepted_day.c.mails))
        return {row.day: row.mails for row in rows}


async def settled(db: Database, number: int) -> None:
    """Wait until so many are accepted, and see that no more are."""
    async with asyncio.timeout(15):
        while (await states(db)).count(ACCEPTED) < number:  # noqa: ASYNC110 - a table tells nobody
            await asyncio.sleep(0.02)
    await asyncio.sleep(1.5)
    assert (await states(db)).count(ACCEPTED) == number


async def test_accepted_mails_are_counted_on_their_civil_day_and_refused_ones_are_not(db: Database) -> None:
    clock = SetClock(datetime(2026, 6, 30, 22, 59, tzinfo=UTC))  # a minute to midnight in London

    def answer(letter: Letter) -> Outcome:
        return accepted(letter) if letter.delivery_id % 3 else refused(letter, Verdict.FAILED)

    await crowd(db, 6)
    async with Sending(db, PostOffice(answer), clock=clock):
        await until_states(db, *[ACCEPTED, ACCEPTED, DeliveryState.FAILED] * 2)
        clock.instant += timedelta(minutes=2)
        await queue(db, "Late", part=1)
        await until_states(db, *[ACCEPTED, ACCEPTED, DeliveryState.FAILED] * 2, ACCEPTED)
    assert await counted(db) == {date(2026, 6, 30): 4, date(2026, 7, 1): 1}


async def test_the_brake_holds_after_exactly_so_many_and_the_next_day_goes_on(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    clock = SetClock()
    await crowd(db, 15)
    async with Sending(db, PostOffice(connections=4), clock=clock, per_day=10):
        await settled(db, 10)
        [one] = await held(db)
        assert (one.kind, one.silences) == (HoldKind.BRAKE, False)
        assert "10" in one.sentence
        clock.instant += timedelta(hours=2)  # past midnight
        await until_states(db, *[ACCEPTED] * 15)
        assert await held(db) == []
    assert list((await counted(db)).values()) == [10, 5]
    assert [one.message for one in caplog.records].count("daily_brake") == 1


async def test_answers_to_peoples_own_requests_pass_the_brake(sqlite_db: Database) -> None:
    await crowd(sqlite_db, 8)
    async with Sending(sqlite_db, PostOffice(), clock=SetClock(), per_day=5):
        await settled(sqlite_db, 5)
        await queue(sqlite_db, "Asker", lane=Lane.REPLIES, part=1)
        await settled(sqlite_db, 6)


async def test_a_released_brake_lets_the_day_go_and_no_longer(sqlite_db: Database) -> None:
    clock = SetClock()
    await crowd(sqlite_db, 8)
    async with Sending(sqlite_db, PostOffice(), clock=clock, per_day=5):
        await settled(sqlite_db, 5)
        async with sqlite_db.write(Rank.WEB) as conn:
            await allowance.let_go(conn, date(2026, 11, 2))
        await until_states(sqlite_db, *[ACCEPTED] * 8)
        clock.instant += timedelta(hours=2)
        await queue(sqlite_db, *(f"next-{number}" for number in range(8)), part=1)
        await settled(sqlite_db, 13)


async def test_a_day_can_be_let_go_before_anything_was_sent(db: Database) -> None:
    async with db.write(Rank.WEB) as conn:
        await allowance.let_go(conn, date(2026, 11, 2))
        await allowance.count(conn, date(2026, 11, 2), 3)
        limits = allowance.Allowance(zone=_LONDON, per_day=1)
        assert await allowance.room(conn, limits, now=EVENING, machine_now=EVENING) is None


async def test_a_limit_that_is_raised_or_taken_away_lifts_the_brake(db: Database) -> None:
    async with db.write(Rank.WEB) as conn:
        await allowance.count(conn, date(2026, 11, 2), 10)
        for per_day, room in ((10, 0), (12, 2), (9, 0), (0, None)):
            limits = allowance.Allowance(zone=_LONDON, per_day=per_day)
            assert await allowance.room(conn, limits, now=EVENING, machine_now=EVENING) == room
            standing = await holds.standing(conn, machine_now=EVENING)
            assert bool(standing) is (room == 0)


async def test_mails_on_their_way_count_for_the_room_of_a_day(db: Database) -> None:
    await crowd(db, 5)
    async with db.write(Rank.WEB) as conn:
        await outbox.claim(conn, owner_id=1, limit=3, machine_now=machine_now())
        limits = allowance.Allowance(zone=_LONDON, per_day=4)
        assert await allowance.room(conn, limits, now=EVENING, machine_now=EVENING) == 1


async def pause(db: Database, until: datetime | None = None) -> None:
    async with db.write(Rank.WEB) as conn:
        await holds.pause(conn, "Paused by anna: a test.", machine_now=machine_now(), until=until)


async def test_a_pause_stops_what_waits_in_line_within_moments_and_it_goes_on_when_resumed(
    db: Database,
) -> None:
    await crowd(db, 60)
    office = PostOffice()
    async with Sending(db, office, per_second=25):
        async with asyncio.timeout(10):
            while len(office.begun) < 5:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)
        await pause(db)
        await asyncio.sleep(2)
        begun = len(office.begun)
        await asyncio.sleep(1)
        assert len(office.begun) == begun < 60
        assert DeliveryState.SENDING not in await states(db)  # nothing is kept in anybody's hands
        async with db.write(Rank.WEB) as conn:
            await holds.lift(conn, HoldKind.PAUSE)
        await until_states(db, *[ACCEPTED] * 60)
    assert len(office.begun) == len(set(office.begun)) == 60


async def test_a_pause_with_an_end_lifts_itself(db: Database) -> None:
    await pause(db, machine_now() + timedelta(seconds=1.5))
    await queue(db, "Ada")
    async with Sending(db, PostOffice()):
        await asyncio.sleep(0.7)
        assert await states(db) == [PENDING]
        await until_states(db, ACCEPTED, seconds=5)
    assert await held(db) == []


async def test_a_pause_that_is_given_anew_keeps_its_beginning_and_gets_a_new_end(db: Database) -> None:
    await pause(db)
    [before] = await held(db)
    await pause(db, machine_now() + timedelta(hours=1))
    [after] = await held(db)
    assert after.since == before.since
    assert after.until is not None
    async with db.read() as conn:
        assert not await holds.any_stands(conn)
        assert await holds.mail_waits(conn, machine_now=machine_now())
        assert not await holds.mail_waits(conn, machine_now=machine_now() + timedelta(hours=2))
