"""How many people follow, and how many of them go, on both databases."""

from datetime import timedelta

from sqlalchemy import update

from notifier.db import Database, Rank
from notifier.subscriptions import audience
from notifier.subscriptions.audience import Following
from notifier.subscriptions.model import EndReason
from notifier.subscriptions.tables import subscription
from notifier.subscriptions.topics import EVERYTHING, Topic, TopicKind
from tests.cast import BEGIN, Person, end, follow

YESTERDAY = BEGIN + timedelta(days=9)
TODAY = YESTERDAY + timedelta(days=1)


async def following(db: Database) -> Following:
    async with db.read() as conn:
        return await audience.following(conn, YESTERDAY)


async def over(db: Database, person: Person) -> None:
    async with db.write(Rank.WEB) as conn:
        await conn.execute(
            update(subscription)
            .where(subscription.c.id == person.subscription_id)
            .values(ended_reason=EndReason.OVER)
        )


async def test_who_stopped_within_the_day_is_gone(db: Database) -> None:
    await follow(db, "Ada", now=BEGIN)
    ben = await follow(db, "Ben", now=BEGIN)
    await end(db, ben, now=TODAY - timedelta(hours=1))
    assert await following(db) == Following(before=2, gone=1)


async def test_who_stopped_before_or_came_since_does_not_count(db: Database) -> None:
    ada = await follow(db, "Ada", now=BEGIN)
    await end(db, ada, now=YESTERDAY - timedelta(hours=1))
    ben = await follow(db, "Ben", now=TODAY - timedelta(hours=2))
    await end(db, ben, now=TODAY - timedelta(hours=1))
    assert await following(db) == Following(before=0, gone=0)


async def test_who_still_follows_something_is_not_gone(db: Database) -> None:
    ada = await follow(db, "Ada", EVERYTHING, now=BEGIN)
    await follow(db, "Ada", Topic(kind=TopicKind.PROCESS, value="ip"), now=BEGIN)
    await end(db, ada, now=TODAY)
    assert await following(db) == Following(before=1, gone=0)


async def test_whose_following_ended_by_itself_is_not_gone(db: Database) -> None:
    ada = await follow(db, "Ada", now=BEGIN)
    await end(db, ada, now=TODAY)
    await over(db, ada)
    assert await following(db) == Following(before=0, gone=0)
