"""How many people an event would be told to: each once, under their fastest rhythm."""

from sqlalchemy import update

from notifier.db import Database, Rank
from notifier.events.interest import Preset
from notifier.events.model import EventKind
from notifier.subscriptions.audience import Rhythms, by_rhythm
from notifier.subscriptions.model import Rhythm
from notifier.subscriptions.tables import subscription
from notifier.subscriptions.topics import EVERYTHING, Topic, procedure_topic
from tests.cast import BEGIN, Person, ask, end, follow

ONE = procedure_topic(1)
TWO = procedure_topic(2)
OPENED = EventKind.OPENED.bit


async def _count(db: Database, *topics: Topic, bit: int = OPENED) -> Rhythms:
    async with db.read() as conn:
        return await by_rhythm(conn, topics, bit)


async def _slow(db: Database, person: Person, rhythm: Rhythm) -> None:
    async with db.write(Rank.WEB) as conn:
        mine = subscription.c.id == person.subscription_id
        await conn.execute(update(subscription).where(mine).values(rhythm=rhythm))


async def test_people_are_counted_by_how_soon_their_mail_comes(db: Database) -> None:
    for number, rhythm in enumerate((Rhythm.AT_ONCE, Rhythm.AT_ONCE, Rhythm.DAILY, Rhythm.WEEKLY)):
        await _slow(db, await follow(db, f"P{number}", ONE), rhythm)
    found = await _count(db, ONE)
    assert found == Rhythms(at_once=2, daily=1, weekly=1)
    assert found.everybody == 4


async def test_who_follows_twice_counts_once_under_the_fastest_rhythm(db: Database) -> None:
    await _slow(db, await follow(db, "Ada", EVERYTHING), Rhythm.WEEKLY)
    await _slow(db, await follow(db, "Ada", ONE), Rhythm.DAILY)
    assert await _count(db, EVERYTHING, ONE) == Rhythms(daily=1)
    assert await _count(db, EVERYTHING) == Rhythms(weekly=1)


async def test_the_fastest_rhythm_is_that_of_what_chose_this_kind(db: Database) -> None:
    await follow(db, "Ada", ONE, preset=Preset.OPENINGS)
    await _slow(db, await follow(db, "Ada", EVERYTHING), Rhythm.WEEKLY)
    assert await _count(db, EVERYTHING, ONE) == Rhythms(at_once=1)
    assert await _count(db, EVERYTHING, ONE, bit=EventKind.MEETING.bit) == Rhythms(weekly=1)


async def test_nobody_counts_who_did_not_confirm_has_stopped_or_follows_something_else(db: Database) -> None:
    await ask(db, "Ada", ONE)
    await end(db, await follow(db, "Ben", ONE), now=BEGIN)
    await follow(db, "Cleo", TWO)
    assert await _count(db, ONE) == Rhythms()


async def test_no_topic_is_nobody(sqlite_db: Database) -> None:
    await follow(sqlite_db, "Ada")
    assert await _count(sqlite_db) == Rhythms()
