"""Leases: who sends what, and how it comes back from somebody who is heard of no more."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import URL, delete

from notifier.clock import machine_now
from notifier.db import Database, Rank
from notifier.delivery import owners
from notifier.delivery.model import DeliveryState
from notifier.delivery.owners import LEASE, MARGIN, Lease, Lost
from notifier.delivery.tables import owner
from tests.cast import rows
from tests.delivery.queue_cast import NOW, claim, expire, queue, register, states, stored

EXPIRED = NOW + LEASE


async def _renew(db: Database, lease: Lease, now: datetime) -> datetime:
    async with db.write(Rank.OUTCOMES) as conn:
        return await owners.renew(conn, lease, machine_now=now)


async def _take_back(db: Database, now: datetime) -> int:
    async with db.write(Rank.OUTCOMES) as conn:
        return await owners.take_back(conn, machine_now=now)


def test_a_letter_is_not_begun_close_to_the_end_of_the_lease() -> None:
    lease = Lease(1, NOW)
    assert lease.holds(NOW - MARGIN - timedelta(microseconds=1))
    assert not lease.holds(NOW - MARGIN)


async def test_every_registration_is_a_new_owner(db: Database) -> None:
    first, second = await register(db), await register(db)
    assert first.owner_id != second.owner_id
    assert first.expires_at == EXPIRED


async def test_a_lease_ends_at_its_very_instant(sqlite_db: Database) -> None:
    await queue(sqlite_db, "Ada")
    lease = await register(sqlite_db)
    await claim(sqlite_db, lease)
    assert [row["expires_at"] for row in await rows(sqlite_db, owner)] == [EXPIRED]
    assert await _take_back(sqlite_db, EXPIRED - timedelta(microseconds=1)) == 0
    assert await _take_back(sqlite_db, EXPIRED) == 1
    assert [(row["next_at"], row["taken_back"]) for row in await stored(sqlite_db)] == [(EXPIRED, 1)]


async def test_an_owner_that_renews_keeps_what_it_claimed(db: Database) -> None:
    await queue(db, "Ada")
    lease = await register(db)
    await claim(db, lease)
    later = NOW + timedelta(seconds=30)
    assert await _renew(db, lease, later) == later + LEASE
    assert await _take_back(db, EXPIRED) == 0
    assert await states(db) == [DeliveryState.SENDING]


async def test_an_owner_that_is_too_late_to_renew_learns_that_it_has_lost(db: Database) -> None:
    lease = await register(db)
    await expire(db, lease)
    with pytest.raises(Lost):
        await _renew(db, lease, NOW)
    assert lease.expires_at == NOW


async def test_what_an_expired_owner_was_sending_goes_back_to_the_queue(db: Database) -> None:
    await queue(db, "Ada", "Ben")
    dead, living = await register(db), await register(db)
    await claim(db, dead, limit=1)
    await claim(db, living)
    assert await _take_back(db, NOW) == 0
    await expire(db, dead)
    assert await _take_back(db, NOW) == 1
    ada, ben = await stored(db)
    assert (ada["state"], ada["owner_id"], ada["attempts"]) == (DeliveryState.PENDING, None, 0)
    assert (ben["state"], ben["owner_id"]) == (DeliveryState.SENDING, living.owner_id)
    with pytest.raises(Lost):
        await _renew(db, dead, NOW)


async def test_what_was_claimed_under_a_lease_that_is_gone_is_not_lost(db: Database) -> None:
    """A process that was frozen may claim once more before it learns that it was given up."""
    await queue(db, "Ada")
    frozen = await register(db)
    async with db.write(Rank.OUTCOMES) as conn:
        await conn.execute(delete(owner))
    await claim(db, frozen)
    assert await _take_back(db, NOW) == 1
    assert await states(db) == [DeliveryState.PENDING]


async def test_the_one_server_of_a_file_ends_every_other_lease(db: Database) -> None:
    await queue(db, "Ada")
    dead = await register(db)
    await claim(db, dead)
    async with db.write(Rank.OUTCOMES) as conn:
        await owners.expire_all(conn, machine_now=NOW)
    assert await _take_back(db, NOW) == 1
    assert (await register(db)).owner_id > dead.owner_id


async def test_an_owner_id_is_never_given_twice(db: Database) -> None:
    ids: list[int] = []
    for _ in range(3):
        lease = await register(db)
        ids.append(lease.owner_id)
        await expire(db, lease)
        await _take_back(db, NOW)
    assert ids == sorted(set(ids))
    assert [row["id"] for row in await rows(db, owner)] == ids[-1:]


@pytest.fixture
async def shared(postgresql_url: URL) -> AsyncIterator[Database]:
    """A database of several machines, each with a clock of its own."""
    database = Database(postgresql_url)
    yield database
    await database.dispose()


@pytest.mark.parametrize("minutes", [-10, 10])
async def test_a_machine_whose_clock_is_wrong_keeps_what_it_sends(shared: Database, minutes: int) -> None:
    await queue(shared, "Ada")
    here, there = machine_now(), machine_now() + timedelta(minutes=minutes)
    lease = await register(shared, machine_now=here)
    assert len(await claim(shared, lease, machine_now=here)) == 1
    assert await _take_back(shared, there) == 0
    other = await register(shared, machine_now=there)
    later = there + timedelta(seconds=10)
    assert await _renew(shared, other, later) == later + LEASE, "by its own clock it stops in time"
    await _renew(shared, lease, here + timedelta(seconds=10))
    async with shared.read() as conn:
        assert await owners.alive(conn, machine_now=there) == 2


async def test_a_machine_whose_clock_is_wrong_gives_up_what_it_lost(shared: Database) -> None:
    lease = await register(shared, machine_now=machine_now())
    await expire(shared, lease)
    behind = machine_now() - timedelta(minutes=10)
    with pytest.raises(Lost):
        await _renew(shared, lease, behind)
    assert not lease.holds(behind)
