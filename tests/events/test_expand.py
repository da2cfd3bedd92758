"""Expansion: a mailing becomes one delivery per person, exactly once."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import URL, create_engine, event, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from notifier.db import Database, Rank
from notifier.delivery.model import DeliveryState
from notifier.delivery.tables import delivery
from notifier.events import mailings
from notifier.events.expand import expand
from notifier.events.interest import Preset
from notifier.events.tables import expansion, gathered, mailing
from notifier.subscriptions.model import Rhythm
from notifier.subscriptions.tables import subscription
from notifier.subscriptions.topics import EVERYTHING, procedure_topic
from tests.cast import (
    BEGIN,
    IP1783,
    MACHINE_NOW,
    Person,
    ask,
    confirm,
    end,
    fan_out,
    follow,
    london,
    publication,
    read,
    rows,
    snapshot,
    sweep,
)
from tests.refusing import refusing

MEETING = london(2022, 9, 8)


async def _reached(db: Database) -> list[int]:
    """Return who has a delivery, in order; twice if they have two."""
    return sorted(row["subscriber_id"] for row in await rows(db, delivery))


async def _everybody(db: Database, *names: str) -> list[Person]:
    return [await follow(db, name) for name in names]


async def test_everybody_who_follows_gets_one_delivery(db: Database) -> None:
    ada, ben = await _everybody(db, "Ada", "Ben")
    await read(db, IP1783, now=BEGIN)
    await sweep(db, MEETING)
    assert await fan_out(db, MEETING) == 2
    assert await _reached(db) == [ada.subscriber_id, ben.subscriber_id]
    assert {(row["state"], row["lane"], row["next_at"]) for row in await rows(db, delivery)} == {
        (DeliveryState.PENDING, 2, MACHINE_NOW)
    }
    assert await fan_out(db, MEETING) == 0


async def test_who_follows_a_thing_in_two_ways_gets_one_delivery(db: Database) -> None:
    known = await read(db, IP1783, now=BEGIN)
    ada = await follow(db, "Ada", EVERYTHING)
    await follow(db, "Ada", procedure_topic(known.procedure_id))
    await sweep(db, MEETING)
    await fan_out(db, MEETING)
    assert await _reached(db) == [ada.subscriber_id]


async def test_several_events_of_one_moment_are_one_delivery(db: Database) -> None:
    [ada] = await _everybody(db, "Ada")
    for number in (1, 2, 3):
        await read(db, snapshot(IP1783.milestones[0], number=number), now=BEGIN)
    await sweep(db, MEETING)
    await fan_out(db, MEETING)
    assert await _reached(db) == [ada.subscriber_id]


async def test_only_those_who_follow_the_procedure_are_reached(db: Database) -> None:
    known = await read(db, IP1783, now=BEGIN)
    other = await read(db, snapshot(number=2), now=BEGIN)
    ada = await follow(db, "Ada", procedure_topic(known.procedure_id))
    await follow(db, "Ben", procedure_topic(other.procedure_id))
    await sweep(db, MEETING)
    await fan_out(db, MEETING)
    assert await _reached(db) == [ada.subscriber_id]


async def test_what_somebody_did_not_choose_is_not_sent_to_them(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    ada = await follow(db, "Ada", preset=Preset.EVERY_STEP)
    ben = await follow(db, "Ben", preset=Preset.DEADLINES)
    cleo = await follow(db, "Cleo", preset=Preset.OPENINGS)
    await sweep(db, MEETING)
    await fan_out(db, MEETING)
    assert await _reached(db) == [ada.subscriber_id]
    await sweep(db, london(2022, 10, 14))
    await fan_out(db, london(2022, 10, 14))
    everybody = [ada.subscriber_id] * 2 + [ben.subscriber_id, cleo.subscriber_id]
    assert await _reached(db) == everybody


async def test_who_confirms_after_an_event_does_not_get_it(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    ada = await ask(db, "Ada")
    ben = await follow(db, "Ben")
    await sweep(db, MEETING)
    await confirm(db, ada, now=MEETING)
    await fan_out(db, MEETING)
    assert await _reached(db) == [ben.subscriber_id]
    await sweep(db, london(2022, 10, 14))
    await fan_out(db, london(2022, 10, 14))
    assert await _reached(db) == [ada.subscriber_id, ben.subscriber_id, ben.subscriber_id]


async def test_who_never_confirmed_and_who_has_stopped_get_nothing(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await ask(db, "Ada")
    ben, cleo = await _everybody(db, "Ben", "Cleo")
    await sweep(db, MEETING)
    await end(db, ben, now=MEETING)
    await fan_out(db, MEETING)
    assert await _reached(db) == [cleo.subscriber_id]


async def test_a_mailing_of_the_quiet_hours_waits_for_the_morning(db: Database) -> None:
    await _everybody(db, "Ada")
    await read(db, snapshot(publication(date(2023, 3, 29))), now=BEGIN)
    await read(db, snapshot(publication(date(2023, 5, 24))), now=london(2022, 9, 20, 21))
    await sweep(db, london(2022, 9, 20, 22))
    morning = london(2022, 9, 21, 9)
    async with db.read() as conn:
        assert await mailings.next_opening(conn) == morning
    assert await fan_out(db, morning - timedelta(seconds=1)) == 0
    assert await fan_out(db, morning) == 1
    async with db.read() as conn:
        assert await mailings.next_opening(conn) is None


async def test_a_stopped_mailing_is_expanded_no_further(db: Database) -> None:
    await _everybody(db, "Ada")
    await read(db, IP1783, now=BEGIN)
    await sweep(db, MEETING)
    async with db.write(Rank.WEB) as conn:
        await conn.execute(update(mailing).values(stopped_at=MEETING))
    assert await expand(db, now=MEETING, machine_now=MACHINE_NOW) is None


async def test_many_followers_are_expanded_in_chunks_each_exactly_once(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailings, "CHUNK", 2)
    everybody = await _everybody(db, "Ada", "Ben", "Cleo", "Dan", "Eve")
    await read(db, IP1783, now=BEGIN)
    await sweep(db, MEETING)
    chunks = [(row["lo"], row["hi"]) for row in await rows(db, expansion)]
    assert [lo for lo, _ in chunks[1:]] == [hi for _, hi in chunks[:-1]]
    assert (len(chunks), chunks[0][0], chunks[-1][1]) == (3, 0, everybody[-1].subscriber_id)
    made = [await expand(db, now=MEETING, machine_now=MACHINE_NOW) for _ in range(4)]
    assert made[-1] is None
    assert sum(one or 0 for one in made) == 5
    assert await _reached(db) == [one.subscriber_id for one in everybody]


async def test_a_death_between_two_chunks_or_inside_one_loses_and_doubles_nobody(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailings, "CHUNK", 2)
    everybody = await _everybody(db, "Ada", "Ben", "Cleo", "Dan", "Eve")
    await read(db, IP1783, now=BEGIN)
    await sweep(db, MEETING)
    await expand(db, now=MEETING, machine_now=MACHINE_NOW)
    async with refusing(db, "expansion", what="UPDATE"):  # the deliveries are written, `done_at` is not
        with pytest.raises(DBAPIError, match="disk full"):
            await expand(db, now=MEETING, machine_now=MACHINE_NOW)
    after_restart = Database(db.url)
    try:
        await fan_out(after_restart, MEETING)
    finally:
        await after_restart.dispose()
    assert await _reached(db) == [one.subscriber_id for one in everybody]
    assert all(row["done_at"] == MEETING for row in await rows(db, expansion))


async def test_two_expanders_at_the_same_time_double_nobody(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailings, "CHUNK", 1)
    everybody = await _everybody(db, "Ada", "Ben", "Cleo", "Dan", "Eve")
    await read(db, IP1783, now=BEGIN)
    await sweep(db, MEETING)
    other = Database(db.url)
    try:
        made = await asyncio.gather(fan_out(db, MEETING), fan_out(other, MEETING))
    finally:
        await other.dispose()
    assert sum(made) == 5
    assert await _reached(db) == [one.subscriber_id for one in everybody]


async def test_a_rhythm_that_changes_in_the_middle_of_a_chunk_loses_nobody(postgresql_url: URL) -> None:
    """On PostgreSQL each statement would else see another state: none would mail her or gather for her."""
    db = Database(postgresql_url)
    ada = await follow(db, "Ada", rhythm=Rhythm.DAILY)
    await read(db, IP1783, now=BEGIN)
    await sweep(db, MEETING)
    beside = create_engine(postgresql_url)
    changed: list[int] = []

    def change(_c: object, _u: object, statement: str, *_: object) -> None:
        if statement.lstrip().startswith("INSERT INTO delivery") and not changed:
            with beside.begin() as other:
                mine = subscription.c.id == ada.subscription_id
                changed.append(other.execute(update(subscription).where(mine).values(rhythm=0)).rowcount)

    event.listen(Engine, "after_cursor_execute", change)
    try:
        await expand(db, now=MEETING, machine_now=MACHINE_NOW)
    finally:
        event.remove(Engine, "after_cursor_execute", change)
        beside.dispose()
    assert changed == [1]
    assert len(await rows(db, delivery)) + len(await rows(db, gathered)) == 1
    await db.dispose()
