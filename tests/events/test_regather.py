"""What waits for a digest follows its reader to another rhythm, and comes back with a stop that is undone."""

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, text

from notifier.db import Database, Rank
from notifier.delivery.tables import delivery
from notifier.events import preferences
from notifier.events.interest import Preset
from notifier.events.regather import _GATHER_MISSED
from notifier.events.tables import gathered, mailing
from notifier.subscriptions.model import Rhythm
from notifier.subscriptions.topics import EVERYTHING, procedure_topic
from tests.cast import (
    BEGIN,
    Person,
    claim_letters,
    fan_out,
    follow,
    london,
    meeting,
    read,
    rows,
    snapshot,
    sweep,
)
from tests.events.test_preferences import hand_of

NOW = london(2022, 9, 8)
HERE, THERE = (snapshot(meeting("ipac-1", date(2022, 9, 8)), number=number) for number in (8, 9))


@pytest.fixture
async def followed(db: Database) -> Person:
    """Ada follows everything; two meetings are announced."""
    await read(db, HERE, now=BEGIN)
    await read(db, THERE, now=BEGIN)
    return await follow(db, "Ada", EVERYTHING)


async def gather(
    db: Database, person: Person, seq: int, rhythm: Rhythm, *, mailed: int | None = None
) -> None:
    async with db.write(Rank.EXPAND) as conn:
        values = {"subscriber_id": person.subscriber_id, "event_seq": seq, "rhythm": rhythm}
        await conn.execute(insert(gathered).values(**values, mailing_id=mailed))


async def waiting(db: Database) -> list[tuple[int, int]]:
    """Return the events that wait for a digest, each with its rhythm."""
    return [
        (row["event_seq"], row["rhythm"]) for row in await rows(db, gathered) if row["mailing_id"] is None
    ]


@pytest.mark.parametrize(
    ("chosen", "comes_with"),
    [(Rhythm.AT_ONCE, 1), (Rhythm.DAILY, 1), (Rhythm.WEEKLY, 2)],
)
async def test_what_was_gathered_comes_with_the_rhythm_that_is_chosen_now(
    db: Database, followed: Person, chosen: Rhythm, comes_with: int
) -> None:
    await sweep(db, NOW)
    before = Rhythm.WEEKLY if chosen is Rhythm.DAILY else Rhythm.DAILY
    hand = await hand_of(db)
    await preferences.change(db, hand, followed.subscription_id, preset=None, rhythm=before)
    await gather(db, followed, 1, before)
    await preferences.change(db, hand, followed.subscription_id, preset=None, rhythm=chosen)
    assert await waiting(db) == [(1, comes_with)]


async def test_the_fastest_rhythm_that_matches_an_event_decides(db: Database, followed: Person) -> None:
    here = await read(db, HERE, now=BEGIN)
    one = await follow(db, "Ada", procedure_topic(here.procedure_id))
    await sweep(db, NOW)
    hand = await hand_of(db)
    await preferences.change(db, hand, one.subscription_id, preset=None, rhythm=Rhythm.DAILY)
    await preferences.change(db, hand, followed.subscription_id, preset=None, rhythm=Rhythm.DAILY)
    await gather(db, followed, 1, Rhythm.DAILY)
    await gather(db, followed, 2, Rhythm.DAILY)
    await preferences.change(db, hand, followed.subscription_id, preset=None, rhythm=Rhythm.WEEKLY)
    assert sorted(rhythm for _, rhythm in await waiting(db)) == [1, 2]


async def test_what_was_mailed_and_what_others_wait_for_stays(db: Database, followed: Person) -> None:
    ben = await follow(db, "Ben")
    await sweep(db, NOW)
    [sent] = [row["id"] for row in await rows(db, mailing) if row["id"] > 0]
    await gather(db, followed, 1, Rhythm.DAILY, mailed=sent)
    await gather(db, ben, 1, Rhythm.DAILY)
    hand = await hand_of(db)
    await preferences.change(db, hand, followed.subscription_id, preset=None, rhythm=Rhythm.WEEKLY)
    assert [row["rhythm"] for row in await rows(db, gathered)] == [1, 1]


async def test_an_undone_stop_gathers_what_was_announced_meanwhile(db: Database, followed: Person) -> None:
    await follow(db, "Ben")
    hand = await hand_of(db)
    await claim_letters(db, BEGIN)
    await preferences.stop_one(db, hand, followed.subscription_id)
    await sweep(db, NOW)
    await fan_out(db, NOW)
    assert await waiting(db) == []
    await preferences.undo(db, await hand_of(db, now=NOW), followed.subscription_id)
    assert await waiting(db) == [(1, 1), (2, 1)]


async def test_an_undone_stop_brings_back_the_mail_that_it_kept_from_being_sent(
    db: Database, followed: Person
) -> None:
    hand = await hand_of(db, now=NOW)
    await claim_letters(db, BEGIN)
    await sweep(db, NOW)
    await fan_out(db, NOW)
    await preferences.stop_one(db, hand, followed.subscription_id)
    assert await claim_letters(db, NOW) == []
    await preferences.undo(db, hand, followed.subscription_id)
    assert await waiting(db) == [(1, 1), (2, 1)]


