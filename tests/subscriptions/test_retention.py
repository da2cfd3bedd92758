"""The lifetimes of personal data: addresses go when their time is over, rows stay as evidence."""

from datetime import datetime, timedelta

from notifier.db import Database
from notifier.subscriptions.lifecycle import LinkState
from notifier.subscriptions.retention import forget
from notifier.subscriptions.tables import subscriber, subscription, subscription_history
from notifier.subscriptions.tokens import Purpose
from notifier.subscriptions.topics import procedure_topic
from tests.cast import BEGIN, SIGNER, ask, count, end, follow, press_confirm, rows, sign_up


def day(number: int) -> datetime:
    """Return the end of so many days since the beginning."""
    return BEGIN + timedelta(days=number, seconds=1)


async def _addresses(db: Database) -> list[str | None]:
    return [row["address"] for row in await rows(db, subscriber)]


async def test_an_address_that_is_never_confirmed_is_erased_after_seven_days(db: Database) -> None:
    await ask(db, "Ada")
    assert await forget(db, now=BEGIN + timedelta(days=7)) == 0
    assert await forget(db, now=day(7)) == 1
    [ada] = await rows(db, subscriber)
    assert (ada["address"], ada["address_key"], ada["state"]) == (None, None, "ended")
    [asked] = await rows(db, subscription)
    assert (asked["state"], asked["ended_reason"], asked["ended_at"]) == ("ended", "never confirmed", day(7))
    assert await count(db, subscription_history) == 1
    assert await forget(db, now=day(8)) == 0


async def test_the_link_of_an_erased_address_is_good_for_nothing(db: Database) -> None:
    await ask(db, "Ada")
    [asked] = await rows(db, subscription)
    await forget(db, now=day(7))
    link = SIGNER.sign(Purpose.CONFIRM, asked["id"], asked["nonce"])
    assert (await press_confirm(db, link, now=day(7))).state is LinkState.EXPIRED


async def test_who_follows_something_is_never_forgotten(db: Database) -> None:
    await follow(db, "Ada")
    await ask(db, "Ada", procedure_topic(1))
    assert await forget(db, now=day(4_000)) == 0
    assert await _addresses(db) == ["ada@example.org"]
    assert [row["state"] for row in await rows(db, subscription)] == ["active", "ended"]


async def test_who_stopped_is_forgotten_after_twenty_eight_days(db: Database) -> None:
    ada = await follow(db, "Ada")
    await end(db, ada, now=day(100))
    assert await forget(db, now=day(128)) == 0
    assert await forget(db, now=day(128) + timedelta(seconds=1)) == 1
    assert await _addresses(db) == [None]


async def test_who_still_follows_another_thing_is_not_forgotten(db: Database) -> None:
    ada = await follow(db, "Ada")
    await follow(db, "Ada", procedure_topic(1))
    await end(db, ada, now=day(1))
    assert await forget(db, now=day(100)) == 0


async def test_who_stopped_and_asked_again_keeps_the_time_to_confirm(db: Database) -> None:
    ada = await follow(db, "Ada")
    await end(db, ada, now=day(1))
    await ask(db, "Ada", now=day(40))
    assert await forget(db, now=day(46)) == 0
    assert await forget(db, now=day(47) + timedelta(seconds=1)) == 1


async def test_asking_again_begins_the_seven_days_anew(db: Database) -> None:
    await sign_up(db, "ada@example.org", now=BEGIN)
    await sign_up(db, "ada@example.org", now=day(6))
    assert await forget(db, now=day(7)) == 0
    assert await forget(db, now=day(13) + timedelta(seconds=1)) == 1


async def test_an_erased_address_can_come_back_as_somebody_new(db: Database) -> None:
    await ask(db, "Ada")
    await forget(db, now=day(7))
    await follow(db, "Ada", now=day(8))
    assert await _addresses(db) == [None, "ada@example.org"]


async def test_everybody_whose_time_is_over_is_counted(db: Database) -> None:
    for name in ("Ada", "Ben", "Cleo"):
        await ask(db, name)
    await follow(db, "Dan")
    assert await forget(db, now=day(7)) == 3
    assert await _addresses(db) == [None, None, None, "dan@example.org"]
