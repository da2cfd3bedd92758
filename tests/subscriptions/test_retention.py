"""The lifetimes of personal data: addresses go when their time is over, rows stay as evidence."""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from notifier.db import Database, Rank
from notifier.subscriptions.erasures import ErasureLog
from notifier.subscriptions.lifecycle import LinkState
from notifier.subscriptions.model import EndReason
from notifier.subscriptions.retention import forget
from notifier.subscriptions.suppression import suppress
from notifier.subscriptions.tables import (
    address_change,
    bounce,
    subscriber,
    subscription,
    subscription_history,
    suppression,
)
from notifier.subscriptions.tokens import Purpose
from notifier.subscriptions.topics import procedure_topic
from tests.cast import BEGIN, SIGNER, ask, count, end, follow, press_confirm, rows, sign_up


def day(number: int) -> datetime:
    """Return the end of so many days since the beginning."""
    return BEGIN + timedelta(days=number, seconds=1)


async def _forget(db: Database, now: datetime) -> int:
    return await forget(db, signer=SIGNER, now=now, machine_now=now)


async def _addresses(db: Database) -> list[str | None]:
    return [row["address"] for row in await rows(db, subscriber)]


async def test_an_address_that_is_never_confirmed_is_erased_after_seven_days(db: Database) -> None:
    await ask(db, "Ada")
    assert await _forget(db, BEGIN + timedelta(days=7)) == 0
    assert await _forget(db, day(7)) == 1
    [ada] = await rows(db, subscriber)
    assert (ada["address"], ada["address_key"], ada["state"]) == (None, None, "ended")
    [asked] = await rows(db, subscription)
    assert (asked["state"], asked["ended_reason"], asked["ended_at"]) == ("ended", "never confirmed", day(7))
    assert await count(db, subscription_history) == 1
    assert await _forget(db, day(8)) == 0


async def test_the_link_of_an_erased_address_is_good_for_nothing(db: Database) -> None:
    await ask(db, "Ada")
    [asked] = await rows(db, subscription)
    await _forget(db, day(7))
    link = SIGNER.sign(Purpose.CONFIRM, asked["id"], asked["nonce"])
    assert (await press_confirm(db, link, now=day(7))).state is LinkState.EXPIRED


async def test_who_follows_something_is_never_forgotten(db: Database) -> None:
    await follow(db, "Ada")
    await ask(db, "Ada", procedure_topic(1))
    assert await _forget(db, day(4_000)) == 0
    assert await _addresses(db) == ["ada@example.org"]
    assert [row["state"] for row in await rows(db, subscription)] == ["active", "ended"]


async def test_who_stopped_is_forgotten_after_twenty_eight_days(db: Database) -> None:
    ada = await follow(db, "Ada")
    await end(db, ada, now=day(100))
    assert await _forget(db, day(128)) == 0
    assert await _forget(db, day(128) + timedelta(seconds=1)) == 1
    assert await _addresses(db) == [None]


async def test_who_still_follows_another_thing_is_not_forgotten(db: Database) -> None:
    ada = await follow(db, "Ada")
    await follow(db, "Ada", procedure_topic(1))
    await end(db, ada, now=day(1))
    assert await _forget(db, day(100)) == 0


async def test_who_stopped_and_asked_again_keeps_the_time_to_confirm(db: Database) -> None:
    ada = await follow(db, "Ada")
    await end(db, ada, now=day(1))
    await ask(db, "Ada", now=day(40))
    assert await _forget(db, day(46)) == 0
    assert await _forget(db, day(47) + timedelta(seconds=1)) == 1


async def test_asking_again_begins_the_seven_days_anew(db: Database) -> None:
    await sign_up(db, "ada@example.org", now=BEGIN)
    await sign_up(db, "ada@example.org", now=day(6))
    assert await _forget(db, day(7)) == 0
    assert await _forget(db, day(13) + timedelta(seconds=1)) == 1


async def test_an_erased_address_can_come_back_as_somebody_new(db: Database) -> None:
    await ask(db, "Ada")
    await _forget(db, day(7))
    await follow(db, "Ada", now=day(8))
    assert await _addresses(db) == [None, "ada@example.org"]