async def test_an_undone_stop_doubles_nothing(db: Database, followed: Person) -> None:
    """What was told before, what waits in another mail, and what is still fanned out is not gathered too."""
    here = await read(db, HERE, now=BEGIN)
    one = await follow(db, "Ada", procedure_topic(here.procedure_id))
    hand = await hand_of(db, now=NOW)
    await claim_letters(db, BEGIN)
    await preferences.stop_one(db, hand, followed.subscription_id)
    await sweep(db, NOW)
    await preferences.undo(db, hand, followed.subscription_id)
    assert await waiting(db) == [], "the fan-out is still to come"
    assert await fan_out(db, NOW) == 1
    await preferences.stop_one(db, hand, one.subscription_id)
    await preferences.undo(db, hand, one.subscription_id)
    assert await waiting(db) == [], "a mail with it waits"
    [letter] = await claim_letters(db, NOW)
    await preferences.stop_one(db, hand, one.subscription_id)
    await preferences.undo(db, hand, one.subscription_id)
    assert await waiting(db) == [], "it is on its way"
    assert letter.delivery_id == (await rows(db, delivery))[-1]["id"]


async def test_what_nobody_is_mailed_is_not_gathered_either(db: Database, followed: Person) -> None:
    hand = await hand_of(db, now=NOW)
    await preferences.change(
        db, hand, followed.subscription_id, preset=Preset.OPENINGS, rhythm=Rhythm.AT_ONCE
    )
    await preferences.stop_one(db, hand, followed.subscription_id)
    await sweep(db, NOW)
    await preferences.undo(db, await hand_of(db, now=NOW + timedelta(days=1)), followed.subscription_id)
    assert await waiting(db) == []


async def test_an_undone_stop_brings_back_what_a_mail_left_out_because_of_it(
    db: Database, followed: Person
) -> None:
    here = await read(db, HERE, now=BEGIN)
    await follow(db, "Ada", procedure_topic(here.procedure_id))
    hand = await hand_of(db, now=NOW)
    await claim_letters(db, BEGIN)
    await sweep(db, NOW)
    await fan_out(db, NOW)
    await preferences.stop_one(db, hand, followed.subscription_id)
    [letter] = await claim_letters(db, NOW)
    assert len(letter.about) == 1
    await preferences.undo(db, hand, followed.subscription_id)
    assert [rhythm for _, rhythm in await waiting(db)] == [1]


async def test_an_undone_stop_gathers_what_was_recorded_before_it_and_fanned_out_without_it(
    db: Database, followed: Person
) -> None:
    """A change of the quiet hours: recorded, stopped, mailed in the morning to everybody else, undone."""
    await follow(db, "Ben")
    await claim_letters(db, BEGIN)
    evening, morning = london(2022, 9, 5, 20), london(2022, 9, 6)
    await read(db, snapshot(meeting("ipac-1", date(2022, 9, 15)), number=8), now=evening)
    await sweep(db, evening + timedelta(hours=1))
    stopped = await hand_of(db, now=evening + timedelta(hours=2))
    await preferences.stop_one(db, stopped, followed.subscription_id)
    assert await fan_out(db, morning) == 1, "to Ben alone"
    undone = await hand_of(db, now=morning + timedelta(hours=1))
    await preferences.undo(db, undone, followed.subscription_id)
    assert await waiting(db) == [(1, 1)]


async def test_what_was_fanned_out_before_a_stop_and_told_by_another_mail_is_not_gathered(
    db: Database, followed: Person
) -> None:
    """The other subscription had it fanned out during the stop, and told."""
    here = await read(db, HERE, now=BEGIN)
    await follow(db, "Ada", procedure_topic(here.procedure_id))
    hand = await hand_of(db, now=NOW)
    await claim_letters(db, BEGIN)
    await sweep(db, NOW)
    await preferences.stop_one(db, hand, followed.subscription_id)
    await fan_out(db, NOW)
    assert len(await claim_letters(db, NOW)) == 1
    await preferences.undo(db, hand, followed.subscription_id)
    assert await waiting(db) == [(2, 1)]


async def test_what_a_closed_digest_carries_stays_in_it(db: Database, followed: Person) -> None:
    here = await read(db, HERE, now=BEGIN)
    one = await follow(db, "Ada", procedure_topic(here.procedure_id))
    hand = await hand_of(db, now=NOW)
    for each in (followed, one):
        await preferences.change(db, hand, each.subscription_id, preset=None, rhythm=Rhythm.DAILY)
    await claim_letters(db, BEGIN)
    await sweep(db, NOW)
    assert await fan_out(db, NOW) == 1, "the daily mail, which waits"
    await preferences.stop_one(db, hand, one.subscription_id)
    await preferences.undo(db, hand, one.subscription_id)
    await preferences.stop_one(db, hand, followed.subscription_id)
    await preferences.undo(db, hand, followed.subscription_id)
    assert await waiting(db) == []
    [letter] = await claim_letters(db, NOW)
    assert len(letter.about) == 2


async def test_what_a_digest_left_out_because_of_a_stop_comes_with_the_next(
    db: Database, followed: Person
) -> None:
    hand = await hand_of(db, now=NOW)
    await preferences.change(db, hand, followed.subscription_id, preset=None, rhythm=Rhythm.DAILY)
    await claim_letters(db, BEGIN)
    await sweep(db, NOW)
    await fan_out(db, NOW)
    await preferences.stop_one(db, hand, followed.subscription_id)
    assert await claim_letters(db, NOW) == []
    await preferences.undo(db, hand, followed.subscription_id)
    assert await waiting(db) == [(1, 1), (2, 1)]


async def test_nothing_is_looked_for_by_reading_whole_tables(sqlite_db: Database) -> None:
    async with sqlite_db.read() as conn:
        plan = await conn.execute(
            text(f"EXPLAIN QUERY PLAN {_GATHER_MISSED.text}"), {"subscription": 1, "looked_back": 1}
        )
        steps = [row.detail for row in plan]
    assert [step for step in steps if step.startswith("SCAN")] == []