async def test_everybody_whose_time_is_over_is_counted(db: Database) -> None:
    for name in ("Ada", "Ben", "Cleo"):
        await ask(db, name)
    await follow(db, "Dan")
    assert await _forget(db, day(7)) == 3
    assert await _addresses(db) == [None, None, None, "dan@example.org"]


async def test_what_was_erased_is_still_known_by_its_keyed_hash(db: Database) -> None:
    await ask(db, "Ada")
    await _forget(db, day(7))
    [ada] = await rows(db, subscriber)
    assert ada["address_hash"] == SIGNER.address_hash("ada@example.org")


async def test_a_new_address_is_forgotten_when_it_is_in_use_or_was_never_confirmed(db: Database) -> None:
    ada = await follow(db, "Ada")
    async with db.write(Rank.WEB) as conn:
        for name, done_at in (("new", None), ("used", BEGIN)):
            values = {"address": f"{name}@example.org", "address_key": f"{name}@example.org", "nonce": "n"}
            times = {"asked_at": BEGIN, "until": BEGIN, "done_at": done_at}
            await conn.execute(
                insert(address_change).values(subscriber_id=ada.subscriber_id, **values, **times)
            )
    await _forget(db, BEGIN + timedelta(days=7))
    assert [row["address"] for row in await rows(db, address_change)] == ["new@example.org", None]
    await _forget(db, day(7))
    assert [row["address_key"] for row in await rows(db, address_change)] == [None, None]


async def test_a_new_address_can_be_confirmed_still_when_it_goes_as_one_that_signed_up(db: Database) -> None:
    ada = await follow(db, "Ada")
    await ask(db, "Ben")
    async with db.write(Rank.WEB) as conn:
        wanted = {"address": "ben@example.org", "address_key": "ben@example.org", "nonce": "n"}
        times = {"asked_at": day(6), "until": day(8)}
        values = {"subscriber_id": ada.subscriber_id, **wanted, **times}
        await conn.execute(insert(address_change).values(values))
    assert await _forget(db, day(7)) == 1
    assert [row["address"] for row in await rows(db, address_change)] == ["ben@example.org"]


async def test_the_bytes_of_a_bounce_go_with_the_address_at_the_latest(db: Database) -> None:
    ada = await follow(db, "Ada")
    await end(db, ada, now=BEGIN)
    async with db.write(Rank.WEB) as conn:
        came = {"subscriber_id": ada.subscriber_id, "at": day(27), "raw": b"ada@example.org"}
        await conn.execute(insert(bounce).values(fingerprint="f", kind="hard", **came))
    assert await _forget(db, day(28)) == 1
    assert [row["raw"] for row in await rows(db, bounce)] == [None]


async def test_the_bytes_of_a_bounce_are_kept_for_seven_days(db: Database) -> None:
    async with db.write(Rank.WEB) as conn:
        await conn.execute(insert(bounce).values(fingerprint="f", kind="hard", at=BEGIN, raw=b"Received"))
    await _forget(db, BEGIN + timedelta(days=7))
    assert [row["raw"] for row in await rows(db, bounce)] == [b"Received"]
    await _forget(db, day(7))
    assert [(row["raw"], row["kind"]) for row in await rows(db, bounce)] == [(None, "hard")]


async def test_a_suppression_ends_at_its_instant_and_not_before(db: Database) -> None:
    async with db.write(Rank.WEB) as conn:
        await suppress(conn, "for-good", EndReason.OPERATOR, now=BEGIN, until=None)
        await suppress(conn, "a-while", EndReason.BOUNCED, now=BEGIN, until=day(7))
    await _forget(db, day(7) - timedelta(seconds=1))
    assert await count(db, suppression) == 2
    await _forget(db, day(7))
    assert [row["address_hash"] for row in await rows(db, suppression)] == ["for-good"]


async def test_who_was_erased_is_noted_beside_the_database_for_thirty_five_days(
    db: Database, tmp_path: Path
) -> None:
    await ask(db, "Ada")
    await _forget(db, day(7))
    log = ErasureLog(tmp_path / "both.db")
    await _forget(db, day(42))
    assert list(log.read()) == [SIGNER.address_hash("ada@example.org")]
    await _forget(db, day(43))
    assert log.read() == {}
